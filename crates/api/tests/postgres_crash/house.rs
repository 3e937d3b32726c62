//! Servers on one database, and helpers that the tests of this crate share.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::process::{Client, Server, headroom, run};
use crate::support::wire::{Answer, request};

/// A command that runs the program in `dir` on the database at `url`.
pub(crate) fn headroom_on(dir: &Path, url: &str) -> Command {
    let mut command = headroom(dir);
    command.env("HEADROOM_DATABASE_URL", url);
    command
}

/// Ends a test: stops the servers and asserts that `verify` succeeds.
#[track_caller]
pub(crate) fn stop_and_verify(servers: impl IntoIterator<Item = Server>, dir: &Path, url: &str) {
    for mut server in servers {
        server.signal("TERM");
        assert!(server.ended().success(), "{}", server.log());
        assert!(!server.log().contains("panicked"), "{}", server.log());
    }
    let mut command = headroom_on(dir, url);
    command.arg("verify");
    let finished = run(command);
    assert!(finished.code == Some(0) && finished.stdout.starts_with("ok: "), "{finished:?}");
}

/// A request for the booking with this number in its notes. Four share a day, fewer than any plan
/// permits.
pub(crate) fn booking(client: &Client, account: &str, number: usize, key: Option<&str>) -> String {
    let day = number / 4;
    let (year, month, day) = (2030 + day / 336, 1 + day / 28 % 12, 1 + day % 28);
    let body = format!(r#"{{"starts_at":"{year}-{month:02}-{day:02}T10:00:00Z","notes":"{number}"}}"#);
    let authorization = format!("Bearer {}", client.token.as_deref().expect("the client has a token"));
    let mut headers = vec![("Authorization", authorization.as_str())];
    headers.extend(key.map(|key| ("Idempotency-Key", key)));
    request("POST", &format!("{account}/bookings"), &headers, &body)
}

/// The body of a response.
#[track_caller]
pub(crate) fn json(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap_or_else(|error| panic!("{error}: {answer:?}"))
}

/// The status and the code of a problem.
#[track_caller]
pub(crate) fn refusal(answer: &Answer) -> (u16, String) {
    (answer.status, json(answer)["code"].as_str().unwrap_or_default().to_owned())
}

/// The refusal while the database is unavailable.
pub(crate) fn unavailable() -> (u16, String) {
    (503, "unavailable".to_owned())
}

/// All bookings of an account by number. Numbers are unique.
#[track_caller]
pub(crate) fn bookings(client: &Client, account: &str) -> BTreeMap<usize, Value> {
    let (mut found, mut cursor) = (BTreeMap::new(), String::new());
    loop {
        let answer = client.get(&format!("{account}/bookings?limit=100{cursor}"));
        assert_eq!(answer.status, 200, "{answer:?}");
        for booking in answer.body["data"].as_array().expect("a list has data") {
            let number =
                booking["notes"].as_str().and_then(|notes| notes.parse().ok()).expect("the notes are a number");
            let other = found.insert(number, booking.clone());
            assert!(other.is_none(), "created twice: {other:?} {booking:?}");
        }
        match answer.body["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}
