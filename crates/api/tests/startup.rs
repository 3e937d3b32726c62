//! Starting: every fault that prevents it is reported with its remedy.

use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

#[expect(dead_code, reason = "other tests use the rest")]
mod support {
    pub(crate) mod process;
}
use support::process::{Finished, PASSWORD, Server, await_some, database, headroom, number, run, verify};

/// The exit codes of a failed start and of an invalid configuration.
const FAILED: Option<i32> = Some(1);
const MISCONFIGURED: Option<i32> = Some(2);

fn new_dir() -> tempfile::TempDir {
    tempfile::tempdir().expect("a directory")
}

/// Runs the program with arguments in `dir`.
fn run_with(dir: &Path, arguments: &[&str]) -> Finished {
    let mut command = headroom(dir);
    command.args(arguments);
    run(command)
}

#[track_caller]
fn assert_says(finished: &Finished, code: Option<i32>, words: &[&str]) {
    assert_eq!(finished.code, code, "{finished:?}");
    for word in words {
        assert!(finished.stderr.contains(word), "{word} is missing: {finished:?}");
    }
    assert!(!finished.stderr.contains("panicked"), "{finished:?}");
}

/// Creates a database in `dir` with `batch`, and closes it.
fn prepare(dir: &Path, batch: &str) -> Vec<u8> {
    let connection = rusqlite::Connection::open(database(dir)).expect("the database opens");
    connection.execute_batch(batch).expect("the statements are valid");
    drop(connection);
    fs::read(database(dir)).expect("the database is there")
}

#[test]
fn the_exit_code_of_health_says_whether_a_server_runs() {
    let dir = new_dir();
    let server = Server::start(dir.path());
    assert!(server.log().contains(&format!("serving sqlite://{}", database(dir.path()).display())), "{}", server.log());
    let address = format!("--listen={}", server.address());
    let health = || run_with(dir.path(), &["health", &address]);
    assert_eq!(health().code, Some(0));
    server.stop_and_verify();
    assert_says(&health(), FAILED, &["no answer from"]);
}

#[test]
fn an_address_in_use_is_refused_before_a_database_is_created() {
    let dir = new_dir();
    let taken = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = taken.local_addr().expect("it has an address").to_string();
    let finished = run_with(dir.path(), &[&format!("--listen={address}")]);
    assert_says(&finished, FAILED, &["cannot listen on", &address, "in use"]);
    assert!(!database(dir.path()).exists(), "a database was created");
}

#[test]
fn a_database_of_another_program_is_refused_unchanged() {
    let dir = new_dir();
    let before = prepare(dir.path(), "CREATE TABLE customers (id INTEGER); INSERT INTO customers VALUES (1)");
    let finished = run_with(dir.path(), &[]);
    assert_says(&finished, FAILED, &["headroom.db", "not one of Headroom's"]);
    assert!(fs::read(database(dir.path())).expect("the database is there") == before, "the file was changed");
}

#[test]
fn a_file_that_is_no_database_is_refused_unchanged() {
    let dir = new_dir();
    let text = "Dear diary, ".repeat(1000);
    fs::write(database(dir.path()), &text).expect("a file can be written");
    let finished = run_with(dir.path(), &[]);
    assert_says(&finished, FAILED, &["cannot open the database", "not a database"]);
    assert_eq!(fs::read_to_string(database(dir.path())).expect("the file is there"), text);
}

#[test]
fn a_database_of_a_newer_headroom_is_refused_unchanged() {
    let dir = new_dir();
    Server::start(dir.path()).stop_and_verify();
    let before = prepare(dir.path(), "INSERT INTO schema_history VALUES (99, 'later', '2026-11-28T00:00:00Z', '1')");
    for arguments in [&["serve"][..], &["verify"]] {
        let finished = run_with(dir.path(), arguments);
        assert_says(&finished, FAILED, &["schema version 99", "newer Headroom"]);
        assert!(fs::read(database(dir.path())).expect("the database is there") == before, "the file was changed");
    }
}

