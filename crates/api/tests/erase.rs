//! `headroom erase`, and that nothing of an erased name is left in the files of a database.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

#[expect(dead_code, reason = "other tests use the rest")]
mod support {
    pub(crate) mod process;
}
use support::process::{Client, Finished, PASSWORD, Server, await_some, database, headroom, number, run, verify};

/// What is in every personal text, and must be in no file afterwards.
const CANARY: &str = "canary-7f3a";

fn new_dir() -> tempfile::TempDir {
    tempfile::tempdir().expect("a directory")
}

/// Runs `headroom erase` with arguments.
fn erase(dir: &Path, arguments: &[&str]) -> Finished {
    let mut command = headroom(dir);
    command.arg("erase").args(arguments);
    let finished = run(command);
    assert!(!format!("{finished:?}").contains("panicked"), "{finished:?}");
    finished
}

/// The files of the database that contain the canary.
fn files_with_the_canary(dir: &Path) -> Vec<String> {
    let files = fs::read_dir(dir).expect("the directory can be read").map(|file| file.expect("a file").path());
    let of_database = files.filter(|path| path.to_string_lossy().contains("headroom.db"));
    let has_it = |path: &Path| {
        let content = fs::read(path).expect("the file can be read");
        content.windows(CANARY.len()).any(|part| part.eq_ignore_ascii_case(CANARY.as_bytes()))
    };
    of_database.filter(|path| has_it(path)).map(|path| path.display().to_string()).collect()
}

/// Opens an account with the canary in every text that it can have, and many rows.
fn fill(client: &Client, bookings: usize) -> String {
    let name = |what: &str| format!("{CANARY} {what}");
    let new = json!({
        "name": name("salon"), "external_id": CANARY, "metadata": {"crm": CANARY}, "time_zone": "Europe/Berlin",
    });
    let path = client.post("/accounts", &new).created();
    client.post(&format!("{path}/subscribe"), &json!({"plan": "pro", "reason": name("plan")})).created();
    let member = json!({"name": name("staff"), "email": format!("{CANARY}@example.com")});
    let member = client.post(&format!("{path}/staff"), &member).created();
    let staff_id = member.rsplit('/').next().expect("an id");
    for number in 0..bookings {
        let day = format!("20{:02}-{:02}-{:02}T10:00:00Z", 31 + number / 300, 1 + number / 28 % 12, 1 + number % 28);
        let booking = json!({
            "starts_at": day, "customer_name": name("customer"), "notes": name(&"n".repeat(900)), "staff_id": staff_id,
        });
        client.post(&format!("{path}/bookings"), &booking).created();
    }
    path
}

fn id(path: &str) -> &str {
    path.rsplit('/').next().expect("an id")
}

#[track_caller]
fn assert_refused(finished: &Finished, words: &str) {
    assert_eq!((finished.code, finished.stdout.as_str()), (Some(1), ""), "{finished:?}");
    assert!(finished.stderr.contains(words), "{words}: {finished:?}");
}

#[test]
fn nothing_of_an_erased_account_is_in_the_files() {
    let dir = new_dir();
    let server = Server::start(dir.path());
    let (account, other) = (fill(&server.client(), 300), server.client().open_account("pro"));
    server.client().post(&format!("{other}/staff"), &json!({"name": "Ben"})).created();
    server.stop_and_verify();
    let is_file = database(dir.path()).exists();
    assert_eq!(!files_with_the_canary(dir.path()).is_empty(), is_file, "the test looks for nothing");
    let erased = erase(dir.path(), &["account", id(&account), "--yes"]);
    assert_eq!((erased.code, erased.stderr.as_str()), (Some(0), ""), "{erased:?}");
    assert_eq!(erased.stdout, format!("erased account {}\n", id(&account)));
    assert_eq!(files_with_the_canary(dir.path()), [""; 0]);
    verify(dir.path());
    assert_eq!(number(dir.path(), "SELECT count(*) FROM bookings"), 0);
    assert_eq!(number(dir.path(), "SELECT count(*) FROM usage_counters WHERE used > 0 AND metric <> 'staff'"), 300);
    let entries = "SELECT count(*) FROM audit_entries WHERE action = 'account.erased' AND request_id = 'cli'";
    assert_eq!(number(dir.path(), entries), 1);
    assert_refused(&erase(dir.path(), &["account", id(&account), "--yes"]), "there is no account acct_");
    let server = Server::start(dir.path());
    assert_eq!([&account, &other].map(|path| server.client().get(path).status), [404, 200]);
    server.stop_and_verify();
}

