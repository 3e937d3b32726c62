//! Secrets from files, and `headroom config`.

use std::fs;
use std::path::Path;

use serde_json::Value;

#[expect(dead_code, reason = "other tests use the rest")]
mod support {
    pub(crate) mod process;
}
use support::process::{Finished, PASSWORD, Server, headroom, run};

/// A secret that must not be printed.
const CANARY: &str = "canary-0123456789abcdef0123456789abcdef";

fn new_dir() -> tempfile::TempDir {
    tempfile::tempdir().expect("a directory")
}

/// Writes a file in `dir`, and returns its path.
fn file(dir: &Path, name: &str, content: &str) -> String {
    let path = dir.join(name);
    fs::write(&path, content).expect("a file can be written");
    path.to_str().expect("the path is UTF-8").to_owned()
}

/// Runs the program with arguments and variables in `dir`.
fn run_with(dir: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Finished {
    let mut command = headroom(dir);
    command.args(arguments).envs(variables.iter().copied());
    run(command)
}

#[track_caller]
fn assert_misconfigured(finished: &Finished, words: &[&str]) {
    assert_eq!(finished.code, Some(2), "{finished:?}");
    for word in words {
        assert!(finished.stderr.contains(word), "{word} is missing: {finished:?}");
    }
    let output = format!("{finished:?}");
    assert!(!output.contains("canary") && !output.contains("panicked"), "{output}");
}

#[test]
fn a_server_takes_its_secrets_from_files() {
    let dir = new_dir();
    let database = format!("sqlite://{}", dir.path().join("from-a-file.db").display());
    let mut command = headroom(dir.path());
    command.env_remove("HEADROOM_DATABASE_URL");
    command.args(["--listen=0.0.0.0:0", "--operator-username=ann"]);
    for (variable, content) in [
        ("HEADROOM_DATABASE_URL_FILE", database.as_str()),
        ("HEADROOM_JWT_SECRET_FILE", CANARY),
        ("HEADROOM_JWT_PREVIOUS_SECRET_FILE", "0123456789abcdef0123456789abcdef"),
        ("HEADROOM_OPERATOR_PASSWORD_FILE", PASSWORD),
    ] {
        command.env(variable, file(dir.path(), variable, &format!("{content}\n")));
    }
    let server = Server::spawn(command).listening();
    assert!(server.log().contains(&format!("serving {database}")), "{}", server.log());
    assert_eq!(server.log_in("ann", PASSWORD).get("/users/me").body["is_operator"], true);
    assert!(!server.log().contains("canary"), "{}", server.log());
    assert!(!dir.path().join("from-a-file.db.keys").exists(), "the secret of the file does not sign");
}

#[test]
fn the_faults_of_secret_files_are_reported_together() {
    let dir = new_dir();
    let [empty, long] = [file(dir.path(), "empty", "\n"), file(dir.path(), "lines", "canary\ncanary\n")];
    let mut command = headroom(dir.path());
    command.env_remove("HEADROOM_DATABASE_URL").args(["serve", "--jwt-previous-secret-file", &long]);
    command.env("HEADROOM_DATABASE_URL_FILE", &empty).env("HEADROOM_JWT_SECRET_FILE", "/nowhere/secret");
    command.env("HEADROOM_OPERATOR_PASSWORD_FILE", "");
    let finished = run(command);
    assert_misconfigured(
        &finished,
        &[
            &format!("HEADROOM_DATABASE_URL_FILE (--database-url-file) names {empty}, which is empty"),
            "HEADROOM_JWT_SECRET_FILE (--jwt-secret-file) names /nowhere/secret, which cannot be read: No such file",
            "HEADROOM_JWT_PREVIOUS_SECRET_FILE (--jwt-previous-secret-file) names ",
            "control character",
            "HEADROOM_OPERATOR_PASSWORD_FILE (--operator-password-file) takes the path of a file",
        ],
    );
    assert_eq!(finished.stderr.lines().count(), 5, "{finished:?}");
}

#[test]
fn a_secret_and_its_file_are_not_both_set() {
    let dir = new_dir();
    let secret = file(dir.path(), "secret", CANARY);
    let both = "HEADROOM_JWT_SECRET_FILE (--jwt-secret-file) cannot be set beside HEADROOM_JWT_SECRET (--jwt-secret)";
    let by_variables = [("HEADROOM_JWT_SECRET", CANARY), ("HEADROOM_JWT_SECRET_FILE", secret.as_str())];
    assert_misconfigured(&run_with(dir.path(), &["verify"], &by_variables), &[both]);
    let by_flag = ["verify", "--jwt-secret", CANARY];
    assert_misconfigured(&run_with(dir.path(), &by_flag, &[("HEADROOM_JWT_SECRET_FILE", &secret)]), &[both]);
    // The URL is already set by a variable; its default is no conflict.
    let url = file(dir.path(), "url", "sqlite://other.db");
    let finished = run_with(dir.path(), &["verify"], &[("HEADROOM_DATABASE_URL_FILE", &url)]);
    assert_misconfigured(&finished, &["HEADROOM_DATABASE_URL_FILE (--database-url-file) cannot be set beside"]);
}

#[test]
fn the_content_of_a_file_is_checked_like_a_value() {
    let dir = new_dir();
    let [short, url] =
        [("short", "canary"), ("url", "postgres://u:canary@h")].map(|(name, text)| file(dir.path(), name, text));
    let mut command = headroom(dir.path());
    command.env_remove("HEADROOM_DATABASE_URL");
    command.args(["--jwt-secret-file", &short, "--operator-password-file", &short, "--database-url-file", &url]);
    let words = [
        "HEADROOM_JWT_SECRET (--jwt-secret) takes at least 32 bytes",
        "HEADROOM_OPERATOR_PASSWORD (--operator-password) takes 8 to 128 characters",
        "HEADROOM_DATABASE_URL (--database-url) takes ",
    ];
    assert_misconfigured(&run(command), &words);
}

#[test]
fn a_copy_takes_its_urls_from_files() {
    let dir = new_dir();
    Server::start(dir.path()).stop_and_verify();
    let target = format!("sqlite://{}", dir.path().join("target.db").display());
    let source = headroom(dir.path());
    let source = source.get_envs().find(|(name, _)| *name == "HEADROOM_DATABASE_URL").and_then(|(_, value)| value);
    let source = source.expect("the URL is set").to_str().expect("it is UTF-8");
    let [from, to] = [("from", source), ("to", &target)].map(|(name, url)| file(dir.path(), name, &format!("{url}\n")));
    let files = [("HEADROOM_COPY_FROM_FILE", from.as_str()), ("HEADROOM_COPY_TO_FILE", to.as_str())];
    let finished = run_with(dir.path(), &["copy"], &files);
    assert_eq!(finished.code, Some(0), "{finished:?}");
    assert!(dir.path().join("target.db").exists(), "{finished:?}");
    assert_misconfigured(&run_with(dir.path(), &["copy", "--from", "sqlite://x"], &files), &["cannot be used with"]);
    assert_misconfigured(&run_with(dir.path(), &["copy", "--from-file", &from], &[]), &["--to"]);
    let missing = ["copy", "--from-file", "/nowhere", "--to-file", &to];
    assert_misconfigured(&run_with(dir.path(), &missing, &[]), &["--from-file names /nowhere, which cannot be read"]);
}

/// The setting of a variable in the output of `headroom config --json`.
fn setting<'v>(settings: &'v Value, variable: &str) -> &'v Value {
    let mut settings = settings.as_array().expect("it is an array").iter();
    settings.find(|it| it["variable"] == variable).unwrap_or_else(|| panic!("{variable} is missing"))
}

