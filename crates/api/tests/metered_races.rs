//! Custom metrics are exact over HTTP, with one server and with two on one database: none over, none
//! under, batches all or nothing, also after `kill -9`.
//!
//! `HEADROOM_TORTURE_ROUNDS` is the number of kills (default: 10).

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::{Value, json};

mod support {
    #[expect(dead_code, reason = "other tests use the rest")]
    pub(crate) mod process;
    pub(crate) mod rounds;
}
use support::process::{Client, Server, await_some, headroom, number, verify};
use support::rounds::{THREADS, assert_count, in_rounds};

/// How many accounts, each with a race of its own.
const ROUNDS: usize = 15;
const PROJECTS_MAX: usize = 10;
/// Three days of this are more than the month permits, two are less.
const SMS_PER_DAY_MAX: u64 = 12;
const SMS_PER_MONTH_MAX: u64 = 30;
const SMS_DAYS: usize = 3;
/// Less than a multiple of what a batch takes.
const EXPORTS_MAX: u64 = 31;
/// A batch is for two meters, with this many items and this much of each meter.
const EXPORTS_PER_BATCH: u64 = 3;
const ITEMS_PER_BATCH: i64 = 4;

const CATALOG: &str = r#"
[[metric]]
key = "projects"
kind = "gauge"

[[metric]]
key = "sms_per_day"
meter = "sms"
kind = "counter"
window = "day"

[[metric]]
key = "sms_per_month"
meter = "sms"
kind = "counter"
window = "month"

[[metric]]
key = "exports"
kind = "counter"
window = "month"

[[metric]]
key = "calls"
kind = "counter"
window = "lifetime"

[[plan]]
key = "pro"
name = "Pro"
[plan.limits]
staff = 5
bookings_per_day = 20
projects = 10
sms_per_day = 12
sms_per_month = 30
exports = 31
calls = "unlimited"
"#;

/// A server in `dir` with the catalogue.
fn with_catalog(dir: &Path) -> Command {
    let plans = dir.join("plans.toml");
    std::fs::write(&plans, CATALOG).expect("the catalogue can be written");
    let mut command = headroom(dir);
    command.env("HEADROOM_PLANS", plans);
    command
}

fn start(dir: &Path, count: usize) -> Vec<Server> {
    let starting: Vec<Server> = (0..count).map(|_| Server::spawn(with_catalog(dir))).collect();
    starting.into_iter().map(Server::listening).collect()
}

/// Runs the races through one server, and through two on one database.
fn with_one_and_two_servers(races: impl Fn(&[Client], &[String])) {
    for count in [1, 2] {
        let dir = tempfile::tempdir().expect("a directory");
        let servers = start(dir.path(), count);
        let client = servers[0].client();
        let clients: Vec<Client> = (0..THREADS).map(|number| client.at(&servers[number % count])).collect();
        let accounts: Vec<String> = (0..ROUNDS).map(|_| client.open_account("pro")).collect();
        races(&clients, &accounts);
        for server in servers {
            server.stop_and_verify();
        }
    }
}

/// How much the account has used of a metric, by its history of windows.
fn used(client: &Client, account: &str, metric: &str) -> Vec<u64> {
    let range = "from=2031-05-01&to=2031-05-31";
    let answer = client.get(&format!("{account}/usage/history?metric={metric}&{range}"));
    let windows = answer.body["data"].as_array().unwrap_or_else(|| panic!("no windows: {answer:?}"));
    windows.iter().filter_map(|window| window["used"].as_u64()).filter(|used| *used > 0).collect()
}

#[test]
fn distinct_allocations_racing_to_a_gauge_fill_it_exactly() {
    with_one_and_two_servers(|clients, accounts| {
        let allocate = |number: usize, client: &Client, account: &String| {
            client.try_put(&format!("{account}/allocations/projects/{number}"), &json!({}))
        };
        for (account, answers) in accounts.iter().zip(in_rounds(clients, accounts, allocate)) {
            assert_count(&answers, 201, None, PROJECTS_MAX);
            assert_count(&answers, 403, Some("limit_exceeded"), THREADS - PROJECTS_MAX);
            let exist = clients[0].get(&format!("{account}/allocations/projects?limit=100"));
            assert_eq!(exist.body["data"].as_array().map(Vec::len), Some(PROJECTS_MAX));
        }
    });
}

#[test]
fn usage_racing_to_the_limits_of_two_windows_exceeds_neither() {
    with_one_and_two_servers(|clients, accounts| {
        let record = |number: usize, client: &Client, account: &String| {
            let at = format!("2031-05-{:02}T10:00:00Z", 1 + number % SMS_DAYS);
            client.try_post(&format!("{account}/usage"), &json!({"meter": "sms", "at": at}))
        };
        for (account, answers) in accounts.iter().zip(in_rounds(clients, accounts, record)) {
            let admitted = usize::try_from(SMS_PER_MONTH_MAX).expect("it is small");
            assert_count(&answers, 201, None, admitted);
            assert_count(&answers, 403, Some("limit_exceeded"), THREADS - admitted);
            assert_eq!(used(&clients[0], account, "sms_per_month"), [SMS_PER_MONTH_MAX]);
            let days = used(&clients[0], account, "sms_per_day");
            assert!(days.iter().all(|used| *used <= SMS_PER_DAY_MAX), "{days:?}");
            assert_eq!(days.iter().sum::<u64>(), SMS_PER_MONTH_MAX);
        }
    });
}

/// One `sms`, and exports of 1 + 1 + 1.
fn batch(at: &str) -> Value {
    let export = json!({"meter": "exports", "at": at});
    json!({"items": [export, {"meter": "sms", "at": at}, export, export]})
}

