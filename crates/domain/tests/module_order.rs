//! The modules of the domain and of the test kit depend on each other in one direction, without cycles.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};
use syn::{Item, ItemMod, ItemUse, UseTree};

/// The modules that each module uses.
type Graph = BTreeMap<String, BTreeSet<String>>;

#[test]
fn the_modules_of_the_domain_have_no_cycle() {
    assert_no_cycle("src");
}

#[test]
fn the_modules_of_the_test_kit_have_no_cycle() {
    assert_no_cycle("../testkit/src");
}

#[test]
fn a_cycle_is_found() {
    let graph = |edges: &[(&str, &str)]| -> Graph {
        edges.iter().map(|(from, to)| ((*from).to_owned(), BTreeSet::from([(*to).to_owned()]))).collect()
    };
    assert_eq!(cyclic(graph(&[("a", "b"), ("b", "c")])), BTreeSet::new());
    assert_eq!(cyclic(graph(&[("a", "b"), ("b", "c"), ("c", "b")])).len(), 3);
}

fn assert_no_cycle(source: &str) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(source);
    let graph = graph(&source);
    assert!(graph.values().any(|used| !used.is_empty()), "the modules were not understood");
    assert_eq!(cyclic(graph), BTreeSet::new(), "these modules are in a cycle, or use one that is");
}

/// The modules that are left when those that use no others are removed, again and again.
fn cyclic(mut graph: Graph) -> BTreeSet<String> {
    loop {
        let known: BTreeSet<String> = graph.keys().cloned().collect();
        let before = graph.len();
        graph.retain(|_, used| used.iter().any(|module| known.contains(module)));
        if graph.len() == before {
            return known;
        }
    }
}

fn graph(source: &Path) -> Graph {
    let (mut modules, mut exports) = (Vec::new(), BTreeMap::new());
    for item in parse(&source.join("lib.rs")).items {
        match item {
            Item::Mod(item) => modules.push(item.ident.to_string()),
            Item::Use(item) => drop(names(&item.tree, None).map(|(root, name)| exports.insert(name, root)).count()),
            _ => {}
        }
    }
    let uses = |module: &String| {
        let mut paths = Paths::default();
        for file in files(source, module) {
            paths.visit_file(&parse(&file));
        }
        let used = paths.0.iter().map(|name| exports.get(name).unwrap_or(name));
        used.filter(|used| *used != module && modules.contains(used)).cloned().collect()
    };
    modules.iter().map(|module| (module.clone(), uses(module))).collect()
}

/// The last name of each path of a `use` tree, with the first.
fn names<'a>(tree: &'a UseTree, root: Option<String>) -> Box<dyn Iterator<Item = (String, String)> + 'a> {
    match tree {
        UseTree::Path(path) => names(&path.tree, root.or_else(|| Some(path.ident.to_string()))),
        UseTree::Group(group) => Box::new(group.items.iter().flat_map(move |tree| names(tree, root.clone()))),
        UseTree::Name(name) => Box::new(root.map(|root| (root, name.ident.to_string())).into_iter()),
        UseTree::Rename(name) => Box::new(root.map(|root| (root, name.rename.to_string())).into_iter()),
        UseTree::Glob(_) => Box::new(std::iter::empty()),
    }
}

/// The names that follow `crate::` outside of tests.
#[derive(Default)]
struct Paths(BTreeSet<String>);

impl Paths {
    fn add_heads(&mut self, tree: &UseTree) {
        match tree {
            UseTree::Path(path) => drop(self.0.insert(path.ident.to_string())),
            UseTree::Name(name) => drop(self.0.insert(name.ident.to_string())),
            UseTree::Rename(name) => drop(self.0.insert(name.ident.to_string())),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.add_heads(tree)),
            UseTree::Glob(_) => {}
        }
    }
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if item.ident != "tests" {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        if let UseTree::Path(path) = &item.tree
            && path.ident == "crate"
        {
            self.add_heads(&path.tree);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let mut segments = path.segments.iter().map(|segment| segment.ident.to_string());
        if segments.next().is_some_and(|first| first == "crate") {
            self.0.extend(segments.next());
        }
        visit::visit_path(self, path);
    }
}

/// The files of a module: its own, and all in its folder.
fn files(source: &Path, module: &str) -> Vec<PathBuf> {
    let mut files = vec![source.join(format!("{module}.rs"))];
    let mut folders = vec![source.join(module)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(folder) else { continue };
        for path in entries.map(|entry| entry.expect("the folder is readable").path()) {
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.retain(|file| file.exists() && file.extension().is_some_and(|extension| extension == "rs"));
    files
}

fn parse(path: &Path) -> syn::File {
    let text = fs::read_to_string(path).expect("the source is readable UTF-8");
    syn::parse_file(&text).expect("the source is Rust")
}
