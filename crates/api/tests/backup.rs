//! `headroom backup` and `headroom restore`, and scheduled backups.
//!
//! `HEADROOM_BACKUP_ROUNDS` is the number of backups under load (default: 5).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use rusqlite::Connection;
use serde_json::{Value, json};
use testkit::disk::{DiskFault, WatchedDisk};

#[path = "backup_parts/scheduled.rs"]
mod scheduled;
#[expect(dead_code, reason = "other tests use the rest")]
mod support {
    pub(crate) mod process;
}
use support::process::{Client, Finished, Server, await_some, headroom, run};

const THREADS: usize = 4;

fn new_dir() -> tempfile::TempDir {
    tempfile::tempdir().expect("a directory")
}

/// The program on `headroom.db` in `dir`, whatever database other tests run on.
fn on_file(dir: &Path) -> Command {
    on(dir, "headroom.db")
}

fn on(dir: &Path, database: &str) -> Command {
    let mut command = headroom(dir);
    command.env("HEADROOM_DATABASE_URL", format!("sqlite://{}", dir.join(database).display()));
    command
}

fn run_on_file(dir: &Path, arguments: &[&str]) -> Finished {
    let mut command = on_file(dir);
    command.args(arguments);
    run(command)
}

#[track_caller]
fn succeed(dir: &Path, arguments: &[&str]) -> String {
    let finished = run_on_file(dir, arguments);
    assert!(finished.code == Some(0) && finished.stderr.is_empty(), "{arguments:?}: {finished:?}");
    finished.stdout
}

/// Asserts that the command prints one line, and exits with code 1.
#[track_caller]
fn assert_refused(finished: &Finished, words: &str) {
    assert_eq!((finished.code, finished.stdout.as_str()), (Some(1), ""), "{finished:?}");
    assert!(finished.stderr.contains(words) && finished.stderr.lines().count() == 1, "{finished:?}");
}

#[track_caller]
fn assert_sound(dir: &Path, database: &str) {
    let mut command = on(dir, database);
    command.args(["verify", "--full"]);
    let finished = run(command);
    assert!(finished.code == Some(0) && finished.stdout.starts_with("ok: "), "{finished:?}");
}

/// The names of all accounts in a backup.
fn account_names(file: &Path) -> Vec<String> {
    let connection = Connection::open(file).expect("the backup opens");
    let mut statement = connection.prepare("SELECT name FROM accounts").expect("it has the table");
    let names = statement.query_map([], |row| row.get(0)).expect("it can be read");
    names.collect::<Result<_, _>>().expect("it can be read")
}

/// Makes the database so large that a backup takes a while.
fn fill(dir: &Path, mebibytes: u32) {
    let connection = Connection::open(dir.join("headroom.db")).expect("the database opens");
    connection.execute_batch("CREATE TABLE filler (content BLOB)").expect("a table");
    for _ in 0..mebibytes {
        connection.execute("INSERT INTO filler VALUES (randomblob(1048576))", []).expect("a row");
    }
}

/// Creates accounts until it is stopped, and notes the acknowledged ones.
fn create_accounts(client: &Client, thread: usize, acknowledged: &Mutex<Vec<String>>, is_over: &AtomicBool) {
    for number in 0.. {
        if is_over.load(Ordering::Relaxed) {
            return;
        }
        let name = format!("Salon {thread}-{number}");
        let answer = client.try_post("/accounts", &json!({"name": name})).expect("the server answers");
        assert_eq!(answer.status, 201, "{answer:?}");
        acknowledged.lock().expect("no thread panics").push(name);
    }
}

#[test]
fn a_backup_under_load_has_every_write_acknowledged_before_it() {
    let rounds: usize = std::env::var("HEADROOM_BACKUP_ROUNDS").map_or(5, |rounds| rounds.parse().expect("a number"));
    let dir = new_dir();
    let server = Server::spawn(on_file(dir.path())).listening();
    let client = server.client();
    let (acknowledged, is_over) = (Mutex::default(), AtomicBool::new(false));
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (client, acknowledged, is_over) = (client.another(), &acknowledged, &is_over);
            scope.spawn(move || create_accounts(&client, thread, acknowledged, is_over));
        }
        for round in 0..rounds {
            let seen = await_some("more accounts", || {
                let known: Vec<String> = acknowledged.lock().expect("no thread panics").clone();
                (known.len() >= 20 * (round + 1)).then_some(known)
            });
            succeed(dir.path(), &["backup", "backup.db", "--force"]);
            assert_sound(dir.path(), "backup.db");
            let backed_up = account_names(&dir.path().join("backup.db"));
            let lost: Vec<_> = seen.iter().filter(|name| !backed_up.contains(name)).collect();
            assert!(lost.is_empty(), "round {round}: {} of {} are lost: {lost:?}", lost.len(), seen.len());
        }
        is_over.store(true, Ordering::Relaxed);
    });
    server.stop_and_verify();
}

