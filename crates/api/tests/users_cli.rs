//! `headroom user …`: users from the command line, with and without a server on the same file.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

#[expect(dead_code, reason = "other tests use the rest")]
mod support {
    pub(crate) mod process;
}
use support::process::{Finished, PASSWORD, Server, database, headroom, number, run, verify};

fn new_dir() -> tempfile::TempDir {
    tempfile::tempdir().expect("a directory")
}

/// Runs `headroom user` with arguments and an input.
fn user(dir: &Path, arguments: &[&str], input: &str) -> Finished {
    let file = dir.join("input");
    fs::write(&file, input).expect("a file can be written");
    let mut command = headroom(dir);
    command.arg("user").args(arguments).stdin(fs::File::open(&file).expect("the file is there"));
    let finished = run(command);
    assert!(!format!("{finished:?}").contains("panicked"), "{finished:?}");
    finished
}

#[track_caller]
fn assert_done(finished: &Finished, words: &str) {
    assert_eq!((finished.code, finished.stderr.as_str()), (Some(0), ""), "{finished:?}");
    assert!(finished.stdout.starts_with(words), "{finished:?}");
}

#[track_caller]
fn assert_refused(finished: &Finished, words: &str) {
    assert_eq!((finished.code, finished.stdout.as_str()), (Some(1), ""), "{finished:?}");
    assert_eq!(finished.stderr, format!("headroom: {words}\n"));
}

fn log_in_status(server: &Server, username: &str, password: &str) -> u16 {
    server.stranger().post("/token", &json!({"username": username, "password": password})).status
}

fn audited(dir: &Path, action: &str) -> i64 {
    let of_cli = "request_id = 'cli' AND address IS NULL AND account_id = zeroblob(16) AND api_key IS NULL";
    number(
        dir,
        &format!(
            "SELECT count(*) FROM audit_entries JOIN users ON users.id = user_id WHERE action = '{action}' AND {of_cli}"
        ),
    )
}

#[test]
fn the_first_operator_may_be_created_on_the_command_line() {
    let dir = new_dir();
    assert_done(&user(dir.path(), &["create", "Ann", "--operator"], "a quiet river\n"), "created ann user_");
    let server = Server::start(dir.path());
    let ann = server.log_in("ann", PASSWORD);
    assert_eq!(ann.get("/users/me").body["is_operator"], true);
    // The well-known default password is not accepted.
    assert_eq!(log_in_status(&server, "user", "user"), 401);
    server.stop_and_verify();
    assert_eq!(audited(dir.path(), "user.created"), 1);
}

#[test]
fn a_public_address_accepts_an_operator_from_the_command_line() {
    let dir = new_dir();
    assert_done(&user(dir.path(), &["create", "ann", "--operator"], PASSWORD), "created ann user_");
    let mut command = headroom(dir.path());
    command.args(["--listen=0.0.0.0:0", "--jwt-secret=0123456789abcdef0123456789abcdef"]);
    let server = Server::spawn(command).listening();
    assert_eq!(server.log_in("ann", PASSWORD).get("/users/me").status, 200);
    assert_eq!(log_in_status(&server, "user", "user"), 401);
    server.stop_and_verify();
}

#[test]
fn a_public_address_without_an_operator_is_refused() {
    let dir = new_dir();
    assert_done(&user(dir.path(), &["create", "ann"], PASSWORD), "created ann user_");
    let mut command = headroom(dir.path());
    command.args(["--listen=0.0.0.0:0", "--jwt-secret=0123456789abcdef0123456789abcdef"]);
    let finished = run(command);
    assert_eq!(finished.code, Some(1), "{finished:?}");
    assert!(finished.stderr.contains("there is no operator"), "{finished:?}");
    assert_eq!(number(dir.path(), "SELECT count(*) FROM users"), 1);
}

#[test]
fn a_user_created_beside_a_running_server_logs_in_at_once() {
    let dir = new_dir();
    let server = Server::start(dir.path());
    assert_done(&user(dir.path(), &["create", "ben"], "a quiet river\r\nmore\n"), "created ben user_");
    assert_eq!(server.log_in("ben", PASSWORD).get("/users/me").body["is_operator"], false);
    server.stop_and_verify();
}

#[test]
fn users_are_listed_one_per_line() {
    let dir = new_dir();
    Server::start(dir.path()).stop_and_verify();
    for name in ["ann", "ben"] {
        assert_done(&user(dir.path(), &["create", name], PASSWORD), "created");
    }
    assert_done(&user(dir.path(), &["disable", "ann"], ""), "disabled ann user_");
    let finished = user(dir.path(), &["list"], "");
    assert_done(&finished, "ben");
    let lines: Vec<Vec<&str>> = finished.stdout.lines().map(|line| line.split_whitespace().collect()).collect();
    let shown: Vec<(&str, &str)> = lines.iter().map(|line| (line[0], line[2])).collect();
    assert_eq!(shown, [("ben", "-"), ("ann", "disabled"), ("user", "operator")]);
    assert!(lines.iter().all(|line| line.len() == 4 && line[1].starts_with("user_") && line[3].ends_with('Z')));
    let as_json = user(dir.path(), &["list", "--json"], "");
    let users: Value = serde_json::from_str(&as_json.stdout).expect("it is JSON");
    assert_eq!((&users[1]["username"], &users[1]["is_disabled"]), (&json!("ann"), &json!(true)), "{as_json:?}");
    assert_eq!(users[2]["is_operator"], true, "{as_json:?}");
    assert!(!finished.stdout.contains("argon2") && !as_json.stdout.contains("argon2"), "{finished:?}");
}

