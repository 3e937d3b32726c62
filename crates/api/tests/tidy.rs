//! Tests of the house rules: dependencies between crates, and the style of files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::{DependencyKind, MetadataCommand, Package};

#[path = "tidy_parts/binary.rs"]
mod binary;
#[path = "tidy_parts/modules.rs"]
mod modules;
#[path = "tidy_parts/words.rs"]
mod words;

const TOP_LEVEL: [&str; 7] = ["Cargo.lock", "Cargo.toml", "Dockerfile", "README.md", "crates", "docs", "justfile"];
/// The maximum number of lines of code in a file, without blank lines, comments and `mod tests`.
const FILE_LINES_MAX: usize = 300;
const FUNCTION_LINES_MAX: usize = 70;

/// The permitted dependencies of a crate on the workspace, and its forbidden external dependencies.
struct Layer {
    name: &'static str,
    knows: &'static [&'static str],
    knows_in_tests: &'static [&'static str],
    never: &'static [&'static str],
}

/// The dependencies `api -> storage -> domain`, `api -> mcp -> headroom-client -> domain` and
/// `testkit -> domain`. A test of the domain has the list of its permitted dependencies.
const LAYERS: [Layer; 7] = [
    Layer { name: "domain", knows: &[], knows_in_tests: &[], never: &[] },
    Layer { name: "headroom-console", knows: &[], knows_in_tests: &[], never: &HTTP },
    Layer { name: "storage", knows: &["domain"], knows_in_tests: &["domain", "testkit"], never: &HTTP },
    Layer { name: "headroom-client", knows: &["domain"], knows_in_tests: &[], never: &SQL },
    Layer { name: "mcp", knows: &["headroom-client"], knows_in_tests: &[], never: &SQL },
    Layer {
        name: "api",
        knows: &["domain", "headroom-client", "headroom-console", "mcp", "storage"],
        knows_in_tests: &["domain", "headroom-console", "storage", "testkit"],
        never: &SQL,
    },
    Layer { name: "testkit", knows: &["domain"], knows_in_tests: &["domain"], never: &HTTP },
];
const SQL: [&str; 5] = ["rusqlite", "r2d2", "r2d2_sqlite", "postgres", "tokio-postgres"];
const HTTP: [&str; 11] = [
    "actix-web",
    "actix-http",
    "http",
    "hyper",
    "axum",
    "ureq",
    "reqwest",
    "utoipa",
    "jsonwebtoken",
    "opentelemetry",
    "opentelemetry_sdk",
];

/// The crates that Headroom is built with: each is a dependency of a crate, and not of its tests
/// alone.
const BUILT_WITH: [&str; 10] = [
    "actix-web",
    "env_logger",
    "jsonwebtoken",
    "r2d2",
    "r2d2_sqlite",
    "rusqlite",
    "serde",
    "thiserror",
    "utoipa",
    "utoipa-swagger-ui",
];

#[test]
fn a_crate_knows_only_the_layers_below_it() {
    let packages = workspace();
    let names: Vec<&str> = packages.iter().map(|package| package.name.as_str()).collect();
    let mut faults = Vec::new();
    for package in &packages {
        let layer = LAYERS.iter().find(|layer| package.name == layer.name);
        let layer = layer.unwrap_or_else(|| panic!("{} has no place among the layers", package.name));
        for dependency in &package.dependencies {
            let name = dependency.name.as_str();
            let in_tests = dependency.kind == DependencyKind::Development;
            let known = if in_tests { layer.knows_in_tests } else { layer.knows };
            let ours_unknown = names.contains(&name) && !known.contains(&name);
            if ours_unknown || (!in_tests && layer.never.contains(&name)) {
                faults.push(format!("{} may not know {name}", layer.name));
            }
        }
    }
    assert_eq!(packages.len(), LAYERS.len(), "a layer has no crate");
    assert_none(&faults);
}

#[test]
fn every_crate_that_headroom_is_said_to_be_built_with_is_used() {
    let packages = workspace();
    let used = |name: &str| {
        let mut all = packages.iter().flat_map(|package| &package.dependencies);
        all.any(|dependency| dependency.name == name && dependency.kind == DependencyKind::Normal)
    };
    assert_none(&faults_of(&BUILT_WITH, |name| (!used(name)).then(|| format!("{name} is not used"))));
}

#[test]
fn the_top_level_holds_nothing_else() {
    let files = tracked_files();
    let entry = |file: &String| file.split('/').next().unwrap_or(file).to_owned();
    let permitted = |entry: &str| entry.starts_with('.') || TOP_LEVEL.contains(&entry);
    assert_none(&faults_of(&files, |file| (!permitted(&entry(file))).then(|| file.clone())));
}

#[test]
fn every_text_file_is_free_of_tabs_and_trailing_blanks() {
    let faults = |text: &str| {
        let bad = |line: &&str| line.contains('\t') || line.ends_with([' ', '\r']);
        text.split('\n').filter(bad).map(str::to_owned).collect::<Vec<_>>()
    };
    assert!(faults("a\n").is_empty() && !faults("a \n").is_empty() && !faults("\ta").is_empty());
    assert_none(&faults_in(|_| true, |_, text| faults(text)));
}