#[test]
fn a_missing_database_directory_is_reported() {
    let dir = new_dir();
    let finished = run_with(dir.path(), &["--database-url=sqlite:///nowhere/at/all.db"]);
    assert_says(&finished, FAILED, &["cannot open", "/nowhere/at/all.db", "No such file or directory"]);
}

#[test]
fn an_unreachable_database_is_reported_without_its_password() {
    let dir = new_dir();
    let taken = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = taken.local_addr().expect("it has an address");
    drop(taken);
    for arguments in [&["serve"][..], &["verify"], &["user", "list"]] {
        let mut command = headroom(dir.path());
        command.env("HEADROOM_DATABASE_URL", format!("postgres://headroom:canary-1@{address}/headroom"));
        command.env("HEADROOM_LOG", "trace").args(arguments);
        let finished = run(command);
        assert_says(&finished, FAILED, &[&format!("cannot use postgres://headroom:***@{address}/headroom")]);
        assert!(!format!("{finished:?}").contains("canary"), "{finished:?}");
    }
}

#[test]
fn verify_creates_no_database() {
    let dir = new_dir();
    let finished = run_with(dir.path(), &["verify"]);
    assert_eq!(finished.code, FAILED, "{finished:?}");
    assert!(!database(dir.path()).exists(), "a database was created");
}

#[test]
fn verify_leaves_a_copy_outside_wal_mode_unchanged() {
    let dir = new_dir();
    let server = Server::start(dir.path());
    server.client().open_account("basic");
    let copy = dir.path().join("copy.db");
    rusqlite::Connection::open(database(dir.path()))
        .and_then(|connection| connection.execute("VACUUM INTO ?1", [copy.to_str()]))
        .expect("a copy");
    server.stop_and_verify();
    let before = fs::read(&copy).expect("the copy is there");
    let finished = run_with(dir.path(), &["verify", "--full", &format!("--database-url=sqlite://{}", copy.display())]);
    assert!(finished.stdout.starts_with("ok: compared 1 accounts"), "{finished:?}");
    assert!(fs::read(&copy).expect("the copy is there") == before, "the copy was changed");
}

#[test]
fn reading_commands_create_no_schema_in_an_empty_file() {
    let dir = new_dir();
    fs::write(database(dir.path()), "").expect("a file can be written");
    for arguments in [&["verify"][..], &["verify", "--full"], &["user", "list"]] {
        let finished = run_with(dir.path(), arguments);
        assert_says(&finished, FAILED, &["has no schema of Headroom"]);
        assert_eq!(fs::read(database(dir.path())).expect("the file is there"), b"");
    }
}

#[test]
fn configuration_faults_are_reported_at_once_without_secrets() {
    let dir = new_dir();
    let mut command = headroom(dir.path());
    command.args(["--listen=somewhere", "--jwt-previous-secret=canary-2", "--workers=none"]);
    command.env("HEADROOM_DATABASE_URL", "postgres://headroom:canary-3@localhost");
    command
        .env("HEADROOM_JWT_SECRET", "canary-1")
        .env("HEADROOM_LOG_FORMAT", "xml")
        .env("HEADROOM_OPERATOR_PASSWORD", "");
    let finished = run(command);
    let names =
        ["LISTEN", "JWT_SECRET", "JWT_PREVIOUS_SECRET", "OPERATOR_PASSWORD", "WORKERS", "DATABASE_URL", "LOG_FORMAT"];
    let names = names.map(|name| format!("HEADROOM_{name} (--"));
    assert_says(&finished, MISCONFIGURED, &names.each_ref().map(String::as_str));
    assert!(!format!("{finished:?}").contains("canary"), "{finished:?}");
}

