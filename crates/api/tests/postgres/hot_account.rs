//! An account that everybody books on at once keeps nobody else waiting, and its own bookings are counted exactly.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::json;

use crate::fleet::{self, Connection, Fleet};
use crate::support::process::Client;

/// How many book on the hot account without pause.
const CROWD: usize = 64;
/// How many others book, each on an account of their own.
const OTHERS: usize = 6;
/// How many bookings of the crowd a stretch of the test is.
const STRETCH: usize = 100;
const STRETCHES: usize = 8;

/// An account with no limit.
fn open_account(operator: &Client) -> String {
    let account = operator.open_account("basic");
    let unlimited = json!({"limit": null, "reason": "A crowd"});
    assert_eq!(operator.put(&format!("{account}/overrides/bookings_per_day"), &unlimited).status, 200);
    account
}

/// How many bookings somebody has made in each stretch, and after.
type Made = [usize; STRETCHES + 1];

/// Somebody who books.
struct Booker<'a> {
    number: usize,
    account: &'a str,
    connection: Connection<'a>,
}

impl Booker<'_> {
    /// Books again and again, until the crowd has gone through all stretches.
    fn book(mut self, client: &Client, by_crowd: &AtomicUsize) -> Made {
        let (path, body) = (format!("{}/bookings", self.account), json!({"starts_at": "2031-05-05T10:00:00Z"}));
        let mut made = [0; STRETCHES + 1];
        for count in 0.. {
            // Every other one of each server takes a lock for a key besides.
            let key = (self.number % 4 < 2).then(|| format!("booker-{}-{count}", self.number));
            let booking = fleet::post(client, &path, key.as_deref(), &body);
            let answer = self.connection.send(&booking);
            assert_eq!(answer.status, 201, "{answer:?}");
            let by_crowd = by_crowd.fetch_add(usize::from(self.number < CROWD), Ordering::SeqCst);
            let stretch = (by_crowd / STRETCH).min(STRETCHES);
            made[stretch] += 1;
            if stretch == STRETCHES {
                break;
            }
        }
        made
    }
}

/// As many servers, with the crowd and the others spread over them.
fn crowd_one_account(servers: usize) {
    let Some(mut fleet) = Fleet::start(servers) else { return };
    let operator = fleet.operator();
    let hot = open_account(&operator);
    let others: Vec<String> = (0..OTHERS).map(|_| open_account(&operator)).collect();
    let accounts = std::iter::repeat_n(&hot, CROWD).chain(&others);
    let by_crowd = AtomicUsize::new(0);
    let mut of_crowd = thread::scope(|scope| {
        let (operator, by_crowd) = (&operator, &by_crowd);
        let connections = fleet.connect(CROWD + OTHERS).into_iter().enumerate();
        let bookers =
            connections.zip(accounts).map(|((number, connection), account)| Booker { number, account, connection });
        let threads: Vec<_> = bookers.map(|booker| scope.spawn(move || booker.book(operator, by_crowd))).collect();
        threads.into_iter().map(|thread| thread.join().expect("see above")).collect::<Vec<Made>>()
    });
    let of_others = of_crowd.split_off(CROWD);
    let made: usize = of_crowd.iter().flatten().sum();
    println!("{servers} servers: {made} by {CROWD} on one account; others: {of_others:?}");
    for of_other in &of_others {
        let total: usize = of_other.iter().sum();
        assert!(of_other[..STRETCHES].iter().all(|made| *made > 0), "somebody else stood still: {of_others:?}");
        // Who had to queue up with the crowd would make as many as one of it.
        assert!(total >= 5 * made / CROWD, "somebody else waited with the crowd: {of_others:?}");
    }
    let used = |account| {
        let answer = operator.get(&format!("{account}/entitlements?on=2031-05-05"));
        answer.body["entitlements"][1]["used"].as_u64().and_then(|used| usize::try_from(used).ok())
    };
    assert_eq!(used(&hot), Some(made));
    for (account, of_other) in others.iter().zip(&of_others) {
        assert_eq!(used(account), Some(of_other.iter().sum()));
    }
    fleet.stop_and_verify();
}

#[test]
fn a_crowd_on_one_account_keeps_nobody_else_waiting() {
    crowd_one_account(1);
}

#[test]
fn a_crowd_on_one_account_through_two_servers_keeps_nobody_else_waiting() {
    crowd_one_account(2);
}