#[test]
fn every_source_file_is_tidy() {
    assert_none(&faults_in(is_rust, |_, text| untidy(text)));
}

/// A new error does not compile until the table assigns it a problem.
#[test]
fn the_error_table_has_no_wildcard_arm() {
    let wildcards = |text: &str| {
        let tables = functions(text).into_iter().filter(|(name, _)| *name == "from" || *name == "row");
        let lines: Vec<&str> = tables.flat_map(|(_, lines)| lines).collect();
        assert!(!lines.is_empty(), "the table is in functions of these names");
        lines.iter().filter(|line| line.trim_start().starts_with("_ ")).map(ToString::to_string).collect()
    };
    let is_table =
        |path: &str| ["codes.rs", "conversions.rs"].iter().any(|file| path.ends_with(&format!("problem/{file}")));
    assert_none(&faults_in(is_table, |_, text| wildcards(text)));
}

#[test]
fn every_decision_is_linked_from_the_architecture() {
    let Some(architecture) = read("docs/ARCHITECTURE.md") else { return };
    let decisions = tracked_files().into_iter().filter_map(|file| file.strip_prefix("docs/").map(str::to_owned));
    let decisions: Vec<String> =
        decisions.filter(|file| file.starts_with("adr/") && has_extension(file, "md")).collect();
    assert_none(&faults_of(&decisions, |file| (!architecture.contains(&format!("({file})"))).then(|| file.clone())));
}

#[test]
fn every_invariant_of_the_architecture_names_a_test_that_exists() {
    let Some(architecture) = read("docs/ARCHITECTURE.md") else { return };
    let sources: Vec<String> = tracked_files().iter().filter(|file| is_rust(file)).filter_map(|it| read(it)).collect();
    let exists = |name: &str| {
        sources.iter().any(|text| text.contains(&format!("fn {name}(")) || text.contains(&format!("fn {name}<")))
    };
    let mut faults = Vec::new();
    let invariants = invariants(&architecture);
    assert!(!invariants.is_empty(), "the architecture lists its invariants under a heading of that name");
    for invariant in invariants {
        let tests = named_tests(&invariant);
        if tests.is_empty() {
            faults.push(format!("no test holds: {invariant}"));
        }
        faults.extend(tests.iter().filter(|name| !exists(name)).map(|name| format!("there is no test {name}")));
    }
    assert_none(&faults);
}

#[test]
fn the_rules_find_what_they_are_there_to_find() {
    let long = format!("//! Why.\nfn long() {{\n{}}}\n", "    work();\n".repeat(FUNCTION_LINES_MAX));
    let big = format!("//! Why.\n{}", "const A: u8 = 1;\n".repeat(FILE_LINES_MAX + 1));
    let allow = concat!("//! Why.\n#[", "allow(dead_code)]\n");
    for bad in ["fn main() {}\n", &long, &big, allow, concat!("//! Why.\nfn f() { to", "do!() }\n")] {
        assert_eq!(untidy(bad).len(), 1, "{bad}");
    }
    let tested = format!("//! Why.\n#[cfg(test)]\nmod tests {{\n{}}}\n", "    use a::b;\n".repeat(FILE_LINES_MAX));
    let commented = format!("//! Why.\nfn f(\n    a: u8,\n) {{\n{}}}\n", "    // why\n\n".repeat(FUNCTION_LINES_MAX));
    for good in [&tested, &commented] {
        assert_none(&untidy(good));
    }
    let text = "## Invariants\n\n- One. (test: `a_b`)\n- Two,\n  in two lines (tests: `c`, `d::e`).\n- None.\n\n## More\n- x\n";
    let named: Vec<Vec<String>> = invariants(text).iter().map(|invariant| named_tests(invariant)).collect();
    assert_eq!(named, [vec!["a_b".to_owned()], vec!["c".to_owned(), "e".to_owned()], vec![]]);
}

/// The faults of a source file.
fn untidy(text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if !text.starts_with("//! ") {
        faults.push("its first line does not say why it exists (//! …)".to_owned());
    }
    let own = text.find("\n#[cfg(test)]\nmod ").map_or(text, |tests| &text[..tests]);
    let own_lines = count_code(&own.lines().collect::<Vec<_>>());
    if own_lines > FILE_LINES_MAX {
        faults.push(format!("{own_lines} lines of code, more than {FILE_LINES_MAX}"));
    }
    for (name, lines) in functions(text) {
        let lines = count_code(&lines);
        if lines > FUNCTION_LINES_MAX {
            faults.push(format!("`{name}` has {lines} lines of code, more than {FUNCTION_LINES_MAX}"));
        }
    }
    // Split, so that this file does not match. Clippy has these rules, too, but only for the code
    // that it compiles.
    for word in [concat!("[", "allow("), concat!("to", "do!("), concat!("unimple", "mented!("), concat!("d", "bg!(")] {
        if text.lines().filter(|line| is_code(line)).any(|line| line.contains(word)) {
            faults.push(format!("{word} … (write #[expect(…, reason = …)], or the thing itself)"));
        }
    }
    faults
}

