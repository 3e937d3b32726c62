//! Acknowledged writes survive `kill -9` at any moment, and limits stay exact.
//!
//! `HEADROOM_TORTURE_ROUNDS` is the number of kills (default: 25).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

#[expect(dead_code, reason = "other tests use the rest")]
mod support {
    pub(crate) mod process;
}
use support::process::{Answer, Client, PASSWORD, Server, headroom, number, verify};

const THREADS: usize = 8;
/// The plan of all accounts, and its limits.
const PLAN: &str = "pro";
const STAFF_MAX: usize = 5;
const BOOKINGS_PER_DAY_MAX: usize = 20;
/// Few, so that days fill up.
const DAYS: u64 = 4;
/// How many accounts get requests: the latest, as the older ones are mostly full.
const ACCOUNTS_IN_USE: usize = 4;

/// Pseudo-random numbers, the same in every run (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (bits ^ (bits >> 31)) % end
    }
}

/// The state that the clients know.
#[derive(Default)]
struct Known {
    accounts: Vec<String>,
    /// Every acknowledged resource: its path and its body.
    acknowledged: BTreeMap<String, Value>,
    /// How many requests have no response, because the server was killed.
    unanswered: usize,
    refused: usize,
}

/// When the server is killed.
enum Moment {
    /// This long after it was started, while it starts.
    Starting(Duration),
    /// After this many acknowledgements in the round.
    Acknowledged(usize),
    /// This long after the first request.
    Elapsed(Duration),
}

impl Moment {
    fn of_round(round: u64) -> Self {
        let mut dice = Dice(round);
        match round % 5 {
            4 => Self::Starting(Duration::from_millis(dice.below(60))),
            0 | 2 => Self::Acknowledged(1 + usize::try_from(dice.below(300)).expect("it is below 300")),
            _ => Self::Elapsed(Duration::from_millis(dice.below(400))),
        }
    }
}

/// Creates resources until the server is killed, and counts acknowledgements.
fn work(client: &Client, known: &Mutex<Known>, mut dice: Dice, acknowledged: &AtomicUsize) {
    loop {
        let done = match dice.below(40) {
            0 => open_account(client, known),
            kind => create(client, known, &mut dice, kind <= 4),
        };
        match done {
            Ok(true) => {
                acknowledged.fetch_add(1, Ordering::SeqCst);
            }
            Ok(false) => {}
            Err(_) => {
                known.lock().expect("no thread panics").unanswered += 1;
                return;
            }
        }
    }
}

fn open_account(client: &Client, known: &Mutex<Known>) -> Result<bool, ureq::Error> {
    let answer = client.try_post("/accounts", &json!({"name": "My Salon", "time_zone": "UTC"}))?;
    let account = answer.created();
    let answer = client.try_post(&format!("{account}/subscribe"), &json!({"plan": PLAN}))?;
    let mut known = known.lock().expect("no thread panics");
    note(&mut known, answer);
    known.accounts.push(account);
    Ok(true)
}

/// Adds a staff member or a booking; whether it was acknowledged, not refused.
fn create(client: &Client, known: &Mutex<Known>, dice: &mut Dice, staff: bool) -> Result<bool, ureq::Error> {
    let account = {
        let known = known.lock().expect("no thread panics");
        let in_use = &known.accounts[known.accounts.len().saturating_sub(ACCOUNTS_IN_USE)..];
        let chosen = dice.below(in_use.len() as u64);
        in_use[usize::try_from(chosen).expect("there are few")].clone()
    };
    let (things, body, refusal) = if staff {
        ("staff", json!({"name": "Ann"}), "staff_limit_exceeded")
    } else {
        let starts_at = format!("2031-05-{:02}T10:00:00Z", 1 + dice.below(DAYS));
        ("bookings", json!({"starts_at": starts_at, "notes": "n".repeat(100)}), "booking_limit_exceeded")
    };
    let answer = client.try_post(&format!("{account}/{things}"), &body)?;
    let mut known = known.lock().expect("no thread panics");
    if answer.status == 201 {
        note(&mut known, answer);
        return Ok(true);
    }
    assert_eq!((answer.status, answer.text("code")), (403, refusal), "{answer:?}");
    known.refused += 1;
    Ok(false)
}

fn note(known: &mut Known, answer: Answer) {
    let body = answer.body.clone();
    let twice = known.acknowledged.insert(answer.created(), body);
    assert!(twice.is_none(), "one path in two responses: {twice:?}");
}

/// One life of a server until `kill -9`; the paths of the resources acknowledged in it.
fn round(dir: &Path, known: &Mutex<Known>, round: u64) -> BTreeSet<String> {
    let before: BTreeSet<String> = known.lock().expect("no thread panics").acknowledged.keys().cloned().collect();
    let starting = Server::spawn(headroom(dir));
    let moment = Moment::of_round(round);
    if let Moment::Starting(after) = moment {
        thread::sleep(after);
        starting.kill();
        return BTreeSet::new();
    }
    let server = starting.listening();
    let clients: Vec<Client> = (0..THREADS).map(|_| server.client()).collect();
    if known.lock().expect("no thread panics").accounts.is_empty() {
        open_account(&clients[0], known).expect("the server is running");
    }
    let acknowledged = AtomicUsize::new(0);
    thread::scope(|scope| {
        let acknowledged = &acknowledged;
        for (thread, client) in (0..).zip(&clients) {
            scope.spawn(move || work(client, known, Dice(round << 8 | thread), acknowledged));
        }
        match moment {
            Moment::Starting(_) => {}
            Moment::Elapsed(after) => thread::sleep(after),
            Moment::Acknowledged(count) => {
                // Full days may prevent this count: then any moment will do.
                let end = Instant::now() + Duration::from_secs(2);
                while acknowledged.load(Ordering::SeqCst) < count && Instant::now() < end {
                    thread::sleep(Duration::from_micros(100));
                }
            }
        }
        server.kill();
    });
    let known = known.lock().expect("no thread panics");
    known.acknowledged.keys().filter(|path| !before.contains(*path)).cloned().collect()
}