#[test]
fn nothing_of_an_erased_user_is_in_the_files() {
    let dir = new_dir();
    let server = Server::start(dir.path());
    let user = server.register(CANARY);
    user.post("/api-keys", &json!({"name": format!("{CANARY} key"), "scope": "read"})).created();
    let account = user.post("/accounts", &json!({"name": "My Salon"})).created();
    user.put(&format!("{account}/members/user"), &json!({"role": "owner"}));
    server.client().put(&format!("{account}/members/user"), &json!({"role": "owner"}));
    user.post(&format!("{account}/subscribe"), &json!({"plan": "pro"})).created();
    user.post(&format!("{account}/bookings"), &json!({})).created();
    // Beside the running server.
    let erased = erase(dir.path(), &["user", "CANARY-7f3a", "--yes"]);
    assert_eq!(erased.code, Some(0), "{erased:?}");
    assert_eq!([user.get("/users/me").status, server.client().get(&account).status], [401, 200]);
    let request = "SELECT count(*) FROM bookings WHERE request_id = 'erased' AND address IS NULL";
    assert_eq!(number(dir.path(), request), 1);
    server.stop_and_verify();
    assert_eq!(files_with_the_canary(dir.path()), [""; 0]);
}

#[test]
fn the_server_completes_an_erasure_and_its_log_is_empty_after_a_restart() {
    let dir = new_dir();
    let server = Server::start(dir.path());
    let client = server.client();
    let account = fill(&client, 30);
    let answer = client.post(&format!("{account}/erase"), &json!({}));
    assert_eq!((answer.status, client.get(&account).status), (200, 404), "{answer:?}");
    await_some("the erasure is complete", || (number(dir.path(), "SELECT count(*) FROM erasures") == 0).then_some(()));
    server.stop_and_verify();
    assert_eq!(files_with_the_canary(dir.path()), [""; 0]);
}

#[test]
fn an_erasure_goes_on_after_a_kill() {
    let dir = new_dir();
    let server = Server::start(dir.path());
    let client = server.client();
    let accounts = [fill(&client, 60), fill_another(&client)];
    for account in &accounts {
        assert_eq!(client.post(&format!("{account}/erase"), &json!({})).status, 200);
    }
    server.kill();
    let finished = erase(dir.path(), &["finish"]);
    assert_eq!((finished.code, finished.stdout.as_str()), (Some(0), "all requested erasures are complete\n"));
    assert_eq!(files_with_the_canary(dir.path()), [""; 0]);
    assert_eq!(number(dir.path(), "SELECT count(*) FROM bookings"), 0);
    verify(dir.path());
}

/// An account without an external id, which the first one has.
fn fill_another(client: &Client) -> String {
    let path = client.post("/accounts", &json!({"name": format!("{CANARY} spa")})).created();
    client.post(&format!("{path}/subscribe"), &json!({"plan": "pro"})).created();
    client.post(&format!("{path}/bookings"), &json!({"customer_name": CANARY})).created();
    path
}

#[test]
fn a_dry_run_counts_and_without_confirmation_nothing_is_erased() {
    let dir = new_dir();
    let server = Server::start(dir.path());
    let account = fill(&server.client(), 3);
    let dry_run = erase(dir.path(), &["account", id(&account), "--dry-run"]);
    let words: Vec<&str> = dry_run.stdout.split_whitespace().collect();
    let expected = format!("would erase account {} 1 members 1 staff members 3 bookings 2 audit entries", id(&account));
    assert_eq!((dry_run.code, words.join(" ")), (Some(0), expected));
    let of_user = erase(dir.path(), &["user", "user", "--dry-run"]);
    assert!(of_user.stdout.contains(" sessions\n"), "{of_user:?}");
    assert_refused(&erase(dir.path(), &["account", id(&account)]), "confirm on a terminal, or with --yes");
    assert_refused(&erase(dir.path(), &["account", "acct_x", "--yes"]), "there is no account acct_x");
    assert_refused(&erase(dir.path(), &["user", "unknown", "--yes"]), "there is no user unknown");
    assert_refused(&erase(dir.path(), &["user", "user", "--yes"]), "no operator left");
    let ann = server.register("ann");
    ann.open_account("basic");
    assert_refused(&erase(dir.path(), &["user", "ann", "--yes"]), "the user is the only owner of acct_");
    assert_eq!(server.log_in("ann", PASSWORD).get("/users/me").status, 200);
    let shown: Value = server.client().get(&account).body;
    assert_eq!(shown["name"], format!("{CANARY} salon"));
    server.stop_and_verify();
    assert_refused(&erase(new_dir().path(), &["finish"]), "there is no database at ");
}
