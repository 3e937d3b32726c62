//! A wall clock that jumps by hours, forwards and backwards.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use serde_json::json;
use testkit::clock::MovedClock;

use crate::chosen;
use crate::support::process::{Client, Server, await_some, headroom, number};

const HOUR: i64 = 3600;
/// Of the plan `pro`, for one day.
const BOOKINGS_PER_DAY_MAX: usize = 20;
const CLIENTS: usize = 4;

fn start(dir: &Path) -> (MovedClock, Server) {
    let clock = MovedClock::new(dir);
    let mut command = headroom(dir);
    clock.preload(&mut command);
    (clock, Server::spawn(command).listening())
}

/// A client whose credential does not expire.
fn with_api_key(client: &Client) -> Client {
    let key = client.post("/api-keys", &json!({"name": "shop", "scope": "write"}));
    assert_eq!(key.status, 201, "{key:?}");
    client.with_token(key.text("secret"))
}

#[test]
fn limits_stay_exact_while_the_clock_jumps() {
    let dir = tempfile::tempdir().expect("a directory");
    let (clock, server) = start(dir.path());
    let client = with_api_key(&server.client());
    let accounts: Vec<String> = (0..3).map(|_| client.open_account("pro")).collect();
    let (ids, refused, answered) = (Mutex::new(BTreeSet::new()), AtomicUsize::new(0), AtomicUsize::new(0));
    let is_over = AtomicBool::new(false);
    let jumps = [5, -5, 26, 0, -48, 13, -1, 700, 0].map(|hours| hours * HOUR);
    let jumps = chosen(jumps, (0..20).flat_map(|_| jumps));
    thread::scope(|scope| {
        for thread in 0..CLIENTS {
            let (client, accounts, ids, refused, answered, is_over) =
                (client.another(), &accounts, &ids, &refused, &answered, &is_over);
            scope.spawn(move || {
                for turn in thread.. {
                    if is_over.load(Ordering::SeqCst) {
                        return;
                    }
                    // Every other booking is for now, at any time that the clock shows.
                    let body = if turn % 2 == 0 { json!({}) } else { json!({"starts_at": "2031-05-05T10:00:00Z"}) };
                    let answer = client.post(&format!("{}/bookings", accounts[turn % accounts.len()]), &body);
                    answered.fetch_add(1, Ordering::SeqCst);
                    if answer.status == 201 {
                        let is_new = ids.lock().expect("no thread panics").insert(answer.text("id").to_owned());
                        assert!(is_new, "an id was given twice: {answer:?}");
                    } else {
                        assert_eq!((answer.status, answer.text("code")), (403, "booking_limit_exceeded"), "{answer:?}");
                        refused.fetch_add(1, Ordering::SeqCst);
                    }
                }
            });
        }
        for &jump in &jumps {
            clock.set(jump);
            let before = answered.load(Ordering::SeqCst);
            await_some("requests are answered after a jump", || {
                (answered.load(Ordering::SeqCst) > before + 60).then_some(())
            });
        }
        is_over.store(true, Ordering::SeqCst);
    });
    let ids = ids.into_inner().expect("no thread panics").len();
    println!("{} jumps: {ids} bookings, {} refused", jumps.len(), refused.into_inner());
    let full = "SELECT count(*) FROM (SELECT count(*) AS n FROM bookings GROUP BY account_id, day) AS days";
    let [days, fullest, rows] =
        [full.to_owned(), full.replacen("count(*)", "max(n)", 1), "SELECT count(*) FROM bookings".to_owned()]
            .map(|query| usize::try_from(number(dir.path(), &query)).expect("few"));
    assert_eq!(rows, ids, "rows, and acknowledged bookings");
    assert_eq!(fullest, BOOKINGS_PER_DAY_MAX, "the fullest of {days} days");
    server.stop_and_verify();
}

#[test]
fn tokens_follow_the_clock() {
    let dir = tempfile::tempdir().expect("a directory");
    let (clock, server) = start(dir.path());
    let client = server.client();
    let code = |client: &Client| {
        let answer = client.get("/users/me");
        (answer.status, answer.body["code"].as_str().map(str::to_owned))
    };
    let ok = || (200, None);
    let refused = |code: &str| (401, Some(code.to_owned()));
    assert_eq!(code(&client), ok());
    clock.set(HOUR);
    assert_eq!(code(&client), refused("token_expired"));
    let later = server.client();
    assert_eq!(code(&later), ok());
    clock.set(0);
    // The new token is not valid yet, and the old one is valid again.
    assert_eq!((code(&later), code(&client)), (refused("invalid_token"), ok()));
    assert_eq!(code(&server.client()), ok());
    server.stop_and_verify();
}

#[test]
fn holds_follow_the_clock() {
    let dir = tempfile::tempdir().expect("a directory");
    let (clock, server) = start(dir.path());
    let client = with_api_key(&server.client());
    // Two members of staff are permitted, and two places are held.
    let account = client.open_account("basic");
    let body = json!({"meter": "staff", "quantity": 2, "expires_in_seconds": HOUR});
    let hold = client.post(&format!("{account}/holds"), &body).created();
    let state = || client.get(&hold).text("state").to_owned();
    let hire = || client.post(&format!("{account}/staff"), &json!({"name": "Ann"})).status;
    assert_eq!((state().as_str(), hire()), ("held", 403));
    clock.set(2 * HOUR);
    assert_eq!((state().as_str(), hire()), ("expired", 201));
    clock.set(0);
    // The hold counts again: three of two are in use, so that no more is admitted.
    assert_eq!((state().as_str(), hire()), ("held", 403));
    clock.set(2 * HOUR);
    assert_eq!((state().as_str(), hire(), hire()), ("expired", 201, 403));
    server.stop_and_verify();
}
