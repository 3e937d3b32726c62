//! Backups that the server makes at intervals.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{assert_sound, new_dir, on_file};
use crate::support::process::{Server, await_some, run};

/// The server with a schedule: the directory `backups`, an interval in seconds, and a number.
fn scheduled(dir: &Path, every: &str, keep: &str) -> Command {
    let mut command = on_file(dir);
    command.env("HEADROOM_BACKUP_DIR", dir.join("backups")).env("HEADROOM_LOG", "info,headroom=debug");
    command.env("HEADROOM_BACKUP_EVERY", every).env("HEADROOM_BACKUP_KEEP", keep);
    command
}

/// The names of the backups, without the keys and the lock, the oldest first.
fn backups(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir.join("backups")).expect("the directory is there");
    let names = entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"));
    let mut names: Vec<String> = names.filter(|name| name.strip_suffix(".db").is_some()).collect();
    names.sort();
    names
}

fn count(log: &str, words: &str) -> usize {
    log.matches(words).count()
}

#[test]
fn a_schedule_keeps_exactly_so_many_backups() {
    let dir = new_dir();
    fs::create_dir(dir.path().join("backups")).expect("a directory");
    // What a killed server has left.
    fs::write(dir.path().join("backups/headroom-20200101T000000Z.db.partial"), "").expect("a file");
    let mut server = Server::spawn(scheduled(dir.path(), "1", "2")).listening();
    await_some("four backups", || (count(&server.log(), "backed up the database to") >= 4).then_some(()));
    server.signal("TERM");
    assert!(server.ended().success(), "{}", server.log());
    let kept = backups(dir.path());
    assert_eq!(kept.len(), 2, "{kept:?}");
    for name in &kept {
        assert_sound(dir.path(), &format!("backups/{name}"));
        assert!(dir.path().join(format!("backups/{name}.keys")).exists());
        assert!(server.log().contains(name), "{name} is not among the last");
    }
    let others = fs::read_dir(dir.path().join("backups")).expect("the directory is there");
    let unfinished = others.filter(|entry| {
        entry.as_ref().expect("an entry").file_name().to_string_lossy().starts_with("headroom-20200101T000000Z")
    });
    assert_eq!(unfinished.count(), 0);
}

#[test]
fn two_processes_make_one_backup() {
    let dir = new_dir();
    fs::create_dir(dir.path().join("backups")).expect("a directory");
    let mut servers = [(); 2].map(|()| Server::spawn(scheduled(dir.path(), "3600", "7"))).map(Server::listening);
    let made = |server: &Server| count(&server.log(), "backed up the database to");
    let looked = |server: &Server| {
        let log = server.log();
        made(server) > 0
            || log.contains("another process makes the scheduled backup")
            || log.contains("the next scheduled backup is due in")
    };
    await_some("one has made it and the other has looked", || {
        (servers.iter().all(looked) && servers.iter().any(|server| made(server) > 0)).then_some(())
    });
    assert_eq!(servers.iter().map(made).sum::<usize>(), 1);
    assert_eq!(backups(dir.path()).len(), 1);
    for server in &mut servers {
        server.signal("TERM");
        assert!(server.ended().success(), "{}", server.log());
    }
    // A restart makes none: it is not due.
    let server = Server::spawn(scheduled(dir.path(), "3600", "7")).listening();
    await_some("it has looked", || server.log().contains("the next scheduled backup is due in").then_some(()));
    assert_eq!((made(&server), backups(dir.path()).len()), (0, 1));
}

#[test]
fn a_failed_backup_is_logged_and_repeated() {
    let dir = new_dir();
    let server = Server::spawn(scheduled(dir.path(), "1", "2")).listening();
    let failed = "the next attempt is in 1 s: cannot use the directory";
    await_some("it has failed", || server.log().contains(failed).then_some(()));
    fs::create_dir(dir.path().join("backups")).expect("a directory");
    await_some("a backup", || backups(dir.path()).first().cloned());
    server.stop_and_verify();
}

#[test]
fn a_schedule_on_postgresql_is_refused() {
    let dir = new_dir();
    let mut command = scheduled(dir.path(), "0", "0");
    command.env("HEADROOM_DATABASE_URL", "postgres://headroom:hush@db.invalid/headroom");
    let finished = run(command);
    assert_eq!(finished.code, Some(2), "{finished:?}");
    for words in [
        "HEADROOM_BACKUP_DIR (--backup-dir) is for SQLite",
        "HEADROOM_BACKUP_EVERY (--backup-every) takes 1 to 31536000 seconds",
        "HEADROOM_BACKUP_KEEP (--backup-keep) takes 1 to 10000",
    ] {
        assert!(finished.stderr.contains(words), "{finished:?}");
    }
}
