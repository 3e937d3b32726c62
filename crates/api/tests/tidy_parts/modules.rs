//! The modules of each crate depend on each other in one direction: no cycles, at any level of the
//! tree.
//!
//! A module depends on another if its code names a path into it: `crate::…`, `super::…`, or the
//! head of a `use`. A path to an item that a parent re-exports leads to the module where the item
//! lives. Test modules may name anything.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::{assert_none, is_rust, read, tracked_files};

/// The roots of the crates of this workspace.
const CRATES: [&str; 7] = [
    "crates/domain/src/lib.rs",
    "crates/storage/src/lib.rs",
    "crates/api/src/lib.rs",
    "crates/api/benches/load/main.rs",
    "crates/testkit/src/lib.rs",
    "crates/clients/rust/src/lib.rs",
    "crates/mcp/src/lib.rs",
];

#[test]
fn the_modules_of_a_crate_form_no_cycle() {
    let cycles = CRATES.iter().flat_map(|root| {
        let (folder, _) = root.rsplit_once('/').expect("a crate's root is in a folder");
        let of_crate = |file: &String| is_rust(file) && file.starts_with(&format!("{folder}/"));
        let files = tracked_files().into_iter().filter(of_crate);
        let sources = files.filter_map(|file| Some((module_of(&file, folder), read(&file)?)));
        let graph = Crate::parse(sources);
        graph.cycles().into_iter().map(move |cycle| format!("{root}: {cycle}"))
    });
    assert_none(&cycles.collect::<Vec<_>>());
}

#[test]
fn a_cycle_between_modules_is_found() {
    let cycles = |sources: &[(&str, &str)]| {
        let path = |module: &str| module.split("::").filter(|it| !it.is_empty()).map(str::to_owned).collect();
        Crate::parse(sources.iter().map(|(module, text)| (path(module), (*text).to_owned()))).cycles()
    };
    let root = ("", "mod a; mod b; mod c; pub use b::Item; fn own() {}");
    for (a, b, expected) in [
        ("use crate::b::Item;", "use crate::a::Other;", &["a -> b -> a"][..]),
        ("use crate::Item;", "fn f() { super::a::g() }", &["a -> b -> a"]),
        ("use crate::{c::X, b};", "macro_rules! m { () => { crate::a::g() } }", &["a -> b -> a"]),
        ("use super::b::{self, Item};", "// crate::a\nconst A: &str = \"crate::a\";", &[]),
        ("use crate::b::Item;", "#[cfg(test)]\nmod tests { use crate::a::Other; }", &[]),
        ("use crate::b::Item;", "use std::a::Other; use self::a::Other;", &[]),
    ] {
        assert_eq!(cycles(&[root, ("a", a), ("b", b), ("c", "")]), expected, "{a} {b}");
    }
    assert_eq!(
        cycles(&[("", "mod a; fn own() { a::f() }"), ("a", "fn f() { crate::own() }")]),
        ["(root) -> a -> (root)"]
    );
    let nested = [("a", "mod x; mod y;"), ("a::x", "use super::y::Y;"), ("a::y", "use crate::a::x::X;")];
    assert_eq!(cycles(&[("", "mod a;"), nested[0], nested[1], nested[2]]), ["a::x -> a::y -> a::x"]);
    let through = [("a", "mod x;"), ("a::x", "use super::super::b::B;"), ("b", "use crate::a::A;")];
    assert_eq!(cycles(&[("", "mod a; mod b;"), through[0], through[1], through[2]]), ["a -> b -> a"]);
}

/// The path of the module in a file.
fn module_of(file: &str, folder: &str) -> Vec<String> {
    let inside = file.strip_prefix(folder).and_then(|it| it.strip_suffix(".rs")).unwrap_or_default();
    let mut path: Vec<String> = inside.split('/').filter(|it| !it.is_empty()).map(str::to_owned).collect();
    if path.last().is_some_and(|it| it == "mod") || ["lib", "main"].map(|it| vec![it.to_owned()]).contains(&path) {
        path.pop();
    }
    path
}

/// A path of names from the crate's root.
type Path = Vec<String>;