#[test]
fn a_public_address_is_refused_until_safe_or_explicit() {
    let dir = new_dir();
    let finished = run_with(dir.path(), &["--listen=0.0.0.0:0"]);
    let remedies = ["HEADROOM_OPERATOR_PASSWORD", "HEADROOM_JWT_SECRET", "--insecure-demo"];
    assert_says(&finished, MISCONFIGURED, &remedies);
    assert!(!database(dir.path()).exists(), "a database was created before the refusal");
    let good = ["--operator-password=another one", "--jwt-secret=0123456789abcdef0123456789abcdef"];
    for flags in [&["--insecure-demo"][..], &good] {
        let mut command = headroom(dir.path());
        command.arg("--listen=0.0.0.0:0").args(flags);
        let server = Server::spawn(command).listening();
        let health = format!("--listen={}", server.address());
        assert_eq!(run_with(dir.path(), &["health", &health]).code, Some(0));
        server.stop_and_verify();
    }
}

/// The other requirements of a public start: an operator with a chosen password, and a secret.
const GOOD: [&str; 4] = [
    "--listen=0.0.0.0:0",
    "--operator-username=admin",
    "--operator-password=another one",
    "--jwt-secret=0123456789abcdef0123456789abcdef",
];

#[test]
fn a_public_address_is_refused_with_the_default_password() {
    let dir = new_dir();
    let server = Server::start(dir.path());
    let warning = "the operator user has the default password: change it";
    await_some(warning, || server.log().contains(warning).then_some(()));
    server.stop_and_verify();
    let says = ["the operator user still has the default password", "headroom user disable user"];
    assert_says(&run_with(dir.path(), &GOOD), FAILED, &says);
    assert_eq!(run_with(dir.path(), &["user", "disable", "user"]).code, Some(0));
    let mut command = headroom(dir.path());
    command.args(GOOD);
    let server = Server::spawn(command).listening();
    assert!(!server.log().contains("default password"), "{}", server.log());
    server.stop_and_verify();
}

#[test]
fn the_default_password_of_a_renamed_operator_is_found() {
    let dir = new_dir();
    let mut command = headroom(dir.path());
    command.arg("--operator-username=boss");
    let server = Server::spawn(command).listening();
    await_some("it is found", || server.log().contains("the operator boss has the default password").then_some(()));
    server.stop_and_verify();
    assert_says(&run_with(dir.path(), &GOOD), FAILED, &["the operator boss still has the default password"]);
    // The removed name does not come back with the next start.
    Server::start(dir.path()).stop_and_verify();
    prepare(dir.path(), "UPDATE users SET username = 'chief' WHERE username = 'boss'");
    Server::start(dir.path()).stop_and_verify();
    assert_says(&run_with(dir.path(), &GOOD), FAILED, &["the operator chief still has the default password"]);
    assert_eq!(number(dir.path(), "SELECT count(*) FROM users WHERE username = 'user'"), 0);
}

#[test]
fn other_users_permissions_on_a_database_are_removed() {
    let dir = new_dir();
    Server::start(dir.path()).stop_and_verify();
    let set_mode =
        |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).expect("the test owns the file");
    let mode = || database(dir.path()).metadata().expect("it is there").permissions().mode() & 0o777;
    set_mode(&database(dir.path()), 0o666);
    set_mode(dir.path(), 0o777);
    let server = Server::start(dir.path());
    for words in ["others could read or write", "headroom.db (mode 666)", "put another database in the place"] {
        assert!(server.log().contains(words), "{words} is missing: {}", server.log());
    }
    assert_eq!(mode(), 0o660);
    server.stop_and_verify();
    set_mode(dir.path(), 0o700);
    // A command that opens it for writing removes the permissions as well.
    set_mode(&database(dir.path()), 0o644);
    let finished = run_with(dir.path(), &["user", "disable", "unknown"]);
    assert_says(&finished, FAILED, &["others could read or write", "headroom.db (mode 644)"]);
    assert_eq!(mode(), 0o640);
}