#[test]
fn the_effective_configuration_says_where_each_value_came_from() {
    let dir = new_dir();
    let secret = file(dir.path(), "secret", CANARY);
    let variables = [("HEADROOM_JWT_SECRET_FILE", secret.as_str()), ("HEADROOM_LOG_FORMAT", "json")];
    let finished = run_with(dir.path(), &["config", "--json", "--docs=off"], &variables);
    assert_eq!((finished.code, finished.stderr.as_str()), (Some(0), ""), "{finished:?}");
    let settings: Value = serde_json::from_str(&finished.stdout).expect("it is JSON");
    let found = |variable| {
        let setting = setting(&settings, variable);
        [&setting["value"], &setting["source"], &setting["file"]].map(|it| it.as_str().unwrap_or("-").to_owned())
    };
    assert_eq!(found("HEADROOM_TOKEN_LIFETIME_SECONDS"), ["900", "default", "-"]);
    assert_eq!(found("HEADROOM_LISTEN"), ["127.0.0.1:0", "variable", "-"]);
    assert_eq!(found("HEADROOM_LOG_FORMAT"), ["json", "variable", "-"]);
    assert_eq!(found("HEADROOM_DOCS"), ["off", "flag", "-"]);
    assert_eq!(found("HEADROOM_CONSOLE"), ["on", "default", "-"]);
    assert_eq!(found("HEADROOM_JWT_SECRET"), ["***", "file", &secret]);
    assert_eq!(found("HEADROOM_JWT_PREVIOUS_SECRET"), ["-", "default", "-"]);
    let workers = found("HEADROOM_WORKERS");
    assert!(workers[0].parse::<usize>().is_ok_and(|it| it > 0) && workers[1] == "default", "{workers:?}");
    // The settings are those of the help, without the files of secrets.
    let help = run_with(dir.path(), &["serve", "--help"], &[]).stdout;
    let variables = help.split("[env: ").skip(1).filter_map(|rest| rest.split(['=', ']']).next());
    let variables: Vec<&str> = variables.filter(|it| !it.ends_with("_FILE") || *it == "HEADROOM_KEY_FILE").collect();
    assert_eq!(settings.as_array().map(Vec::len), Some(variables.len()), "{settings}");
    for variable in variables {
        assert!(setting(&settings, variable)["flag"].is_string(), "{variable}");
    }
    // Without a secret, the file of the keys is in effect.
    let lines = run_with(dir.path(), &["config"], &[]).stdout;
    let key_file = lines.lines().find(|line| line.starts_with("HEADROOM_KEY_FILE ")).expect("there is a line");
    assert!(key_file.contains(" default ") && key_file.ends_with("headroom.db.keys"), "{key_file}");
}

