//! A hanging server and a silent network are detected although no connection is closed: requests
//! are refused, and the process can be stopped.

use std::thread;

use crate::cuts::{House, is_replayed, unknown};
use crate::house::{headroom_on, refusal, unavailable};
use crate::lone::{Lone, is_served};
use crate::proxy::{Loss, Moment};
use crate::support::process::{await_some, run};
use crate::support::wire::{Reply, connect, exchange, try_connect};

#[test]
fn requests_are_refused_while_postgresql_hangs_and_served_after() {
    let Some(house) = Lone::open() else { return };
    let answers = house.ask(0);
    assert!(is_served(&answers), "{answers:?}");
    house.cluster.pause();
    for round in 1..=2 {
        for answer in house.ask(round) {
            assert_eq!(refusal(&answer), unavailable(), "{answer:?}");
            assert!(answer.head.contains("\r\nretry-after: 1"), "{answer:?}");
        }
        assert_eq!(house.server.stranger().get("/readyz").status, 503);
        assert_eq!(house.server.stranger().get("/health").status, 200);
    }
    house.cluster.resume();
    await_some("it is ready", || (house.server.stranger().get("/readyz").status == 200).then_some(()));
    let answers = house.ask(3);
    assert!(is_served(&answers), "{answers:?}");
    house.close();
}

#[test]
fn the_process_stops_while_postgresql_hangs() {
    let Some(mut house) = Lone::open() else { return };
    let answers = house.ask(0);
    assert!(is_served(&answers), "{answers:?}");
    house.cluster.pause();
    let requests = house.requests(1);
    let replies: Vec<Reply> = thread::scope(|scope| {
        let house = &house;
        let ask = |request: &str| match try_connect(house.server.address()) {
            Ok(mut stream) => exchange(&mut stream, request),
            Err(_) => Reply::Nothing,
        };
        let clients: Vec<_> = requests.iter().map(|request| scope.spawn(move || ask(request))).collect();
        house.server.signal("TERM");
        clients.into_iter().map(|client| client.join().expect("no thread panics")).collect()
    });
    for reply in replies {
        // Requests from before the signal are answered.
        assert!(reply == Reply::Nothing || refusal(&reply.whole()) == unavailable(), "{}", house.server.log());
    }
    assert!(house.server.ended().success(), "{}", house.server.log());
    house.cluster.resume();
}

#[test]
fn the_process_stops_while_a_foreign_session_locks_an_account() {
    let Some(mut house) = Lone::open() else { return };
    let foreign = house.database.begin("SELECT FROM accounts FOR UPDATE").expect("no other session locks them");
    let requests = house.requests(0);
    thread::scope(|scope| {
        let (house, requests) = (&house, &requests);
        let ask = |request: &str| exchange(&mut connect(&house.server), request).whole();
        let clients: Vec<_> = requests.iter().map(|request| scope.spawn(move || ask(request))).collect();
        for (number, client) in clients.into_iter().enumerate() {
            let answer = client.join().expect("no thread panics");
            // A read does not wait for a row.
            let expected = if number % 2 == 0 { 200 } else { 503 };
            assert_eq!(answer.status, expected, "{answer:?}");
        }
        let mut stream = connect(&house.server);
        let late = scope.spawn(move || exchange(&mut stream, &requests[1]));
        house.server.signal("TERM");
        late.join().expect("no thread panics");
    });
    assert!(house.server.ended().success(), "{}", house.server.log());
    drop(foreign);
}

#[test]
fn a_unit_on_a_silent_connection_is_refused_and_rolled_back() {
    let Some(house) = House::open() else { return };
    house.proxy.lose_at(Moment::Locking, Loss::Silence);
    assert_eq!(refusal(&house.book(0, Some("one"))), unavailable());
    assert!(house.proxy.has_lost() && house.numbers().is_empty());
    let again = house.book(0, Some("one"));
    assert!(again.status == 201 && !is_replayed(&again), "{again:?}");
    house.close();
}

#[test]
fn a_commit_on_a_silent_connection_is_unknown_and_settled_by_key() {
    let Some(house) = House::open() else { return };
    for (number, (moment, is_kept)) in [(Moment::Committing, false), (Moment::Committed, true)].into_iter().enumerate()
    {
        let key = format!("booking-{number}");
        house.proxy.lose_at(moment, Loss::Silence);
        assert_eq!(refusal(&house.book(number, Some(&key))), unknown());
        assert!(house.proxy.has_lost());
        assert_eq!(house.numbers().contains(&number), is_kept);
        let again = house.book(number, Some(&key));
        assert!(again.status == 201 && is_replayed(&again) == is_kept, "{again:?}");
    }
    assert_eq!(house.numbers(), [0, 1]);
    house.close();
}

#[test]
fn a_silent_network_is_detected_at_start_and_while_running() {
    let Some(house) = House::open() else { return };
    house.proxy.fall_silent();
    assert_eq!(refusal(&house.book(0, None)), unavailable());
    assert_eq!(house.server.stranger().get("/readyz").status, 503);
    // Another process does not start, and reports the reason.
    let dir = tempfile::tempdir().expect("a directory");
    let finished = run(headroom_on(dir.path(), &house.url()));
    assert_eq!(finished.code, Some(1), "{}", finished.stderr);
    assert!(finished.stderr.contains("did not answer in time"), "{}", finished.stderr);
    house.proxy.open();
    await_some("it is ready", || (house.server.stranger().get("/readyz").status == 200).then_some(()));
    assert_eq!(house.book(0, None).status, 201);
    house.close();
}