#[test]
fn a_killed_backup_leaves_no_file_of_its_name() {
    let dir = new_dir();
    let server = Server::spawn(on_file(dir.path())).listening();
    fill(dir.path(), 64);
    let [file, partial] = ["backup.db", "backup.db.partial"].map(|name| dir.path().join(name));
    let size = |path: &Path| fs::metadata(path).map_or(0, |found| found.len());
    let mut cut = 0;
    for mebibytes in [0, 1, 20, 40, 60, 64] {
        // The partial file of the last round is emptied first.
        let before = size(&partial);
        let mut command = on_file(dir.path());
        let mut backup = command.args(["backup", "backup.db"]).spawn().expect("it starts");
        let mut has_begun = false;
        await_some("it has copied so much, or is done", || {
            let now = size(&partial);
            has_begun |= now != before;
            let ended = backup.try_wait().expect("it can be waited for").is_some();
            (ended || has_begun && now >= mebibytes << 20).then_some(())
        });
        backup.kill().expect("it can be killed");
        let status = backup.wait().expect("it can be waited for");
        if status.success() {
            assert_sound(dir.path(), "backup.db");
            fs::remove_file(&file).expect("the backup is there");
            fs::remove_file(file.with_extension("db.keys")).expect("its keys are there");
        } else {
            cut += 1;
            assert!(!file.exists(), "{mebibytes} MiB");
        }
        // A backup that was killed between both files has left the keys.
        let _ = fs::remove_file(file.with_extension("db.keys"));
    }
    assert!(cut >= 3, "{cut} were killed before their end");
    succeed(dir.path(), &["backup", "backup.db"]);
    assert!(!partial.exists());
    assert_sound(dir.path(), "backup.db");
    drop(server);
}

#[test]
fn a_backup_that_cannot_be_written_is_one_message_and_no_file() {
    let dir = new_dir();
    let server = Server::spawn(on_file(dir.path())).listening();
    let disk = WatchedDisk::new(dir.path());
    let file = disk.directory().join("backup.db");
    let backup = || {
        let mut command = on_file(dir.path());
        command.arg("backup").arg(&file);
        disk.preload(&mut command);
        run(command)
    };
    for (fault, words) in
        [(DiskFault::Full, "full"), (DiskFault::Sync, "cannot write"), (DiskFault::ReadOnlyDirectory, "cannot write")]
    {
        disk.set_fault(Some(fault));
        let finished = backup();
        assert_refused(&finished, words);
        assert!(finished.stderr.contains("backup.db"), "{finished:?}");
        let left: Vec<_> = fs::read_dir(disk.directory()).expect("the directory is there").collect();
        assert!(left.is_empty(), "{fault:?}: {left:?}, {finished:?}");
    }
    disk.set_fault(None);
    assert_eq!(backup().code, Some(0));
    assert_refused(&run_on_file(dir.path(), &["backup", "missing/backup.db"]), "cannot write missing/backup.db");
    drop(server);
}

#[test]
fn a_backup_never_replaces_the_database_or_its_keys() {
    let dir = new_dir();
    let mut server = Server::spawn(on_file(dir.path())).listening();
    let content = || ["headroom.db", "headroom.db.keys"].map(|name| fs::read(dir.path().join(name)).expect("a file"));
    let before = content();
    let refused = |arguments: &[&str], words: &str| {
        assert_refused(&run_on_file(dir.path(), arguments), words);
        assert!(content() == before, "{arguments:?}");
    };
    refused(&["backup", "headroom.db", "--force"], "is the database itself");
    refused(&["backup", "headroom.db.keys", "--force"], "is the database itself");
    server.signal("TERM");
    assert!(server.ended().success());
    let before = content();
    assert_refused(&run_on_file(dir.path(), &["backup", "headroom.db", "--force"]), "is the database itself");
    assert!(content() == before);
    succeed(dir.path(), &["backup", "backup.db"]);
    assert_refused(&run_on_file(dir.path(), &["backup", "backup.db"]), "backup.db.keys exists already: --force");
    fs::remove_file(dir.path().join("backup.db.keys")).expect("the keys are there");
    assert_refused(&run_on_file(dir.path(), &["backup", "backup.db"]), "backup.db exists already: --force");
    let printed: Value = serde_json::from_str(&succeed(dir.path(), &["backup", "backup.db", "--force", "--json"]))
        .expect("it prints JSON");
    let size = fs::metadata(dir.path().join("backup.db")).expect("the backup is there").len();
    assert_eq!((printed["bytes"].as_u64(), &printed["key_file"]), (Some(size), &json!("backup.db.keys")));
}

