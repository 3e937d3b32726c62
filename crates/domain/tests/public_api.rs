//! The public API is the one recorded in `public-api.txt`, so that a change to it is reviewed.
//!
//! To record it anew: `HEADROOM_UPDATE_PUBLIC_API=1 cargo test -p domain --test public_api`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit_mut::{self, VisitMut};
use syn::{
    Attribute, Block, Field, Fields, File, ImplItem, Item, ItemImpl, ItemMacro, ItemMod, ItemStruct, ItemUse, Macro,
    Type, UseTree, Visibility, parse_quote,
};

const UPDATE: &str = "HEADROOM_UPDATE_PUBLIC_API";

#[test]
fn the_public_api_is_the_recorded_one() {
    let package = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let items = public_items(&package.join("src/lib.rs"), None);
    let mut api = File { shebang: None, frontmatter: None, attrs: Vec::new(), items };
    Signatures.visit_file_mut(&mut api);
    let actual = prettyplease::unparse(&api);
    let snapshot = package.join("public-api.txt");
    if env::var_os(UPDATE).is_some() {
        fs::write(&snapshot, &actual).expect("the snapshot can be written");
    }
    let recorded = fs::read_to_string(&snapshot).unwrap_or_default();
    let is_same = recorded == actual;
    assert!(is_same, "The public API changed:\n{}If this is meant, set {UPDATE}=1.", differences(&recorded, &actual));
}

/// The lines that only one of the two texts has.
fn differences(recorded: &str, actual: &str) -> String {
    let (old, new): (BTreeSet<&str>, BTreeSet<&str>) = (recorded.lines().collect(), actual.lines().collect());
    let removed = old.difference(&new).map(|line| format!("- {line}\n"));
    removed.chain(new.difference(&old).map(|line| format!("+ {line}\n"))).collect()
}

/// The public items of a file and of the modules that it re-exports; only those of the given names,
/// if any are given.
fn public_items(path: &Path, names: Option<&BTreeSet<String>>) -> Vec<Item> {
    let text = fs::read_to_string(path).expect("the source is readable UTF-8");
    let file = syn::parse_file(&text).expect("the source is Rust");
    let is_named = |name: &str| names.is_none_or(|names| names.contains(name));
    let mut found = Vec::new();
    for item in file.items {
        match item {
            Item::Use(ItemUse { vis: Visibility::Public(_), ref tree, .. }) => match re_export(path, tree) {
                Some((module, names)) => {
                    let items = public_items(&module, Some(&names));
                    assert!(!items.is_empty(), "{} has none of {names:?}", module.display());
                    found.extend(items);
                }
                None => found.push(item),
            },
            Item::Mod(ItemMod { vis: Visibility::Public(_), ident, .. }) => {
                let items = public_items(&module_file(path, &ident.to_string()).expect("the module has a file"), None);
                found.push(parse_quote! { pub mod #ident { #(#items)* } });
            }
            Item::Impl(mut block) if is_named(&self_type(&block)) => {
                block.items.retain(|item| block.trait_.is_none() && is_public_in_impl(item));
                found.extend((block.trait_.is_some() || !block.items.is_empty()).then_some(Item::Impl(block)));
            }
            // The items that a macro of this crate makes are recorded as its definition and its
            // calls.
            Item::Macro(ItemMacro { ident: Some(_), .. }) => found.push(item),
            Item::Macro(mut call) => {
                call.mac.tokens = without_docs(call.mac.tokens);
                let name = call.mac.tokens.clone().into_iter().next().map(|token| token.to_string());
                found.extend(name.is_some_and(|name| is_named(&name)).then_some(Item::Macro(call)));
            }
            _ => found.extend(public_name(&item).is_some_and(|name| is_named(&name)).then_some(item)),
        }
    }
    found
}

/// The name of an item that is public.
fn public_name(item: &Item) -> Option<String> {
    let (vis, name) = match item {
        Item::Const(it) => (&it.vis, &it.ident),
        Item::Enum(it) => (&it.vis, &it.ident),
        Item::Fn(it) => (&it.vis, &it.sig.ident),
        Item::Struct(it) => (&it.vis, &it.ident),
        Item::Trait(it) => (&it.vis, &it.ident),
        Item::Type(it) => (&it.vis, &it.ident),
        _ => return None,
    };
    matches!(vis, Visibility::Public(_)).then(|| name.to_string())
}

fn is_public_in_impl(item: &ImplItem) -> bool {
    match item {
        ImplItem::Const(it) => matches!(it.vis, Visibility::Public(_)),
        ImplItem::Fn(it) => matches!(it.vis, Visibility::Public(_)),
        _ => false,
    }
}

fn self_type(block: &ItemImpl) -> String {
    let Type::Path(path) = &*block.self_ty else { return String::new() };
    path.path.segments.last().map_or_else(String::new, |segment| segment.ident.to_string())
}

/// The file of the module and the names that a `pub use module::…` re-exports; `None` for one of
/// another crate.
fn re_export(path: &Path, tree: &UseTree) -> Option<(PathBuf, BTreeSet<String>)> {
    let UseTree::Path(module) = tree else { return None };
    if module.ident == "crate" {
        return re_export(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs"), &module.tree);
    }
    let mut names = BTreeSet::new();
    let leaves = match &*module.tree {
        UseTree::Group(group) => group.items.iter().collect(),
        leaf => vec![leaf],
    };
    for leaf in leaves {
        let UseTree::Name(leaf) = leaf else { return None };
        names.insert(leaf.ident.to_string());
    }
    Some((module_file(path, &module.ident.to_string())?, names))
}

/// The file of a module that is declared in the file `path`.
fn module_file(path: &Path, module: &str) -> Option<PathBuf> {
    let folder = match path.file_stem()?.to_str()? {
        "lib" | "mod" => path.parent()?.to_owned(),
        _ => path.with_extension(""),
    };
    [format!("{module}.rs"), format!("{module}/mod.rs")]
        .into_iter()
        .map(|file| folder.join(file))
        .find(|it| it.exists())
}

/// Drops `#[doc = …]` from the arguments of a macro.
fn without_docs(tokens: TokenStream) -> TokenStream {
    let mut kept: Vec<TokenTree> = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) if group.stream().to_string().starts_with("doc =") => drop(kept.pop()),
            TokenTree::Group(group) => {
                let inner = without_docs(group.stream());
                kept.push(proc_macro2::Group::new(group.delimiter(), inner).into());
            }
            token => kept.push(token),
        }
    }
    kept.into_iter().collect()
}

/// Leaves signatures: no bodies, no private fields, no documentation.
struct Signatures;

impl VisitMut for Signatures {
    fn visit_attributes_mut(&mut self, attributes: &mut Vec<Attribute>) {
        attributes.retain(|attribute| attribute.path().is_ident("derive"));
    }

    fn visit_block_mut(&mut self, block: &mut Block) {
        block.stmts.clear();
    }

    fn visit_item_struct_mut(&mut self, item: &mut ItemStruct) {
        let is_public = |field: &Field| matches!(field.vis, Visibility::Public(_));
        match &mut item.fields {
            Fields::Named(fields) => {
                fields.named = fields.named.iter().filter(|field| is_public(field)).cloned().collect();
            }
            Fields::Unnamed(fields) => {
                fields.unnamed = fields.unnamed.iter().filter(|field| is_public(field)).cloned().collect();
            }
            Fields::Unit => {}
        }
        visit_mut::visit_item_struct_mut(self, item);
    }

    fn visit_macro_mut(&mut self, call: &mut Macro) {
        call.tokens = without_docs(call.tokens.clone());
    }
}
