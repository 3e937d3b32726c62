//! A crowd on one account takes turns with the others, and all bookings are counted exactly.
//!
//! Turns are counted, and not time: how fast anybody is on a busy machine says nothing about fairness. A row knows the
//! transaction that inserted it, so an account's turns are the distinct transactions of its bookings.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::json;

use crate::fleet::{self, Connection, Fleet};
use crate::support::process::Client;

/// How many book on the hot account without pause.
const CROWD: usize = 64;
/// How many others book, each on an account of their own.
const OTHERS: usize = 6;
/// How many bookings the crowd makes.
const BOOKINGS: usize = 1500;
/// How many turns the crowd may have for each turn of another account, on average. One client books on that, who
/// has to be answered and to send the next request in between.
const TURNS_MAX: usize = 4;

/// An account with no limit.
fn open_account(operator: &Client) -> String {
    let account = operator.open_account("basic");
    let unlimited = json!({"limit": null, "reason": "A crowd"});
    assert_eq!(operator.put(&format!("{account}/overrides/bookings_per_day"), &unlimited).status, 200);
    account
}

/// Somebody who books.
struct Booker<'a> {
    number: usize,
    account: &'a str,
    connection: Connection<'a>,
}

impl Booker<'_> {
    /// Books until the crowd has made all of its bookings, and answers how many this one has made.
    fn book(mut self, client: &Client, by_crowd: &AtomicUsize) -> usize {
        let (path, body) = (format!("{}/bookings", self.account), json!({"starts_at": "2031-05-05T10:00:00Z"}));
        for count in 0.. {
            if by_crowd.load(Ordering::SeqCst) >= BOOKINGS {
                return count;
            }
            // Every other one of each server takes a lock for a key besides.
            let key = (self.number % 4 < 2).then(|| format!("booker-{}-{count}", self.number));
            let booking = fleet::post(client, &path, key.as_deref(), &body);
            let answer = self.connection.send(&booking);
            assert_eq!(answer.status, 201, "{answer:?}");
            by_crowd.fetch_add(usize::from(self.number < CROWD), Ordering::SeqCst);
        }
        unreachable!("the crowd is done some time")
    }
}

/// As many servers, with the crowd and the others spread over them.
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
        threads.into_iter().map(|thread| thread.join().expect("see above")).collect::<Vec<usize>>()
    });
    let of_others = of_crowd.split_off(CROWD);
    let made: usize = of_crowd.iter().sum();
    println!("{servers} servers: {made} by {CROWD} on one account; others: {of_others:?}");
    // The crowd's account is the one with the most bookings.
    let by_account = "SELECT count(*) AS made, count(DISTINCT xmin::text) AS turns FROM bookings GROUP BY account_id";
    let crowd = format!("SELECT turns FROM ({by_account}) AS accounts ORDER BY made DESC LIMIT 1");
    let others = format!("SELECT turns FROM ({by_account}) AS accounts ORDER BY made DESC OFFSET 1");
    let kept_up = format!("SELECT count(*) FROM ({others}) AS others WHERE {TURNS_MAX} * turns >= ({crowd})");
    fleet.assert_number(&kept_up, OTHERS);
    // The crowd's bookings shared transactions.
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