#[test]
fn a_disabled_user_is_refused_from_the_next_request() {
    let dir = new_dir();
    let server = Server::start(dir.path());
    let ann = server.register("ann");
    let key = ann.post("/api-keys", &json!({"name": "Shop", "scope": "admin"}));
    let key = ann.with_token(key.text("secret"));
    let login = server.stranger().post("/token", &json!({"username": "ann", "password": PASSWORD}));
    let refresh = || server.stranger().post("/token/refresh", &json!({"refresh_token": login.text("refresh_token")}));
    let sees = || [&ann, &key].map(|client| client.get("/users/me").status);
    assert_eq!(sees(), [200, 200]);
    assert_done(&user(dir.path(), &["disable", "ann"], ""), "disabled ann user_");
    assert_eq!(sees(), [401, 401]);
    assert_eq!((refresh().status, log_in_status(&server, "ann", PASSWORD)), (401, 401));
    assert_done(&user(dir.path(), &["enable", "ann"], ""), "enabled ann user_");
    // The sessions have ended; the API key is valid again.
    assert_eq!((sees(), refresh().status, log_in_status(&server, "ann", PASSWORD)), ([401, 200], 401, 200));
    server.stop_and_verify();
    assert_eq!(audited(dir.path(), "user.disabled"), 2);
}

#[test]
fn the_last_operator_cannot_be_disabled_and_their_name_is_reserved() {
    let dir = new_dir();
    let server = Server::start(dir.path());
    let last = "there would be no operator left: add another first, with headroom user create <name> --operator";
    assert_refused(&user(dir.path(), &["disable", "user"], ""), last);
    assert_eq!(server.client().get("/users/me").status, 200);
    let reserved = "user is the operator's name: add an operator with --operator, or choose another name";
    assert_refused(&user(dir.path(), &["create", "USER"], PASSWORD), reserved);
    assert_done(&user(dir.path(), &["create", "ben", "--operator"], PASSWORD), "created ben user_");
    assert_done(&user(dir.path(), &["disable", "user"], ""), "disabled user user_");
    assert_refused(&user(dir.path(), &["disable", "ben"], ""), last);
    assert_done(&user(dir.path(), &["enable", "user"], ""), "enabled user user_");
    assert_done(&user(dir.path(), &["disable", "ben"], ""), "disabled ben user_");
    server.stop_and_verify();
}

#[test]
fn a_password_reset_ends_every_session_and_the_old_password() {
    let dir = new_dir();
    let server = Server::start(dir.path());
    let ann = server.register("ann");
    assert_eq!(ann.get("/users/me").status, 200);
    // A character that a terminal sends composed or decomposed is the same in a password.
    let typed = "une autre rivie\u{300}re";
    assert_done(&user(dir.path(), &["reset-password", "ann"], typed), "reset the password of ann user_");
    assert_eq!(ann.get("/users/me").status, 401);
    assert_eq!(log_in_status(&server, "ann", PASSWORD), 401);
    for typed in [typed, "une autre rivi\u{e8}re"] {
        assert_eq!(log_in_status(&server, "ann", typed), 200);
    }
    server.stop_and_verify();
    assert_eq!(audited(dir.path(), "user.password_changed"), 1);
}

#[test]
fn invalid_user_commands_change_nothing() {
    let dir = new_dir();
    let no_database = format!("there is no database at sqlite://{}", database(dir.path()).display());
    for arguments in [&["list"][..], &["disable", "ann"], &["reset-password", "ann"]] {
        assert_refused(&user(dir.path(), arguments, PASSWORD), &no_database);
    }
    assert_refused(&user(dir.path(), &["create", "ann"], ""), "cannot read the password: the input is empty");
    let short = "password: This field takes at least 8 characters.";
    assert_refused(&user(dir.path(), &["create", "ann"], "short\n"), short);
    assert!(!database(dir.path()).exists(), "a database was created");
    assert_done(&user(dir.path(), &["create", "ann"], PASSWORD), "created");
    let refused = |arguments: &[&str], input: &str, words: &str| {
        assert_refused(&user(dir.path(), arguments, input), words);
    };
    refused(&["create", "ANN"], PASSWORD, "there is a user ann already");
    let same = "password: This field takes a password that is not the username.";
    refused(&["create", "AnnaBella"], "Annabella", same);
    refused(&["create", " annabella "], "ANNABELLA ", same);
    let dots = "name: This field takes at least one visible character other than a dot.";
    refused(&["create", ".."], PASSWORD, dots);
    let common = "password: This field takes a password that is not among those that most people choose.";
    refused(&["reset-password", "ann"], "password1", common);
    let no_name = "name: This field takes letters from a to z, digits, and . _ - @ + only.";
    refused(&["create", "ann b"], PASSWORD, no_name);
    for verb in ["disable", "enable", "reset-password"] {
        refused(&[verb, "unknown"], PASSWORD, "there is no user unknown");
    }
    // A password on the command line would be visible to every user of the machine.
    assert_eq!(user(dir.path(), &["create", "ben", "a quiet river"], "").code, Some(2));
    assert_eq!(number(dir.path(), "SELECT count(*) FROM users"), 1);
    assert_eq!(number(dir.path(), "SELECT count(*) FROM audit_entries"), 1);
    verify(dir.path());
}