#[test]
fn no_secret_is_in_the_printed_configuration() {
    let dir = new_dir();
    let password = "a quiet canary";
    let url = format!("postgres://headroom:{CANARY}@127.0.0.1:1/headroom?sslmode=require");
    let secrets = [("DATABASE_URL", url.as_str()), ("JWT_SECRET", CANARY), ("JWT_PREVIOUS_SECRET", CANARY)];
    for from_files in [false, true] {
        let mut command = headroom(dir.path());
        command.env_remove("HEADROOM_DATABASE_URL");
        for (name, secret) in secrets.into_iter().chain([("OPERATOR_PASSWORD", password)]) {
            if from_files {
                command.env(format!("HEADROOM_{name}_FILE"), file(dir.path(), name, secret));
            } else {
                command.env(format!("HEADROOM_{name}"), secret);
            }
        }
        for arguments in [&["config"][..], &["config", "--json"]] {
            let mut command = support::process::shell(&command, "exec \"$0\" \"$@\"");
            command.args(arguments);
            let finished = run(command);
            assert_eq!(finished.code, Some(0), "{finished:?}");
            let shown = finished.stdout.contains("postgres://headroom:***@127.0.0.1:1/headroom");
            assert!(shown && finished.stdout.matches("***").count() == 4, "{finished:?}");
            assert!(!format!("{finished:?}").contains("canary"), "{finished:?}");
        }
    }
    // Nor in the report of a typing error.
    let finished = run_with(dir.path(), &["config"], &[("HEADROOM_JWT_SECRT", CANARY)]);
    assert!(finished.stderr.contains("HEADROOM_JWT_SECRT is not a setting"), "{finished:?}");
    assert!(!format!("{finished:?}").contains("canary"), "{finished:?}");
}
