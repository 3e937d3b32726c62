//! `headroom backup` and `headroom restore`, and scheduled backups.
//!
//! `HEADROOM_BACKUP_ROUNDS` is the number of backups under load (default: 5).

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use rusqlite::Connection;
use serde_json::{Value, json};
use testkit::disk::{DiskFault, WatchedDisk};

#[path = "backup_parts/restore.rs"]
mod restore;
#[path = "backup_parts/scheduled.rs"]
mod scheduled;
#[expect(dead_code, reason = "other tests use the rest")]
mod support {
    pub(crate) mod over;
    pub(crate) mod process;
}
use support::over::Over;
use support::process::{Client, Finished, Server, await_some, headroom, run};

const THREADS: usize = 4;
/// Between two accounts of a thread, so that the database stays small for many backups.
const PAUSE: Duration = Duration::from_millis(5);

fn new_dir() -> tempfile::TempDir {
    tempfile::tempdir().expect("a directory")
}

/// The program on `headroom.db` in `dir`, regardless of the database that other tests run on.
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
fn create_accounts(client: &Client, prefix: &str, acknowledged: &Mutex<Vec<String>>, is_over: &AtomicBool) {
    for number in 0.. {
        if is_over.load(Ordering::Relaxed) {
            return;
        }
        let name = format!("{prefix}-{number}");
        let answer = client.try_post("/accounts", &json!({"name": name})).expect("the server answers");
        assert_eq!(answer.status, 201, "{answer:?}");
        acknowledged.lock().expect("no thread panics").push(name);
        thread::sleep(PAUSE);
    }
}

#[test]
fn a_backup_under_load_has_every_write_acknowledged_before_it() {
    let rounds: usize = std::env::var("HEADROOM_BACKUP_ROUNDS").map_or(5, |rounds| rounds.parse().expect("a number"));
    let dir = new_dir();
    let server = Server::spawn(on_file(dir.path())).listening();
    let acknowledged = Mutex::<Vec<String>>::default();
    for round in 0..rounds {
        // A session for each round: many rounds take longer than a token is valid.
        let (client, is_over) = (server.client(), AtomicBool::new(false));
        thread::scope(|scope| {
            let _over = Over(&is_over);
            for thread in 0..THREADS {
                let (client, acknowledged, is_over) = (client.another(), &acknowledged, &is_over);
                let prefix = format!("Salon {round}-{thread}");
                scope.spawn(move || create_accounts(&client, &prefix, acknowledged, is_over));
            }
            let seen = await_some("more accounts", || {
                let known: Vec<String> = acknowledged.lock().expect("no thread panics").clone();
                (known.len() >= 20 * (round + 1)).then_some(known)
            });
            succeed(dir.path(), &["backup", "backup.db", "--force"]);
            assert_sound(dir.path(), "backup.db");
            let backed_up: HashSet<String> = account_names(&dir.path().join("backup.db")).into_iter().collect();
            let lost: Vec<_> = seen.iter().filter(|name| !backed_up.contains(*name)).collect();
            assert!(lost.is_empty(), "round {round}: {} of {} are lost: {lost:?}", lost.len(), seen.len());
        });
    }
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
    // The server may write to its database meanwhile, but the file is not replaced.
    let file = || fs::metadata(dir.path().join("headroom.db")).expect("a file").ino();
    let (before, [_, keys]) = (file(), content());
    let refused = |arguments: &[&str], words: &str| {
        assert_refused(&run_on_file(dir.path(), arguments), words);
        assert!(file() == before && content()[1] == keys, "{arguments:?}");
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