#[test]
fn a_backup_says_where_the_keys_are() {
    let dir = new_dir();
    let server = Server::spawn(on_file(dir.path())).listening();
    let with = |variable: &str, value: &str, file: &str| {
        let mut command = on_file(dir.path());
        command.env(variable, value).args(["backup", file]);
        let finished = run(command);
        assert_eq!(finished.code, Some(0), "{finished:?}");
        assert!(!dir.path().join(format!("{file}.keys")).exists());
        finished.stdout
    };
    let secret = "0123456789abcdef0123456789abcdef";
    let printed = with("HEADROOM_JWT_SECRET", secret, "a.db");
    assert!(printed.contains("keep HEADROOM_JWT_SECRET yourself") && !printed.contains(secret), "{printed}");
    let printed = with("HEADROOM_KEY_FILE", "other.keys", "b.db");
    assert!(printed.contains("other.keys does not exist"), "{printed}");
    drop(server);
}

#[test]
fn a_restored_server_answers_the_same_and_accepts_earlier_tokens() {
    let dir = new_dir();
    let server = Server::spawn(on_file(dir.path())).listening();
    let client = server.client();
    let account = client.open_account("basic");
    for _ in 0..3 {
        client.post(&format!("{account}/bookings"), &json!({"starts_at": "2150-03-20T10:00:00Z"})).created();
    }
    let paths = ["", "/subscription", "/bookings", "/entitlements", "/audit"].map(|path| format!("{account}{path}"));
    let before = paths.each_ref().map(|path| client.get(path).body);
    succeed(dir.path(), &["backup", "backup.db"]);
    client.post(&format!("{account}/bookings"), &json!({"starts_at": "2150-03-20T10:00:00Z"})).created();
    assert_eq!(run_on_file(dir.path(), &["keys", "rotate"]).code, Some(0));
    // Killed, so that the log of the replaced database is still there.
    server.kill();
    assert!(fs::metadata(dir.path().join("headroom.db-wal")).is_ok_and(|found| found.len() > 0));
    let printed = succeed(dir.path(), &["restore", "backup.db", "--force"]);
    assert!(printed.starts_with("restored backup.db to sqlite://"), "{printed}");
    assert!(!dir.path().join("headroom.db-wal").exists() && !dir.path().join("headroom.db-shm").exists());
    assert_eq!(fs::read(dir.path().join("headroom.db.keys")).ok(), fs::read(dir.path().join("backup.db.keys")).ok());
    let server = Server::spawn(on_file(dir.path())).listening();
    let client = client.at(&server);
    assert_eq!(paths.map(|path| client.get(&path).body), before);
    // Two of five are left.
    let statuses = [(); 3]
        .map(|()| client.post(&format!("{account}/bookings"), &json!({"starts_at": "2150-03-20T11:00:00Z"})).status);
    assert_eq!(statuses, [201, 201, 403]);
    server.stop_and_verify();
}

#[test]
fn a_backup_is_restored_where_no_database_is() {
    let (dir, other) = (new_dir(), new_dir());
    let server = Server::spawn(on_file(dir.path())).listening();
    let token = server.client().token;
    let backup = other.path().join("backup.db");
    succeed(dir.path(), &["backup", backup.to_str().expect("a path in UTF-8")]);
    let log = other.path().join("headroom.db-wal");
    fs::write(&log, "left behind").expect("a file");
    let refused = run_on_file(other.path(), &["restore", "backup.db"]);
    assert_refused(&refused, "headroom.db-wal is the log of a database that does not exist");
    fs::remove_file(&log).expect("the log is there");
    succeed(other.path(), &["restore", "backup.db"]);
    assert_sound(other.path(), "headroom.db");
    let restored = Server::spawn(on_file(other.path())).listening();
    let client = restored.stranger().with_token(&token.expect("a token"));
    assert_eq!(client.get("/accounts").status, 200);
    restored.stop_and_verify();
    fs::remove_file(other.path().join("backup.db.keys")).expect("the keys are there");
    let printed = succeed(other.path(), &["restore", "backup.db", "--force"]);
    assert!(printed.contains("signing keys: as they were: backup.db.keys does not exist"), "{printed}");
}

