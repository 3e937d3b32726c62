//! Lists the built files of the web application in `dist`, for `include_bytes!`.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let variable = |name| env::var_os(name).map(PathBuf::from).ok_or(io::ErrorKind::NotFound);
    let dist = variable("CARGO_MANIFEST_DIR")?.join("dist");
    println!("cargo::rerun-if-changed={}", dist.display());
    let mut files = Vec::new();
    list(&dist, "", &mut files)?;
    files.sort();
    let entry = |path: &String| {
        let file = dist.join(path).to_string_lossy().into_owned();
        format!("    ({path:?}, include_bytes!({file:?})),\n")
    };
    let entries = files.iter().map(entry);
    let table = format!("[\n{}]\n", entries.collect::<String>());
    fs::write(variable("OUT_DIR")?.join("files.rs"), table)
}

/// Adds the paths of the files in a folder, relative to `dist`.
fn list(folder: &Path, prefix: &str, files: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            list(&entry.path(), &format!("{path}/"), files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
