//! `headroom keys create`: API keys from the command line, beside a running server.

use std::path::Path;

use serde_json::json;

#[expect(dead_code, reason = "other tests use the rest")]
mod support {
    pub(crate) mod process;
}
use support::process::{Finished, Server, database, headroom, number, run};

/// Runs `headroom key create` with arguments.
fn create(dir: &Path, arguments: &[&str]) -> Finished {
    let mut command = headroom(dir);
    command.args(["key", "create"]).args(arguments);
    run(command)
}

/// The secret of a created key: the whole output.
#[track_caller]
fn secret(finished: &Finished) -> &str {
    assert_eq!(finished.code, Some(0), "{finished:?}");
    let secret = finished.stdout.strip_suffix('\n').expect("a line");
    assert!(secret.starts_with("hr_live_") && !secret.contains('\n'), "{finished:?}");
    assert!(finished.stderr.starts_with("created key_") && !finished.stderr.contains(secret), "{finished:?}");
    secret
}

#[track_caller]
fn assert_refused(finished: &Finished, words: &str) {
    assert_eq!((finished.code, finished.stdout.as_str()), (Some(1), ""), "{finished:?}");
    assert!(finished.stderr.contains(words) && !finished.stderr.contains("panicked"), "{words}: {finished:?}");
}

#[test]
fn a_key_created_beside_a_server_acts_for_its_user() {
    let dir = tempfile::tempdir().expect("a directory");
    let dir = dir.path();
    let server = Server::start(dir);
    let operator = create(dir, &["--name", "CI", "--scope", "admin"]);
    let operator = server.stranger().with_token(secret(&operator));
    assert_eq!(operator.get("/users/me").body["is_operator"], true);
    let ann = server.register("ann");
    let (own, other) = (ann.open_account("basic"), ann.open_account("basic"));
    let id = own.rsplit('/').next().expect("an id");
    let fields = ["--name", "Shop", "--scope", "read", "--user", "Ann", "--account", id];
    let key = create(dir, &[&fields[..], &["--expires-at", "2199-01-01T00:00:00Z"]].concat());
    let key = server.stranger().with_token(secret(&key));
    let statuses = [key.get(&own).status, key.get(&other).status];
    assert_eq!(statuses, [200, 404]);
    assert_eq!(key.post(&format!("{own}/bookings"), &json!({})).status, 403);
    let listed = ann.get("/api-keys").body["data"][0].clone();
    assert_eq!((&listed["name"], &listed["account_id"]), (&json!("Shop"), &json!(id)));
    server.stop_and_verify();
    let entries = "SELECT count(*) FROM audit_entries WHERE action = 'api_key.created' AND request_id = 'cli'";
    assert_eq!(number(dir, entries), 2);
}

#[test]
fn an_invalid_api_key_is_refused_and_not_created() {
    let dir = tempfile::tempdir().expect("a directory");
    let dir = dir.path();
    let good = ["--name", "CI", "--scope", "write"];
    assert_refused(&create(dir, &good), "there is no database at sqlite://");
    assert!(!database(dir).exists(), "a database was created");
    let server = Server::start(dir);
    let ann = server.register("ann");
    let account = server.client().open_account("basic");
    let hidden = account.rsplit('/').next().expect("an id");
    for (more, words) in [
        (&["--user", "unknown"][..], "there is no user unknown"),
        (&["--user", "a b"], "--user: "),
        (&["--account", "acct_x"], "--account: "),
        (&["--account", hidden, "--user", "ann"], "--account: "),
        (&["--expires-at", "tomorrow"], "--expires-at: "),
        (&["--expires-at", "2020-01-01T00:00:00Z"], "--expires-at: "),
    ] {
        assert_refused(&create(dir, &[&good[..], more].concat()), words);
    }
    assert_refused(&create(dir, &["--name", "", "--scope", "read"]), "--name: ");
    assert_refused(&create(dir, &["--name", "CI", "--scope", "all"]), "--scope: ");
    assert_eq!(create(dir, &["--name", "CI"]).code, Some(2));
    let mut disable = headroom(dir);
    disable.args(["user", "disable", "ann"]);
    assert_eq!(run(disable).code, Some(0));
    assert_refused(&create(dir, &[&good[..], &["--user", "ann"]].concat()), "ann is disabled");
    assert_eq!(ann.get("/users/me").status, 401);
    server.stop_and_verify();
    assert_eq!(number(dir, "SELECT count(*) FROM api_keys"), 0);
}

#[test]
fn a_user_has_no_more_than_the_maximum_of_api_keys() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path());
    let client = server.client();
    for number in 0..50 {
        client.post("/api-keys", &json!({"name": format!("Key {number}"), "scope": "read"})).created();
    }
    let refused = create(dir.path(), &["--name", "CI", "--scope", "read"]);
    assert_refused(&refused, "user has 50 API keys, and no more are permitted");
    server.stop_and_verify();
}