/// A backup in the directory, and a way to change it that makes it unusable.
fn spoilt(dir: &Path, name: &str, spoil: impl FnOnce(&Path)) -> PathBuf {
    let path = dir.join(name);
    fs::copy(dir.join("backup.db"), &path).expect("the backup is there");
    spoil(&path);
    path
}

#[test]
fn a_restore_of_an_unusable_file_is_refused_and_changes_nothing() {
    let dir = new_dir();
    let mut server = Server::spawn(on_file(dir.path())).listening();
    succeed(dir.path(), &["backup", "backup.db"]);
    server.client().post("/accounts", &json!({"name": "My Salon"})).created();
    server.signal("TERM");
    assert!(server.ended().success());
    let sql = |path: &Path, sql: &str| Connection::open(path).and_then(|file| file.execute_batch(sql)).expect("SQL");
    spoilt(dir.path(), "newer.db", |path| {
        sql(path, "INSERT INTO schema_history VALUES (99, 'later', '2026-11-28T00:00:00Z', '1')");
    });
    spoilt(dir.path(), "foreign.db", |path| sql(path, "PRAGMA application_id = 1"));
    spoilt(dir.path(), "text.db", |path| fs::write(path, "no database".repeat(1000)).expect("a file"));
    spoilt(dir.path(), "empty.db", |path| fs::write(path, "").expect("a file"));
    spoilt(dir.path(), "damaged.db", |path| {
        let mut bytes = fs::read(path).expect("a file");
        let end = bytes.len();
        bytes[end - 4096..].fill(0);
        fs::write(path, bytes).expect("a file");
    });
    for (name, words) in [
        ("newer.db", "schema version 99"),
        ("foreign.db", "is an SQLite database, but not one of Headroom's"),
        ("text.db", "cannot read text.db as a database"),
        ("empty.db", "it is empty"),
        ("damaged.db", "the database is damaged"),
        ("none.db", "there is no database at none.db"),
        ("headroom.db", "is the database itself"),
    ] {
        assert_refused(&run_on_file(dir.path(), &["restore", name, "--force"]), words);
        assert_eq!(account_names(&dir.path().join("headroom.db")), ["My Salon"], "{name}");
        assert!(!dir.path().join("headroom.db.partial").exists(), "{name}");
    }
}

#[test]
fn a_restore_over_a_database_needs_a_flag_and_no_server() {
    let dir = new_dir();
    let mut server = Server::spawn(on_file(dir.path())).listening();
    succeed(dir.path(), &["backup", "backup.db"]);
    let client = server.client();
    let restore = |arguments: &[&str]| run_on_file(dir.path(), &[&["restore", "backup.db"], arguments].concat());
    assert_refused(&restore(&[]), "headroom.db exists already: --force replaces it");
    assert_refused(&restore(&["--force"]), "is open in another process, such as a running server: stop it first");
    client.post("/accounts", &json!({"name": "My Salon"})).created();
    server.signal("TERM");
    assert!(server.ended().success());
    assert_refused(&restore(&[]), "headroom.db exists already: --force replaces it");
    // Without a database, keys that differ are still not replaced by accident.
    fs::remove_file(dir.path().join("headroom.db")).expect("the database is there");
    assert_eq!(run_on_file(dir.path(), &["keys", "rotate"]).code, Some(0));
    assert_refused(&restore(&[]), "headroom.db.keys exists already: --force replaces it");
    assert_eq!(restore(&["--force"]).code, Some(0));
    assert_sound(dir.path(), "headroom.db");
}

#[test]
fn postgresql_is_backed_up_with_its_own_programs() {
    let dir = new_dir();
    for arguments in [["backup", "backup.db"], ["restore", "backup.db"]] {
        let mut command = headroom(dir.path());
        command.env("HEADROOM_DATABASE_URL", "postgres://headroom:hush@db.invalid/headroom").args(arguments);
        let finished = run(command);
        assert_refused(&finished, "pg_dump");
        assert!(!finished.stderr.contains("hush"), "{finished:?}");
    }
}