#[test]
fn an_operators_name_held_by_a_user_is_reported() {
    let dir = new_dir();
    let server = Server::start(dir.path());
    server.register("ann");
    server.stop_and_verify();
    let mut command = headroom(dir.path());
    command.args(["--operator-username=ann", "--operator-password=another one"]);
    let server = Server::spawn(command).listening();
    // There is an operator: the start succeeds, and ann is unchanged.
    for words in ["ann is a user, not an operator", "HEADROOM_OPERATOR_USERNAME"] {
        assert!(server.log().contains(words), "{}", server.log());
    }
    assert_eq!(server.log_in("ann", PASSWORD).get("/users/me").body["is_operator"], false);
    server.stop_and_verify();
    prepare(dir.path(), "UPDATE users SET is_operator = 0");
    let finished = run_with(dir.path(), &["--operator-username=ann", "--operator-password=another one"]);
    assert_says(&finished, FAILED, &["ann is a user, not an operator", "HEADROOM_OPERATOR_USERNAME"]);
}

#[test]
fn the_operators_name_is_reserved_across_restarts() {
    let dir = new_dir();
    let server = Server::start(dir.path());
    let taken = serde_json::json!({"username": "user", "password": PASSWORD});
    assert_eq!(server.stranger().post("/users", &taken).status, 409);
    server.stop_and_verify();
    // With an operator of another name, from the command line, the configured name is still
    // reserved.
    prepare(dir.path(), "UPDATE users SET username = 'boss'");
    let server = Server::start(dir.path());
    assert_eq!(server.stranger().post("/users", &taken).status, 409);
    let ann = server.register("ann");
    assert_eq!(ann.try_patch("/users/me", &serde_json::json!({"username": "User"})).expect("a response").status, 409);
    server.stop_and_verify();
    let mut command = headroom(dir.path());
    command.arg("--operator-password=a quiet river");
    let server = Server::spawn(command).listening();
    assert_eq!(server.log_in("user", PASSWORD).get("/users/me").body["is_operator"], true);
    server.stop_and_verify();
}

#[test]
fn the_operators_password_is_the_same_in_every_unicode_form() {
    let dir = new_dir();
    let typings = ["une rivi\u{e8}re calme", "une rivie\u{300}re calme"];
    for configured in typings {
        let mut command = headroom(dir.path());
        command.arg(format!("--operator-password={configured}"));
        let server = Server::spawn(command).listening();
        for typed in typings {
            assert_eq!(server.log_in("user", typed).get("/users/me").status, 200);
        }
        server.stop_and_verify();
    }
    // Both forms are one password, so no change of it was recorded.
    assert_eq!(number(dir.path(), "SELECT count(*) FROM audit_entries WHERE action = 'user.password_changed'"), 0);
}

#[test]
fn a_counter_that_differs_from_its_rows_is_reported() {
    let dir = new_dir();
    let server = Server::start(dir.path());
    let account = server.client().open_account("basic");
    server.client().post(&format!("{account}/staff"), &serde_json::json!({"name": "Ann"})).created();
    server.stop_and_verify();
    prepare(dir.path(), "UPDATE usage_counters SET used = 2 WHERE metric = 'staff'");
    let finished = run_with(dir.path(), &["verify"]);
    assert_eq!(finished.code, FAILED, "{finished:?}");
    assert!(finished.stdout.contains(account.trim_start_matches("/accounts/")), "{finished:?}");
    prepare(dir.path(), "UPDATE usage_counters SET used = 1 WHERE metric = 'staff'");
    verify(dir.path());
}

#[test]
fn a_closed_output_pipe_is_no_failure() {
    // More than the capacity of a pipe, so that the program writes after the reader has closed it.
    let mut command = Command::new(env!("CARGO_BIN_EXE_headroom"));
    let mut child = command.arg("openapi").stdout(Stdio::piped()).spawn().expect("it starts");
    drop(child.stdout.take());
    assert!(child.wait().expect("it ends").success());
}
