//! `headroom restore`: what it refuses, and that a restored server goes on as before.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use serde_json::json;

use super::{account_names, assert_refused, assert_sound, new_dir, on_file, run_on_file, succeed};
use crate::support::process::Server;

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
