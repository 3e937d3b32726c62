//! Golden files: recorded texts, which the texts of this run must equal byte for byte.
//!
//! To record them anew: `just golden`, which sets `HEADROOM_UPDATE_GOLDEN=1`.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::{env, fs};

const UPDATE: &str = "HEADROOM_UPDATE_GOLDEN";

/// The extensions of golden files: recorded HTTP exchanges, and the output of `headroom plans`.
const EXTENSIONS: [&str; 2] = ["txt", "toml"];

/// How many equal pieces are shown before and after a difference.
const CONTEXT: usize = 3;

/// Asserts that the golden files with this extension have these names and contents.
pub(crate) fn assert_recorded(extension: &str, actual: &BTreeMap<&str, String>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut recorded = read(&folder, extension);
    if env::var_os(UPDATE).is_some() {
        for (name, text) in actual {
            fs::write(folder.join(format!("{name}.{extension}")), text).expect("a golden file can be written");
        }
        for name in recorded.keys().filter(|name| !actual.contains_key(name.as_str())) {
            fs::remove_file(folder.join(format!("{name}.{extension}"))).expect("an unused file can be removed");
        }
        recorded = read(&folder, extension);
    }
    let faults = faults(extension, recorded, actual);
    assert!(faults.is_empty(), "Golden files differ:\n{faults}If this is meant, set {UPDATE}=1.");
}

/// The files that differ, that do not exist, and that are not used.
pub(crate) fn faults(
    extension: &str,
    mut recorded: BTreeMap<String, String>,
    actual: &BTreeMap<&str, String>,
) -> String {
    let mut faults = Vec::new();
    for (name, text) in actual {
        match recorded.remove(*name) {
            None => faults.push(format!("{name}.{extension} does not exist.\n")),
            Some(old) if old != *text => {
                faults.push(format!("{name}.{extension}:\n{}", differences(&old, text)));
            }
            Some(_) => {}
        }
    }
    faults.extend(recorded.into_keys().map(|name| format!("{name}.{extension} is not used.\n")));
    faults.concat()
}

/// The name and the content of each golden file with this extension.
fn read(folder: &Path, extension: &str) -> BTreeMap<String, String> {
    let files = fs::read_dir(folder).expect("the folder of golden files can be read");
    let paths = files.map(|file| file.expect("a golden file can be listed").path());
    let part = |part: Option<&OsStr>| part.and_then(|it| it.to_str()).unwrap_or_default().to_owned();
    let of_extension = |path: &PathBuf| {
        let its = part(path.extension());
        assert!(EXTENSIONS.contains(&its.as_str()), "{} is not a golden file", path.display());
        its == extension
    };
    let content = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("a golden file is UTF-8");
        (part(path.file_stem()), text)
    };
    paths.filter(of_extension).map(content).collect()
}

/// What was recorded (`-`) and what there is now (`+`), with the title of each exchange. Each field
/// of JSON has a line of its own.
fn differences(recorded: &str, actual: &str) -> String {
    let (old, new) = (pieces(recorded), pieces(actual));
    let common = common_lengths(&old, &new);
    let (mut at, mut lines) = ((0, 0), Vec::new());
    while at.0 < old.len() || at.1 < new.len() {
        let (i, j) = at;
        if i < old.len() && j < new.len() && old[i] == new[j] {
            lines.push((' ', old[i]));
            at = (i + 1, j + 1);
        } else if j == new.len() || i < old.len() && common[i + 1][j] >= common[i][j + 1] {
            lines.push(('-', old[i]));
            at.0 += 1;
        } else {
            lines.push(('+', new[j]));
            at.1 += 1;
        }
    }
    show(&lines)
}

/// The lines near a difference, and the title above.
fn show(lines: &[(char, &str)]) -> String {
    let mut shown = vec![false; lines.len()];
    for (at, _) in lines.iter().enumerate().filter(|(_, (sign, _))| *sign != ' ') {
        let (start, end) = (at.saturating_sub(CONTEXT), lines.len().min(at + CONTEXT + 1));
        shown[start..end].fill(true);
        if let Some(title) = lines[..at].iter().rposition(|(_, piece)| piece.starts_with("## ")) {
            shown[title] = true;
        }
    }
    let lines = lines.iter().zip(shown).filter(|(_, is_shown)| *is_shown);
    let lines = lines.map(|((sign, piece), _)| format!("{sign} {}\n", piece.trim_end_matches('\n')));
    lines.collect::<Vec<_>>().concat()
}

/// The lines of a text, cut again after each comma and bracket.
fn pieces(text: &str) -> Vec<&str> {
    text.split_inclusive(|c| "\n,{}[]".contains(c)).collect()
}

/// The length of the longest common subsequence of the rests of both lists, by where they begin.
fn common_lengths(old: &[&str], new: &[&str]) -> Vec<Vec<usize>> {
    let mut lengths = vec![vec![0; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            let either = lengths[i + 1][j].max(lengths[i][j + 1]);
            lengths[i][j] = if old[i] == new[j] { lengths[i + 1][j + 1] + 1 } else { either };
        }
    }
    lengths
}
