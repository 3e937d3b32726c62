//! Libraries that tests preload into processes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Compiles the library `name` into `parent`.
pub(crate) fn compile(parent: &Path, name: &str, source: &str) -> PathBuf {
    let (library, file) = (parent.join(format!("{name}.so")), parent.join(format!("{name}.c")));
    fs::write(&file, source).expect("a file can be written");
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".into());
    let mut compile = Command::new(compiler);
    compile.args(["-shared", "-fPIC", "-O1", "-o"]).args([&library, &file]).arg("-ldl");
    assert!(compile.status().expect("there is a C compiler").success(), "{compile:?}");
    library
}
