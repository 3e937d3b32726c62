//! A connection lost within a unit has no effect on the client. One lost during the commit is
//! reported, and an `Idempotency-Key` settles it.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use tempfile::TempDir;
use testkit::postgres::{Cluster, Database};

use crate::house::{booking, bookings, headroom_on, json, refusal, stop_and_verify};
use crate::proxy::{Loss, Moment, Proxy};
use crate::support::over::Over;
use crate::support::process::{Client, Server, await_some};
use crate::support::wire::{Answer, connect, exchange};

/// A server that reaches its database through a proxy.
pub(crate) struct House {
    pub(crate) server: Server,
    pub(crate) proxy: Proxy,
    pub(crate) client: Client,
    pub(crate) account: String,
    database: Database,
    dir: TempDir,
}

impl House {
    /// `None` without PostgreSQL.
    pub(crate) fn open() -> Option<Self> {
        static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
        let database = CLUSTER.get_or_init(Cluster::start).as_ref()?.server().create_database();
        let (_, place) = database.url().split_once('@').expect("a cluster's URL names a user");
        let (address, _) = place.split_once('/').expect("the URL names a database");
        let proxy = Proxy::before(address);
        let dir = tempfile::tempdir().expect("a directory");
        let server = Server::spawn(headroom_on(dir.path(), &through(&proxy, &database))).listening();
        let client = server.client();
        let account = client.open_account("basic");
        Some(Self { server, proxy, client, account, database, dir })
    }

    /// The URL of the database through the proxy.
    pub(crate) fn url(&self) -> String {
        through(&self.proxy, &self.database)
    }

    #[track_caller]
    pub(crate) fn book(&self, number: usize, key: Option<&str>) -> Answer {
        exchange(&mut connect(&self.server), &booking(&self.client, &self.account, number, key)).whole()
    }

    /// As [`House::book`], with a connection cut at this moment.
    #[track_caller]
    fn book_and_cut(&self, moment: Moment, number: usize, key: Option<&str>) -> Answer {
        self.proxy.lose_at(moment, Loss::Cut);
        let answer = self.book(number, key);
        assert!(self.proxy.has_lost(), "no connection reached {moment:?}");
        answer
    }

    /// The numbers of the existing bookings.
    #[track_caller]
    pub(crate) fn numbers(&self) -> Vec<usize> {
        bookings(&self.client, &self.account).into_keys().collect()
    }

    #[track_caller]
    pub(crate) fn close(self) {
        stop_and_verify([self.server], self.dir.path(), self.database.url());
    }
}

fn through(proxy: &Proxy, database: &Database) -> String {
    let (login, place) = database.url().split_once('@').expect("a cluster's URL names a user");
    let (_, name) = place.split_once('/').expect("the URL names a database");
    format!("{login}@{}/{name}?sslmode=disable", proxy.address())
}

pub(crate) fn is_replayed(answer: &Answer) -> bool {
    answer.head.contains("idempotency-replayed: true")
}

pub(crate) fn unknown() -> (u16, String) {
    (503, "outcome_unknown".to_owned())
}

#[test]
fn a_unit_that_loses_its_connection_before_the_commit_is_retried() {
    let Some(house) = House::open() else { return };
    for (number, key) in [(0, None), (1, Some("one")), (2, None)] {
        let answer = house.book_and_cut(Moment::Locking, number, key);
        assert_eq!(answer.status, 201, "{answer:?}");
        assert_eq!(house.numbers().len(), number + 1);
    }
    house.close();
}

#[test]
fn a_commit_lost_before_the_server_is_unknown_and_redone_by_key() {
    let Some(house) = House::open() else { return };
    assert_eq!(refusal(&house.book_and_cut(Moment::Committing, 0, None)), unknown());
    assert!(house.numbers().is_empty());
    assert_eq!(refusal(&house.book_and_cut(Moment::Committing, 1, Some("one"))), unknown());
    assert!(house.numbers().is_empty());
    let again = house.book(1, Some("one"));
    assert!(again.status == 201 && !is_replayed(&again), "{again:?}");
    assert_eq!(house.numbers(), [1]);
    house.close();
}

#[test]
fn a_commit_whose_response_is_lost_is_unknown_and_replayed_by_key() {
    let Some(house) = House::open() else { return };
    assert_eq!(refusal(&house.book_and_cut(Moment::Committed, 0, None)), unknown());
    assert_eq!(house.numbers(), [0]);
    assert_eq!(refusal(&house.book_and_cut(Moment::Committed, 1, Some("one"))), unknown());
    assert_eq!(house.numbers(), [0, 1]);
    let again = house.book(1, Some("one"));
    assert!(again.status == 201 && is_replayed(&again), "{again:?}");
    assert_eq!(json(&again), bookings(&house.client, &house.account)[&1]);
    assert_eq!(house.numbers(), [0, 1]);
    house.close();
}

#[test]
fn retries_with_a_key_book_once_through_many_cuts() {
    const CLIENTS: usize = 8;
    const CUTS: usize = 24;
    /// How many bookings are acknowledged between two cuts: if every commit were cut, none would
    /// be.
    const BOOKINGS_PER_CUT: usize = 6;
    let Some(house) = House::open() else { return };
    let (sent, booked, is_over) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
    let work = || {
        let mut stream = connect(&house.server);
        while !is_over.load(Ordering::Relaxed) {
            let number = sent.fetch_add(1, Ordering::Relaxed);
            let request = booking(&house.client, &house.account, number, Some(&format!("booking-{number}")));
            await_some("it is booked", || {
                let answer = exchange(&mut stream, &request).whole();
                assert!(answer.status == 201 || refusal(&answer) == unknown(), "{answer:?}");
                (answer.status == 201).then_some(())
            });
            booked.fetch_add(1, Ordering::Relaxed);
        }
    };
    thread::scope(|scope| {
        let _over = Over(&is_over);
        for _ in 0..CLIENTS {
            scope.spawn(work);
        }
        for moment in [Moment::Locking, Moment::Committing, Moment::Committed].into_iter().cycle().take(CUTS) {
            let before = booked.load(Ordering::Relaxed);
            house.proxy.lose_at(moment, Loss::Cut);
            await_some("a connection is cut and bookings succeed", || {
                let is_booked = booked.load(Ordering::Relaxed) >= before + BOOKINGS_PER_CUT;
                (house.proxy.has_lost() && is_booked).then_some(())
            });
        }
    });
    assert_eq!(house.numbers(), (0..sent.into_inner()).collect::<Vec<_>>());
    house.close();
}