/// The modules of a crate with the names that they use and re-export.
#[derive(Default)]
struct Crate {
    /// The paths that each module's code names, from the root.
    named: BTreeMap<Path, BTreeSet<Path>>,
    /// Where an item lives that a module re-exports or imports, by its path there.
    imports: BTreeMap<Path, Path>,
}

impl Crate {
    fn parse(sources: impl Iterator<Item = (Path, String)>) -> Self {
        let mut parsed = Self::default();
        let sources: Vec<_> = sources.collect();
        for (module, _) in &sources {
            parsed.named.entry(module.clone()).or_default();
        }
        for (module, text) in sources {
            let tokens = text.parse::<TokenStream>().unwrap_or_else(|error| panic!("{module:?}: {error}"));
            parsed.scan(&module, &without_tests(tokens));
        }
        parsed
    }

    /// Notes each path in `tokens` that begins at the root, at a parent, or at a child of the
    /// module.
    fn scan(&mut self, module: &Path, tokens: &[TokenTree]) {
        for at in 0..tokens.len() {
            match &tokens[at] {
                TokenTree::Group(group) => {
                    self.scan(module, &group.stream().into_iter().collect::<Vec<_>>());
                }
                TokenTree::Ident(name) if name == "use" => {
                    let end = tokens[at..].iter().position(|it| is_punct(Some(it), ';'));
                    let tree = &tokens[at + 1..at + end.unwrap_or(tokens.len() - at)];
                    for path in use_paths(tree) {
                        self.note_import(module, &path);
                    }
                }
                TokenTree::Ident(_) if !is_path_before(tokens, at) => {
                    let path = path_at(tokens, at);
                    if path.len() > 1 {
                        self.note(module, &path);
                    }
                }
                _ => {}
            }
        }
    }

    fn note_import(&mut self, module: &Path, path: &Path) {
        if let (Some(target), Some(name)) = (self.absolute(module, path), path.last()) {
            self.imports.insert([&module[..], std::slice::from_ref(name)].concat(), target);
        }
        self.note(module, path);
    }

    fn note(&mut self, module: &Path, path: &Path) {
        if let Some(target) = self.absolute(module, path) {
            self.named.entry(module.clone()).or_default().insert(target);
        }
    }

    /// The path from the root; `None` if it leads out of the crate.
    fn absolute(&self, module: &Path, path: &Path) -> Option<Path> {
        let mut target = match path.first()?.as_str() {
            "crate" => Vec::new(),
            "self" | "super" => module.clone(),
            child => {
                let child = [&module[..], &[child.to_owned()]].concat();
                return self.named.contains_key(&child).then(|| [&module[..], path].concat());
            }
        };
        for name in path {
            match name.as_str() {
                "crate" | "self" => {}
                "super" => drop(target.pop()),
                name => target.push(name.to_owned()),
            }
        }
        Some(target)
    }

    /// The module that an absolute path leads into, through re-exports.
    fn resolve(&self, path: &Path) -> Path {
        let (mut path, mut steps) = (path.clone(), 0);
        loop {
            let depth = (0..=path.len()).rev().find(|&depth| self.named.contains_key(&path[..depth])).unwrap_or(0);
            let import = self.imports.get(path.get(..=depth).unwrap_or_default());
            match import {
                Some(target) if steps < 8 && path[..=depth] != target[..] => {
                    path = [&target[..], &path[depth + 1..]].concat();
                    steps += 1;
                }
                _ => return path[..depth].to_vec(),
            }
        }
    }

    /// The edges between the children of each module, by the parent. The root itself is one of its
    /// children here: what it defines depends on what its code names.
    fn edges(&self) -> BTreeMap<Path, BTreeMap<String, BTreeSet<String>>> {
        let mut edges = BTreeMap::<Path, BTreeMap<String, BTreeSet<String>>>::new();
        for (module, named) in &self.named {
            for path in named {
                let is_import =
                    module.is_empty() && self.imports.get(&path[path.len().saturating_sub(1)..]) == Some(path);
                let target = self.resolve(path);
                let shared = module.iter().zip(&target).take_while(|(a, b)| a == b).count();
                let name = |path: &Path| path.get(shared).cloned();
                let (from, to) = match (name(module), name(&target)) {
                    (Some(from), Some(to)) => (from, to),
                    (Some(from), None) if shared == 0 => (from, "(root)".to_owned()),
                    (None, Some(to)) if shared == 0 && !is_import => ("(root)".to_owned(), to),
                    _ => continue,
                };
                edges.entry(module[..shared].to_vec()).or_default().entry(from).or_default().insert(to);
            }
        }
        edges
    }

