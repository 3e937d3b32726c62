//! A busy account takes turns with the others, and its bookings are counted exactly.
//!
//! The test counts turns, not time: on a busy machine, speed says nothing about fairness. A row
//! knows the transaction that inserted it, so the turns of an account are the distinct transactions
//! of its bookings.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::json;

use crate::fleet::{self, Connection, Fleet};
use crate::support::process::Client;

/// How many clients book on the busy account without pause.
const CROWD: usize = 64;
/// How many other clients book, each on an account of its own.
const OTHERS: usize = 6;
/// How many bookings are created on the busy account.
const BOOKINGS: usize = 1500;
/// The maximum of turns of the busy account for each turn of another, on average. One client books
/// on the other, and needs time for its response and its next request.
const TURNS_MAX: usize = 4;

/// Opens an account without a limit.
fn open_account(operator: &Client) -> String {
    let account = operator.open_account("basic");
    let unlimited = json!({"limit": null, "reason": "A crowd"});
    assert_eq!(operator.put(&format!("{account}/overrides/bookings_per_day"), &unlimited).status, 200);
    account
}

/// A client that books.
struct Booker<'a> {
    number: usize,
    account: &'a str,
    connection: Connection<'a>,
}

impl Booker<'_> {
    /// Books until the busy account has all its bookings; returns how many this client created.
    fn book(mut self, client: &Client, by_crowd: &AtomicUsize) -> usize {
        let (path, body) = (format!("{}/bookings", self.account), json!({"starts_at": "2031-05-05T10:00:00Z"}));
        for count in 0.. {
            if by_crowd.load(Ordering::SeqCst) >= BOOKINGS {
                return count;
            }
            // Every other client of each server also locks an idempotency key.
            let key = (self.number % 4 < 2).then(|| format!("booker-{}-{count}", self.number));
            let booking = fleet::post(client, &path, key.as_deref(), &body);
            let answer = self.connection.send(&booking);
            assert_eq!(answer.status, 201, "{answer:?}");
            by_crowd.fetch_add(usize::from(self.number < CROWD), Ordering::SeqCst);
        }
        unreachable!("the busy account gets all its bookings")
    }
}

/// Starts the servers and spreads the clients over them.
fn crowd_one_account(servers: usize) {
    let Some(mut fleet) = Fleet::start(servers) else { return };
    let operator = fleet.operator();
    let hot = open_account(&operator);
    let other_accounts: Vec<String> = (0..OTHERS).map(|_| open_account(&operator)).collect();
    let accounts = std::iter::repeat_n(&hot, CROWD).chain(&other_accounts);
    let by_crowd = AtomicUsize::new(0);
    let mut of_crowd = thread::scope(|scope| {
        let (operator, by_crowd) = (&operator, &by_crowd);
        let connections = fleet.connect(CROWD + OTHERS).into_iter().enumerate();
        let bookers =
            connections.zip(accounts).map(|((number, connection), account)| Booker { number, account, connection });
        let threads: Vec<_> = bookers.map(|booker| scope.spawn(move || booker.book(operator, by_crowd))).collect();
        threads.into_iter().map(|thread| thread.join().expect("no thread panics")).collect::<Vec<usize>>()
    });
    let of_others = of_crowd.split_off(CROWD);
    let made: usize = of_crowd.iter().sum();
    println!("{servers} servers: {made} by {CROWD} on one account; others: {of_others:?}");
    // The busy account is the one with the most bookings.
    let by_account = "SELECT count(*) AS made, count(DISTINCT xmin::text) AS turns FROM bookings GROUP BY account_id";
    let crowd = format!("SELECT turns FROM ({by_account}) AS accounts ORDER BY made DESC LIMIT 1");
    let others = format!("SELECT turns FROM ({by_account}) AS accounts ORDER BY made DESC OFFSET 1");
    let kept_up = format!("SELECT count(*) FROM ({others}) AS others WHERE {TURNS_MAX} * turns >= ({crowd})");
    fleet.assert_number(&kept_up, OTHERS);
    // Bookings of the busy account shared transactions.
    fleet.assert_number(&format!("SELECT count(*) FROM ({crowd}) AS crowd WHERE 3 * turns > {made}"), 0);
    let used = |account| {
        let answer = operator.get(&format!("{account}/entitlements?on=2031-05-05"));
        answer.body["entitlements"][1]["used"].as_u64().and_then(|used| usize::try_from(used).ok())
    };
    assert_eq!(used(&hot), Some(made));
    for (account, of_other) in other_accounts.iter().zip(&of_others) {
        assert_eq!(used(account), Some(*of_other));
    }
    fleet.stop_and_verify();
}

#[test]
fn a_busy_account_does_not_delay_other_accounts() {
    crowd_one_account(1);
}

#[test]
fn a_busy_account_through_two_servers_does_not_delay_others() {
    crowd_one_account(2);
}