/// Asserts that every resource at `paths` exists as it was acknowledged.
fn assert_there(client: &Client, known: &Known, paths: &BTreeSet<String>) {
    let paths: Vec<&String> = paths.iter().collect();
    thread::scope(|scope| {
        for share in paths.chunks(paths.len().div_ceil(THREADS).max(1)) {
            scope.spawn(move || {
                let client = client.another();
                for path in share {
                    let answer = client.get(path);
                    assert_eq!((answer.status, &answer.body), (200, &known.acknowledged[*path]), "{path}");
                }
            });
        }
    });
}

/// Asserts that no limit was exceeded, that no row exists without a request, and that ids are
/// unique.
fn assert_counts(dir: &Path, known: &Known) {
    let (mut ids, mut used) = (BTreeSet::new(), BTreeMap::<(&str, &str), usize>::new());
    for body in known.acknowledged.values() {
        let text = |member: &str| body[member].as_str().unwrap_or_default();
        assert!(ids.insert(text("id")), "duplicate id: {body}");
        if body["plan"].is_null() {
            *used.entry((text("account_id"), text("day"))).or_default() += 1;
        }
    }
    for ((account, day), used) in used {
        let max = if day.is_empty() { STAFF_MAX } else { BOOKINGS_PER_DAY_MAX };
        assert!(used <= max, "{account} {day}: {used} acknowledged");
    }
    let count = |prefix: &str| i64::try_from(ids.iter().filter(|id| id.starts_with(prefix)).count()).expect("few");
    let lost = i64::try_from(known.unanswered).expect("few");
    let subscribed = "accounts WHERE subscription_id IS NOT NULL";
    for (table, prefix) in [("bookings", "bkg_"), ("staff_members", "staff_"), (subscribed, "sub_")] {
        let (rows, acknowledged) = (number(dir, &format!("SELECT count(*) FROM {table}")), count(prefix));
        let possible = acknowledged..=acknowledged + lost;
        assert!(possible.contains(&rows), "{rows} {table}, {acknowledged} acknowledged, {lost} responses lost");
    }
    let fullest = "SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM bookings GROUP BY account_id, day)";
    assert!(number(dir, fullest) <= i64::try_from(BOOKINGS_PER_DAY_MAX).expect("it is small"));
}

/// Asserts that usage from before the kill counts, and nothing else: a day fills to exactly its
/// limit.
fn assert_days_fill_up_exactly(client: &Client, dir: &Path, known: &mut Known) {
    let bookings = format!("{}/bookings", known.accounts[0]);
    for day in 1..=DAYS {
        loop {
            let answer = client.post(&bookings, &json!({"starts_at": format!("2031-05-{day:02}T10:00:00Z")}));
            if answer.status == 403 {
                break;
            }
            note(known, answer);
        }
    }
    let full = format!(
        "SELECT count(*) FROM (SELECT 1 FROM bookings GROUP BY account_id, day HAVING count(*) = {BOOKINGS_PER_DAY_MAX})"
    );
    assert!(number(dir, &full) >= i64::try_from(DAYS).expect("it is small"), "a full day holds fewer than the limit");
}

/// Refreshes the session from an earlier life of the server, or begins one; the next refresh token.
/// The session has a user of its own: the other clients' many logins would end it.
fn refresh_session(server: &Server, refresh: Option<&str>) -> String {
    let client = server.stranger();
    let answer = if let Some(token) = refresh {
        client.post("/token/refresh", &json!({"refresh_token": token}))
    } else {
        server.register("ann");
        client.post("/token", &json!({"username": "ann", "password": PASSWORD}))
    };
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(client.with_token(answer.text("access_token")).get("/users/me").status, 200);
    answer.text("refresh_token").to_owned()
}

#[test]
fn acknowledged_writes_survive_kill_9_at_any_moment() {
    let rounds = std::env::var("HEADROOM_TORTURE_ROUNDS").map_or(25, |text| text.parse().expect("a number of rounds"));
    let dir = tempfile::tempdir().expect("a directory");
    let known = Mutex::new(Known::default());
    let mut session: Option<String> = None;
    for number in 0..rounds {
        let acknowledged = round(dir.path(), &known, number);
        // On the log that the killed server left, before another server recovers it.
        verify(dir.path());
        let known = known.lock().expect("no thread panics");
        if !acknowledged.is_empty() {
            let server = Server::start(dir.path());
            assert_there(&server.client(), &known, &acknowledged);
            assert_counts(dir.path(), &known);
            session = Some(refresh_session(&server, session.as_deref()));
            server.kill();
        }
    }
    let mut known = known.into_inner().expect("no thread panics");
    let server = Server::start(dir.path());
    let all = known.acknowledged.keys().cloned().collect();
    assert_there(&server.client(), &known, &all);
    assert_days_fill_up_exactly(&server.client(), dir.path(), &mut known);
    server.stop_and_verify();
    assert_counts(dir.path(), &known);
    println!(
        "{rounds} kills: {} acknowledged, {} refused, {} answers lost",
        all.len(),
        known.refused,
        known.unanswered
    );
    assert!(known.refused > 0, "no limit was met");
}