    /// A cycle for each parent whose children have one.
    fn cycles(&self) -> Vec<String> {
        let found = self.edges().into_iter().filter_map(|(parent, edges)| {
            let cycle = edges.keys().filter_map(|start| shortest_cycle(&edges, start)).min_by_key(Vec::len)?;
            let full = |name: &String| [&parent[..], std::slice::from_ref(name)].concat().join("::");
            Some(cycle.iter().map(full).collect::<Vec<_>>().join(" -> "))
        });
        found.collect()
    }
}

/// The shortest way from `start` back to it, both ends included.
fn shortest_cycle(edges: &BTreeMap<String, BTreeSet<String>>, start: &str) -> Option<Vec<String>> {
    let mut ways = vec![vec![start.to_owned()]];
    let mut seen = BTreeSet::new();
    while !ways.is_empty() {
        let mut longer = Vec::new();
        for way in ways {
            for next in edges.get(&way[way.len() - 1]).into_iter().flatten() {
                let way = [&way[..], std::slice::from_ref(next)].concat();
                if next == start {
                    return Some(way);
                }
                if seen.insert(next.clone()) {
                    longer.push(way);
                }
            }
        }
        ways = longer;
    }
    None
}

/// The tokens without the items that are compiled for tests alone. Comments are not
/// tokens; those of documentation are text.
fn without_tests(tokens: TokenStream) -> Vec<TokenTree> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let (mut kept, mut at) = (Vec::new(), 0);
    while at < tokens.len() {
        let attribute = match (&tokens[at], tokens.get(at + 1)) {
            (TokenTree::Punct(hash), Some(TokenTree::Group(group))) if hash.as_char() == '#' => Some(group),
            _ => None,
        };
        match attribute {
            Some(group) if group.stream().to_string().replace(' ', "") == "cfg(test)" => {
                let ends_item = |it: &TokenTree| {
                    is_punct(Some(it), ';') || matches!(it, TokenTree::Group(it) if it.delimiter() == Delimiter::Brace)
                };
                at += tokens[at..].iter().position(ends_item).map_or(tokens.len(), |end| end + 1);
            }
            _ => {
                kept.push(tokens[at].clone());
                at += 1;
            }
        }
    }
    kept
}

fn is_punct(token: Option<&TokenTree>, character: char) -> bool {
    matches!(token, Some(TokenTree::Punct(it)) if it.as_char() == character)
}

/// Whether the name at this place goes on a path that began before it.
fn is_path_before(tokens: &[TokenTree], at: usize) -> bool {
    at > 0 && is_punct(tokens.get(at - 1), ':') && at > 1 && is_punct(tokens.get(at - 2), ':')
}

/// The names that follow each other with `::` between them.
fn path_at(tokens: &[TokenTree], mut at: usize) -> Path {
    let mut path = Vec::new();
    while let Some(TokenTree::Ident(name)) = tokens.get(at) {
        path.push(name.to_string());
        if !is_punct(tokens.get(at + 1), ':') || !is_punct(tokens.get(at + 2), ':') {
            break;
        }
        at += 3;
    }
    path
}

/// Each path of a `use`, with its groups spread out. `a::{self, b}` is `a` and `a::b`.
fn use_paths(tree: &[TokenTree]) -> Vec<Path> {
    let path = path_at(tree, 0);
    let group = tree.iter().find_map(|it| match it {
        TokenTree::Group(group) => Some(group.stream().into_iter().collect::<Vec<_>>()),
        _ => None,
    });
    let Some(group) = group else { return vec![path] };
    let parts = group.split(|it| is_punct(Some(it), ',')).filter(|part| !part.is_empty());
    let spread = parts.flat_map(use_paths).map(|part| match &part[..] {
        [only] if only == "self" => path.clone(),
        _ => [&path[..], &part[..]].concat(),
    });
    spread.collect()
}
