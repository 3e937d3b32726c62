//! A failing disk: the error of a start, the status of `/readyz`, and recovery.

use std::fs;
use std::path::Path;
use std::process::Command;

use rusqlite::Connection;
use serde_json::json;
use testkit::disk::{DiskFault, WatchedDisk};

#[expect(dead_code, reason = "other tests use the rest")]
mod support {
    pub(crate) mod process;
}
use support::process::{Server, await_some, headroom, run};

/// A command that runs the program on a disk, regardless of the database that the tests run on.
fn headroom_on(disk: &WatchedDisk, dir: &Path) -> Command {
    let mut command = headroom(dir);
    command.env("HEADROOM_DATABASE_URL", format!("sqlite://{}/headroom.db", disk.directory().display()));
    disk.preload(&mut command);
    command
}

#[test]
fn a_server_is_not_ready_while_its_writes_fail() {
    let dir = tempfile::tempdir().expect("a directory");
    let disk = WatchedDisk::new(dir.path());
    let server = Server::spawn(headroom_on(&disk, dir.path())).listening();
    let client = server.client();
    let status = |path: &str| client.get(path).status;
    assert_eq!(status("/readyz"), 200);
    // A full disk fails only the writes that extend a file; until then the log is overwritten in
    // place.
    disk.set_fault(Some(DiskFault::Sync));
    await_some("it is not ready", || (status("/readyz") == 503).then_some(()));
    // Reads succeed and the process is healthy: a restart would not help.
    assert_eq!((status("/accounts"), status("/health")), (200, 200));
    assert_eq!(client.post("/accounts", &json!({"name": "My Salon"})).status, 503);
    disk.set_fault(None);
    await_some("it is ready again", || (status("/readyz") == 200).then_some(()));
    assert_eq!(client.post("/accounts", &json!({"name": "My Salon"})).status, 201);
}

#[test]
fn readiness_probes_write_at_most_once_per_second() {
    let dir = tempfile::tempdir().expect("a directory");
    let disk = WatchedDisk::new(dir.path());
    let server = Server::spawn(headroom_on(&disk, dir.path())).listening();
    let database = Connection::open(disk.directory().join("headroom.db")).expect("the database opens");
    let written =
        || -> Option<i64> { database.query_row("SELECT written_at FROM write_probe", [], |row| row.get(0)).ok() };
    let client = server.stranger();
    let probe = await_some("it writes a probe", || {
        assert_eq!(client.get("/readyz").status, 200);
        written()
    });
    let mut probes = vec![probe];
    while probes.len() < 3 {
        assert_eq!(client.get("/readyz").status, 200);
        probes.extend(written().filter(|last| Some(last) != probes.last()));
    }
    let pauses = probes.windows(2).map(|pair| pair[1] - pair[0]);
    assert!(pauses.min().expect("there are two") >= 1_000_000, "{probes:?}");
}

#[test]
fn a_database_that_cannot_be_written_is_refused() {
    let dir = tempfile::tempdir().expect("a directory");
    let disk = WatchedDisk::new(dir.path());
    let mut server = Server::spawn(headroom_on(&disk, dir.path())).listening();
    server.signal("TERM");
    assert!(server.ended().success(), "{}", server.log());
    let path = disk.directory().join("headroom.db");
    let before = fs::read(&path).expect("the database is there");
    for fault in [DiskFault::ReadOnly, DiskFault::ReadOnlyDirectory] {
        disk.set_fault(Some(fault));
        let finished = run(headroom_on(&disk, dir.path()));
        assert_eq!(finished.code, Some(1), "{finished:?}");
        let words = format!("cannot open the database: cannot write to {}", path.display());
        assert!(finished.stderr.contains(&words), "{fault:?}: {finished:?}");
        assert!(fs::read(&path).expect("the database is there") == before, "{fault:?}: the file was changed");
    }
}