/// The functions of a source file as rustfmt lays it out: from the line with `fn` to the brace
/// under it.
fn functions(text: &str) -> Vec<(&str, Vec<&str>)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate().filter(|(_, line)| is_code(line)) {
        let code = line.trim_start();
        let Some((before, name)) = code.split_once("fn ") else { continue };
        if !before.split_whitespace().all(|word| word.starts_with("pub") || is_qualifier(word)) {
            continue;
        }
        let header = lines[start..].iter().position(|line| line.ends_with(['{', ';', '}']));
        if !header.is_some_and(|header| lines[start + header].ends_with('{')) {
            continue; // A declaration, or all on one line.
        }
        let end = format!("{}}}", &line[..line.len() - code.len()]);
        let length = lines[start..].iter().position(|line| *line == end).map_or(lines.len() - start, |last| last + 1);
        let name = name.split(['(', '<']).next().unwrap_or(name);
        found.push((name, lines[start..start + length].to_vec()));
    }
    found
}

fn is_qualifier(word: &str) -> bool {
    ["async", "const", "extern", "in", "unsafe"].contains(&word) || word.ends_with(')')
}

fn count_code(lines: &[&str]) -> usize {
    lines.iter().filter(|line| is_code(line)).count()
}

fn is_code(line: &str) -> bool {
    let line = line.trim_start();
    !line.is_empty() && !line.starts_with("//")
}

/// The list items under a heading that says "invariant", each as one line.
fn invariants(text: &str) -> Vec<String> {
    let (mut items, mut in_section) = (Vec::<String>::new(), false);
    for line in text.lines() {
        if line.starts_with('#') {
            in_section = line.to_lowercase().contains("invariant");
        } else if in_section && line.starts_with("- ") {
            items.push(line.to_owned());
        } else if let Some(item) = items.last_mut().filter(|_| in_section && line.starts_with("  ")) {
            item.push_str(&line[1..]);
        }
    }
    items
}

/// `a` and `b` of "… (tests: `a`, `module::b`)".
fn named_tests(invariant: &str) -> Vec<String> {
    let Some(at) = invariant.find("(test: ").or_else(|| invariant.find("(tests: ")) else { return Vec::new() };
    let inside = invariant[at..].split(')').next().unwrap_or_default();
    let quoted = inside.split('`').skip(1).step_by(2);
    quoted.map(|path| path.rsplit("::").next().unwrap_or(path).to_owned()).collect()
}

fn has_extension(path: &str, extension: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, its)| its == extension)
}

fn is_rust(path: &str) -> bool {
    has_extension(path, "rs")
}

/// Applies a rule to the files of a kind. At least one must exist: a rule without files tests
/// nothing.
fn faults_in(chosen: impl Fn(&str) -> bool, rule: impl Fn(&str, &str) -> Vec<String>) -> Vec<String> {
    let (mut faults, mut looked_at) = (Vec::new(), 0);
    for path in tracked_files().into_iter().filter(|path| chosen(path)) {
        let Some(text) = read(&path) else { continue };
        looked_at += 1;
        faults.extend(rule(&path, &text).iter().map(|fault| format!("{path}: {fault}")));
    }
    assert!(looked_at > 0, "no such file");
    faults
}

fn faults_of<T>(all: &[T], fault: impl Fn(&T) -> Option<String>) -> Vec<String> {
    all.iter().filter_map(fault).collect()
}

#[track_caller]
fn assert_none(faults: &[String]) {
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

fn workspace() -> Vec<Package> {
    let manifest = root().join("Cargo.toml");
    MetadataCommand::new().manifest_path(manifest).no_deps().exec().expect("cargo metadata reads it").packages
}

/// The files that git tracks, or would add with the next commit; without git, all files except the
/// outputs of builds and runs.
fn tracked_files() -> Vec<String> {
    let git = ["-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard"];
    let listed = Command::new("git").args(git).current_dir(root()).output();
    match listed {
        Ok(listed) if listed.status.success() => {
            let files = String::from_utf8(listed.stdout).expect("git answers in UTF-8");
            files.lines().map(str::to_owned).filter(|file| root().join(file).exists()).collect()
        }
        _ => files_under(&root(), ""),
    }
}

fn files_under(folder: &Path, prefix: &str) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder can be read").map(|entry| entry.expect("an entry"));
    let files = entries.flat_map(|entry| {
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let left_behind = ["target", ".git"].contains(&path.as_str()) || path.contains(".db");
        match entry.path() {
            _ if left_behind => Vec::new(),
            folder if folder.is_dir() => files_under(&folder, &format!("{path}/")),
            _ => vec![path],
        }
    });
    files.collect()
}

/// The content of a text file; `None` if it is missing or not text.
fn read(path: &str) -> Option<String> {
    String::from_utf8(fs::read(root().join(path)).ok()?).ok()
}

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).current_dir(root()).output();
    let output = output.unwrap_or_else(|error| panic!("{program} does not run: {error}"));
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("it answers in UTF-8")
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}
