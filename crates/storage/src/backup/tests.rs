//! Tests of copies on files of their own. Those beside a server are in `crates/api/tests/backup.rs`.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::sqlite::open_writer;

/// A database of Headroom's, and its directory.
fn database() -> (tempfile::TempDir, std::path::PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("headroom.db");
    let mut connection = open_writer(&path).unwrap();
    schema::migrate(&mut connection, &path).unwrap();
    (dir, path)
}

fn copy(from: &Path, to: &Path, overwrite: Overwrite) -> Result<(), BackupError> {
    Draft::copy(from, to, overwrite, WriteBack::Paced, &mut |_| ControlFlow::Continue(()))?.publish()
}

/// The names of the files of a directory, without the logs that a reader of a database leaves.
fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| !["headroom.db-shm", "headroom.db-wal"].contains(&name.as_str()));
    names.sort();
    names
}

#[test]
fn commits_of_another_connection_do_not_restart_a_copy() {
    let (dir, path) = database();
    let (writer, to) = (open_writer(&path).unwrap(), dir.path().join("copy.db"));
    let insert =
        "INSERT INTO write_probe (id, written_at) VALUES (1, ?1) ON CONFLICT (id) DO UPDATE SET written_at = ?1";
    writer.execute_batch("CREATE TABLE filler (x); INSERT INTO filler VALUES (zeroblob(8000000))").unwrap();
    writer.execute(insert, [1]).unwrap();
    let mut steps = 0;
    let draft = Draft::copy(&path, &to, Overwrite::No, WriteBack::Paced, &mut |progress| {
        if progress.step == BackupStep::Copying {
            steps += 1;
            writer.execute(insert, [1 + steps]).unwrap();
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    assert!(!to.exists());
    draft.publish().unwrap();
    // 8 MB are seven full steps and the last one, which is not reported.
    assert_eq!(steps, 7);
    let copied: i64 =
        Connection::open(&to).unwrap().query_row("SELECT written_at FROM write_probe", [], |row| row.get(0)).unwrap();
    assert_eq!(copied, 1, "the copy is the snapshot from before its first step");
}

#[test]
fn a_copy_is_written_in_parts_before_it_is_checked() {
    let (dir, path) = database();
    let steps_of = |write_back| {
        let mut steps = Vec::new();
        let to = dir.path().join("copy.db");
        let draft = Draft::copy(&path, &to, Overwrite::No, write_back, &mut |progress| {
            steps.push(progress);
            ControlFlow::Continue(())
        });
        (draft.unwrap().bytes(), steps)
    };
    let (bytes, steps) = steps_of(WriteBack::Paced);
    let writes: Vec<_> = steps.iter().filter(|progress| progress.step == BackupStep::Writing).collect();
    assert_eq!(writes.len() as u64, bytes.div_ceil(BYTES_PER_WRITE));
    assert!(writes.iter().all(|progress| progress.total == bytes / PAGE_BYTES), "{writes:?}");
    assert!(writes.is_sorted_by(|one, next| one.done < next.done), "{writes:?}");
    assert_eq!(writes.last().unwrap().done, bytes / PAGE_BYTES);
    assert_eq!(steps.last().unwrap().step, BackupStep::Checking);
    let (_, steps) = steps_of(WriteBack::AtOnce);
    assert!(steps.iter().all(|progress| progress.step != BackupStep::Writing), "{steps:?}");
}

#[test]
fn a_copy_is_one_private_file() {
    let (dir, path) = database();
    let to = dir.path().join("copy.db");
    copy(&path, &to, Overwrite::No).unwrap();
    assert_eq!(names(dir.path()), ["copy.db", "headroom.db"]);
    assert_eq!(to.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let mode: String = Connection::open(&to).unwrap().query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
    assert_eq!(mode, "delete");
}

#[test]
fn a_file_is_replaced_on_request_alone_and_never_while_it_is_open() {
    let (dir, path) = database();
    let to = dir.path().join("copy.db");
    copy(&path, &to, Overwrite::No).unwrap();
    let before = fs::read(&to).unwrap();
    assert!(matches!(copy(&path, &to, Overwrite::No), Err(BackupError::Exists { .. })));
    assert!(matches!(copy(&path, &path, Overwrite::Yes), Err(BackupError::Same { .. })));
    assert!(matches!(copy(&to, &path, Overwrite::No), Err(BackupError::Exists { .. })));
    let server = open_writer(&path).unwrap();
    assert!(matches!(copy(&to, &path, Overwrite::Yes), Err(BackupError::InUse { .. })));
    drop(server);
    fs::write(dir.path().join("headroom.db-shm"), "left behind").unwrap();
    copy(&to, &path, Overwrite::Yes).unwrap();
    assert!(!dir.path().join("headroom.db-shm").exists() && !dir.path().join("headroom.db-wal").exists());
    assert_eq!(names(dir.path()), ["copy.db", "headroom.db"]);
    assert!(fs::read(&to).unwrap() == before);
}

#[test]
fn a_damaged_database_is_replaced_and_a_foreign_one_is_not() {
    let (dir, path) = database();
    let [damaged, foreign] = ["damaged.db", "foreign.db"].map(|name| dir.path().join(name));
    fs::write(&damaged, "not a database".repeat(1000)).unwrap();
    copy(&path, &damaged, Overwrite::Yes).unwrap();
    copy(&damaged, &dir.path().join("again.db"), Overwrite::No).unwrap();
    Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE customers (id INTEGER)").unwrap();
    for refused in [copy(&path, &foreign, Overwrite::Yes), copy(&foreign, &dir.path().join("x.db"), Overwrite::No)] {
        assert!(matches!(refused, Err(BackupError::Open(crate::OpenError::Foreign { .. }))), "{refused:?}");
    }
}

#[test]
fn what_is_no_sound_database_is_not_copied() {
    let (dir, path) = database();
    let to = dir.path().join("copy.db");
    let file = |name: &str| dir.path().join(name);
    assert!(matches!(copy(&file("none.db"), &to, Overwrite::No), Err(BackupError::Missing { .. })));
    fs::write(file("text.db"), "not a database".repeat(1000)).unwrap();
    assert!(matches!(copy(&file("text.db"), &to, Overwrite::No), Err(BackupError::Unreadable { .. })));
    fs::write(file("empty.db"), "").unwrap();
    assert!(matches!(copy(&file("empty.db"), &to, Overwrite::No), Err(BackupError::NoSchema { .. })));
    copy(&path, &file("damaged.db"), Overwrite::No).unwrap();
    let mut bytes = fs::read(file("damaged.db")).unwrap();
    // The last page belongs to a table or to an index.
    let end = bytes.len();
    bytes[end - 4096..].fill(0);
    fs::write(file("damaged.db"), bytes).unwrap();
    let refused = copy(&file("damaged.db"), &to, Overwrite::No);
    assert!(matches!(refused, Err(BackupError::Damaged { .. })), "{refused:?}");
    assert!(!names(dir.path()).iter().any(|name| name.starts_with("copy.db")), "{:?}", names(dir.path()));
}

#[test]
fn an_older_schema_is_copied_and_a_newer_one_refused() {
    let dir = tempfile::tempdir().unwrap();
    let [path, to] = ["old.db", "copy.db"].map(|name| dir.path().join(name));
    let mut connection = open_writer(&path).unwrap();
    let first = crate::migrations::SQLITE.runner().unwrap().set_target(refinery::Target::Version(1));
    first.run(&mut connection).unwrap();
    let draft = Draft::copy(&path, &to, Overwrite::No, WriteBack::Paced, &mut |_| ControlFlow::Continue(())).unwrap();
    assert!(draft.verification().is_none());
    drop(draft);
    schema::migrate(&mut connection, &path).unwrap();
    let history = crate::migrations::HISTORY;
    connection
        .execute(&format!("INSERT INTO {history} VALUES (99, 'later', '2026-11-28T00:00:00Z', '1')"), [])
        .unwrap();
    let refused = copy(&path, &to, Overwrite::No);
    assert!(matches!(refused, Err(BackupError::Open(crate::OpenError::NewerSchema { found: 99, .. }))), "{refused:?}");
    assert!(!to.exists());
}

#[test]
fn a_stopped_copy_leaves_nothing_and_an_abandoned_one_is_removed() {
    let (dir, path) = database();
    let to = dir.path().join("copy.db");
    let stopped = Draft::copy(&path, &to, Overwrite::No, WriteBack::Paced, &mut |_| ControlFlow::Break(()));
    assert!(matches!(stopped.map(drop), Err(BackupError::Stopped)));
    assert_eq!(names(dir.path()), ["headroom.db"]);
    for name in ["copy.db.partial", "copy.db.partial-journal"] {
        fs::write(dir.path().join(name), "left by a killed process").unwrap();
    }
    remove_abandoned(&to).unwrap();
    assert_eq!(names(dir.path()), ["headroom.db"]);
    remove_abandoned(&to).unwrap();
}

/// Truncating it would make ext4 write the whole copy to the disk at once.
#[test]
fn what_a_killed_copy_has_left_is_not_truncated() {
    let (dir, path) = database();
    let (to, left) = (dir.path().join("copy.db"), dir.path().join("copy.db.partial"));
    fs::write(&left, "left by a killed process").unwrap();
    let left = fs::File::open(left).unwrap();
    copy(&path, &to, Overwrite::No).unwrap();
    assert_eq!(io::read_to_string(left).unwrap(), "left by a killed process");
    assert_eq!(names(dir.path()), ["copy.db", "headroom.db"]);
}

#[test]
fn a_link_or_a_running_copy_in_the_place_of_the_partial_file_is_refused() {
    let (dir, path) = database();
    let (to, precious) = (dir.path().join("copy.db"), dir.path().join("precious"));
    fs::write(&precious, "precious").unwrap();
    std::os::unix::fs::symlink(&precious, dir.path().join("copy.db.partial")).unwrap();
    assert!(matches!(copy(&path, &to, Overwrite::No), Err(BackupError::File { .. })));
    fs::remove_file(dir.path().join("copy.db.partial")).unwrap();
    fs::hard_link(&precious, dir.path().join("copy.db.partial")).unwrap();
    assert!(matches!(copy(&path, &to, Overwrite::No), Err(BackupError::InTheWay { .. })));
    fs::remove_file(dir.path().join("copy.db.partial")).unwrap();
    assert_eq!(fs::read_to_string(&precious).unwrap(), "precious");
    let draft = Draft::copy(&path, &to, Overwrite::No, WriteBack::Paced, &mut |_| ControlFlow::Continue(())).unwrap();
    assert!(matches!(copy(&path, &to, Overwrite::No), Err(BackupError::BeingWritten { .. })));
    assert!(matches!(remove_abandoned(&to), Err(BackupError::BeingWritten { .. })));
    fs::write(&to, "created meanwhile").unwrap();
    assert!(matches!(draft.publish(), Err(BackupError::Exists { .. })));
    assert_eq!(fs::read_to_string(&to).unwrap(), "created meanwhile");
}
