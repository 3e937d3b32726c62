//! `headroom copy`: a server continues on the copy of its database.

use std::path::Path;
use std::process::Command;

use serde_json::json;

#[expect(dead_code, reason = "other tests use the rest")]
mod support {
    pub(crate) mod process;
}
use support::process::{Finished, Server, headroom, run};

fn new_dir() -> tempfile::TempDir {
    tempfile::tempdir().expect("a directory")
}

fn file(dir: &Path, name: &str) -> String {
    format!("sqlite://{}", dir.join(name).display())
}

/// The program on a database, with the same keys for every database.
fn on(dir: &Path, database: &str) -> Command {
    let mut command = headroom(dir);
    command.env("HEADROOM_DATABASE_URL", database).env("HEADROOM_KEY_FILE", dir.join("keys"));
    command
}

fn copy(dir: &Path, from: &str, to: &str) -> Finished {
    let mut command = headroom(dir);
    command.args(["copy", "--from", from, "--to", to]);
    let finished = run(command);
    assert!(!format!("{finished:?}").contains("panicked"), "{finished:?}");
    finished
}

#[track_caller]
fn assert_sound(dir: &Path, database: &str) {
    let mut command = on(dir, database);
    command.args(["verify", "--full"]);
    let finished = run(command);
    assert!(finished.code == Some(0) && finished.stdout.starts_with("ok: "), "{finished:?}");
}

#[track_caller]
fn assert_refused(finished: &Finished, code: i32, words: &str) {
    assert_eq!((finished.code, finished.stdout.as_str()), (Some(code), ""), "{finished:?}");
    assert!(finished.stderr.contains(words) && !finished.stderr.contains("hush"), "{finished:?}");
}

#[test]
fn a_moved_server_keeps_its_sessions_and_bookings() {
    let Some(server) = testkit::postgres::shared() else { return };
    let (dir, database) = (new_dir(), server.create_database());
    let places = [file(dir.path(), "first.db"), database.url().to_owned(), file(dir.path(), "back.db")];
    let mut first = Server::spawn(on(dir.path(), &places[0])).listening();
    let ann = first.register("ann");
    let account = ann.open_account("basic");
    let new = json!({"starts_at": "2150-03-20T10:00:00Z"});
    for _ in 0..3 {
        ann.post(&format!("{account}/bookings"), &new).created();
    }
    first.signal("TERM");
    assert!(first.ended().success());
    for (moved, step) in places.windows(2).enumerate() {
        let finished = copy(dir.path(), &step[0], &step[1]);
        assert_eq!(finished.code, Some(0), "{finished:?}");
        for words in ["bookings", "audit_entries", "To switch:", "HEADROOM_JWT_SECRET", "headroom verify"] {
            assert!(finished.stdout.contains(words), "{finished:?}");
        }
        assert!(finished.stderr.contains("copying bookings"), "{finished:?}");
        assert_sound(dir.path(), &step[1]);
        let mut there = Server::spawn(on(dir.path(), &step[1])).listening();
        let ann = ann.at(&there);
        // The plan permits five a day: three from before, and one created at each move.
        ann.post(&format!("{account}/bookings"), &new).created();
        let listed = ann.get(&format!("{account}/bookings")).body;
        assert_eq!(listed["data"].as_array().map(Vec::len), Some(4 + moved), "{listed}");
        if moved == 1 {
            let refusal = ann.post(&format!("{account}/bookings"), &new);
            assert_eq!((refusal.status, &refusal.body["code"]), (403, &json!("booking_limit_exceeded")));
        }
        there.signal("TERM");
        assert!(there.ended().success());
        assert_sound(dir.path(), &step[1]);
    }
}

#[test]
fn refused_copies_do_not_reveal_the_password() {
    let dir = new_dir();
    let (from, to) = (file(dir.path(), "from.db"), file(dir.path(), "to.db"));
    let nowhere = "postgres://ann:hush@127.0.0.1:1/headroom";
    assert_refused(&copy(dir.path(), "mysql://ann:hush@db/headroom", &to), 2, "--from takes sqlite://");
    assert_refused(&copy(dir.path(), &from, "postgres://ann:hush@db"), 2, "--to takes sqlite://");
    assert_refused(&copy(dir.path(), &from, &to), 1, "there is no database at");
    assert!(!dir.path().join("from.db").exists());
    let mut server = Server::spawn(on(dir.path(), &from)).listening();
    server.signal("TERM");
    assert!(server.ended().success());
    assert_refused(&copy(dir.path(), &from, nowhere), 1, "postgres://ann:***@127.0.0.1:1/headroom");
    assert_refused(&copy(dir.path(), nowhere, &to), 1, "postgres://ann:***@127.0.0.1:1/headroom");
    assert_refused(&copy(dir.path(), &from, &from), 1, "is both the source and the target");
    assert_eq!(copy(dir.path(), &from, &to).code, Some(0));
    assert_refused(&copy(dir.path(), &from, &to), 1, "is not empty, there are rows in users");
}

#[test]
fn copy_reads_its_urls_from_the_environment() {
    let dir = new_dir();
    let (from, to) = (file(dir.path(), "from.db"), file(dir.path(), "to.db"));
    let mut server = Server::spawn(on(dir.path(), &from)).listening();
    server.signal("TERM");
    assert!(server.ended().success());
    let mut command = headroom(dir.path());
    command.arg("copy").env("HEADROOM_COPY_FROM", &from).env("HEADROOM_COPY_TO", &to);
    assert_eq!(run(command).code, Some(0));
    assert_sound(dir.path(), &to);
}
