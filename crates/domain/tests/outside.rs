//! The crate works outside of this workspace: a program with nothing but a path to it builds
//! offline and runs.
//!
//! The program is the quick start of the crate's guide. The examples and the tests of the feature
//! `serde` are built with it, because that feature is off in this workspace.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

const MANIFEST: &str = r#"
[package]
name = "outside"
edition = "2024"

[dependencies]
domain = { path = "DOMAIN", features = ["serde"] }
serde = "1"
serde_json = "1"

[profile.dev]
debug = false

[workspace]
"#;

/// The examples, each with its arguments and a part of its output.
const EXAMPLES: [(&str, &[&str], &str); 4] = [
    ("booking_widget", &[], "Mo Tu We Th Fr Sa Su\n                  ..\n.. .. .. .. .. .. ..\n.. .. .. ## ## 14 15\n"),
    ("upgrade", &["pro", "basic", "4", "12"], "staff                      4       5       2  by 2\n"),
    ("own_catalog", &[], "An account on starter is on solo.\nRefused: plan solo permits 1 staff, 1 are used"),
    ("limits", &[], "  booking  6: refused, plan basic permits 5 bookings_per_day"),
];

#[test]
fn a_program_outside_of_the_workspace_builds_and_runs() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let (outside, domain) = (folder.path(), PathBuf::from(env!("CARGO_MANIFEST_DIR")));
    let write = |file: &str, text: &str| {
        let path = outside.join(file);
        fs::create_dir_all(path.parent().expect("the file is in a folder")).expect("the folder can be created");
        fs::write(path, text).expect("the file can be written");
    };
    let read = |file: &str| fs::read_to_string(domain.join(file)).expect("the file is readable UTF-8");

    write("Cargo.toml", &MANIFEST.replace("DOMAIN", domain.to_str().expect("the path is UTF-8")));
    // The same versions as in the workspace: they are on this machine already.
    write("Cargo.lock", &read("../../Cargo.lock"));
    write("src/main.rs", &format!("fn main() {{\n{}}}\n", quick_start(&read("src/lib.rs"))));
    write("tests/serde.rs", &read("tests/serde.rs").replace("#![cfg(feature = \"serde\")]", ""));
    for (example, ..) in EXAMPLES {
        write(&format!("examples/{example}.rs"), &read(&format!("examples/{example}.rs")));
    }

    cargo(outside, &["test", "--quiet", "--offline"]);
    cargo(outside, &["run", "--quiet", "--offline"]);
    for (example, arguments, expected) in EXAMPLES {
        let output =
            cargo(outside, &[&["run", "--quiet", "--offline", "--example", example, "--"], arguments].concat());
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(printed.contains(expected), "{example} prints:\n{printed}");
    }
}

/// The first code block of the crate's guide.
fn quick_start(lib: &str) -> String {
    let guide = lib.lines().map_while(|line| line.strip_prefix("//!"));
    let code = guide.skip_while(|line| *line != " ```").skip(1).take_while(|line| *line != " ```");
    let code: String = code.flat_map(|line| [line, "\n"]).collect();
    assert!(code.contains("check_daily_booking_limit"), "the guide begins with another program:\n{code}");
    code
}

/// Runs cargo in `folder`, with a target folder of its own.
fn cargo(folder: &Path, arguments: &[&str]) -> Output {
    let output = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(arguments)
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .env_remove("RUSTFLAGS")
        .output()
        .expect("cargo runs: it started this test");
    assert!(output.status.success(), "cargo {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}