#[test]
fn batches_racing_to_a_limit_are_admitted_whole() {
    with_one_and_two_servers(|clients, accounts| {
        // On days apart, so that the limit of `exports` is the one that is met.
        let record = |number: usize, client: &Client, account: &String| {
            let at = format!("2031-05-{:02}T10:00:00Z", 1 + number % 28);
            client.try_post(&format!("{account}/usage"), &batch(&at))
        };
        let admitted = EXPORTS_MAX / EXPORTS_PER_BATCH;
        for (account, answers) in accounts.iter().zip(in_rounds(clients, accounts, record)) {
            let count = usize::try_from(admitted).expect("it is small");
            assert_count(&answers, 201, None, count);
            assert_count(&answers, 403, Some("limit_exceeded"), THREADS - count);
            assert_eq!(used(&clients[0], account, "exports"), [admitted * EXPORTS_PER_BATCH]);
            assert_eq!(used(&clients[0], account, "sms_per_month"), [admitted]);
        }
    });
}

#[test]
fn usage_removed_twice_at_once_is_given_back_once() {
    with_one_and_two_servers(|clients, accounts| {
        let record = |account: &String| {
            let body = json!({"meter": "exports", "quantity": 20, "at": "2031-05-05T10:00:00Z"});
            clients[0].post(&format!("{account}/usage"), &body).created()
        };
        let records: Vec<String> = accounts.iter().map(record).collect();
        // The other half of the clients take what the removal gives back, one each.
        let race = |number: usize, client: &Client, (account, usage): &(&String, &String)| {
            if number.is_multiple_of(2) {
                client.try_delete(usage)
            } else {
                let body = json!({"meter": "exports", "at": "2031-05-06T10:00:00Z"});
                client.try_post(&format!("{account}/usage"), &body)
            }
        };
        let rounds: Vec<_> = accounts.iter().zip(&records).collect();
        for (account, answers) in accounts.iter().zip(in_rounds(clients, &rounds, race)) {
            assert_count(&answers, 204, None, THREADS / 2);
            let taken = answers.iter().filter(|answer| answer.status == 201).count() as u64;
            assert!((EXPORTS_MAX - 20..=EXPORTS_MAX).contains(&taken), "{taken}");
            assert_eq!(used(&clients[0], account, "exports"), [taken]);
        }
    });
}

/// Sends batches until the server is killed; how many were acknowledged for each account.
fn send_batches(client: &Client, accounts: &[String], acknowledged: &Mutex<BTreeMap<String, i64>>, all: &AtomicUsize) {
    let batch =
        json!({"items": (1..=ITEMS_PER_BATCH).map(|n| json!({"meter": "calls", "quantity": n})).collect::<Vec<_>>()});
    for account in accounts.iter().cycle() {
        let Ok(answer) = client.try_post(&format!("{account}/usage"), &batch) else { return };
        assert_eq!(answer.status, 201, "{answer:?}");
        *acknowledged.lock().expect("no thread panics").entry(account.clone()).or_default() += 1;
        all.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn a_batch_is_stored_whole_or_not_at_all_after_kill_9() {
    let rounds = std::env::var("HEADROOM_TORTURE_ROUNDS").map_or(10, |text| text.parse().expect("a number of rounds"));
    let dir = tempfile::tempdir().expect("a directory");
    let acknowledged = Mutex::new(BTreeMap::new());
    let mut lost = 0;
    let accounts: Vec<String> = {
        let server = start(dir.path(), 1).remove(0);
        let client = server.client();
        (0..8).map(|_| client.open_account("pro")).collect()
    };
    for round in 1..=rounds {
        let server = start(dir.path(), 1).remove(0);
        let clients: Vec<Client> = (0..8).map(|_| server.client()).collect();
        let all = AtomicUsize::new(0);
        thread::scope(|scope| {
            for client in &clients {
                scope.spawn(|| send_batches(client, &accounts, &acknowledged, &all));
            }
            await_some("batches are acknowledged", || (all.load(Ordering::SeqCst) >= 20 * (round % 10)).then_some(()));
            server.kill();
        });
        lost += i64::try_from(clients.len()).expect("there are few");
        // On the log that the killed server left. Each counter equals its records.
        verify(dir.path());
        let batches = acknowledged.lock().expect("no thread panics").values().sum::<i64>();
        let sent = "SELECT count(*) FROM (SELECT 1 FROM usage_records GROUP BY request_id";
        let (stored, partly) = (
            number(dir.path(), &format!("{sent}) AS sent")),
            number(dir.path(), &format!("{sent} HAVING count(*) <> {ITEMS_PER_BATCH}) AS sent")),
        );
        assert_eq!(partly, 0, "round {round}");
        assert!((batches..=batches + lost).contains(&stored), "{stored} stored, {batches} acknowledged, {lost} lost");
    }
    let server = start(dir.path(), 1).remove(0);
    let client = server.client();
    let per_batch = (1..=ITEMS_PER_BATCH).sum::<i64>();
    let acknowledged = acknowledged.into_inner().expect("no thread panics");
    for account in &accounts {
        let answer = client.get(&format!("{account}/entitlements"));
        let all = answer.body["entitlements"].as_array().unwrap_or_else(|| panic!("no entitlements: {answer:?}"));
        let calls = all.iter().find(|one| one["metric"] == "calls").and_then(|one| one["used"].as_i64());
        let used = calls.unwrap_or_else(|| panic!("no calls: {answer:?}"));
        assert_eq!(used % per_batch, 0, "{account} has a part of a batch");
        assert!(used >= acknowledged[account] * per_batch, "{account} has lost a batch: {used}");
    }
    server.stop_and_verify();
}
