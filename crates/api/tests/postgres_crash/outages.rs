//! While PostgreSQL is unreachable, requests are refused promptly; afterwards service resumes.

use std::thread;
use std::time::{Duration, Instant};

use crate::cuts::House;
use crate::house::refusal;
use crate::support::process::{PATIENCE, await_some};
use crate::support::wire::{Answer, connect, exchange, request};

/// The number of concurrent clients: more than the number of connections.
const CLIENTS: usize = 32;
/// The maximum of connections of a server.
const CONNECTIONS_MAX: usize = 20;
/// How long detecting the outage may take. `just torture` enforces it on a release build; otherwise
/// refusals suffice.
const NOTICED: Duration = if cfg!(debug_assertions) { PATIENCE } else { Duration::from_secs(4) };
/// How long a refusal may take after that, with so many concurrent requests.
const AT_ONCE: Duration = if cfg!(debug_assertions) { PATIENCE } else { Duration::from_secs(2) };

fn look(house: &House) -> Answer {
    let authorization = format!("Bearer {}", house.client.token.as_deref().expect("the client has a token"));
    let request = request("GET", &house.account, &[("Authorization", &authorization)], "");
    exchange(&mut connect(&house.server), &request).whole()
}

/// Sends requests from all clients concurrently, half of them for a booking; the responses, and the
/// duration of the last.
fn ask(house: &House, round: usize) -> (Vec<Answer>, Duration) {
    let asked = Instant::now();
    let answers = thread::scope(|scope| {
        let client = |number: usize| match number % 2 {
            0 => look(house),
            _ => house.book(round * CLIENTS + number, None),
        };
        let clients: Vec<_> = (0..CLIENTS).map(|number| scope.spawn(move || client(number))).collect();
        clients.into_iter().map(|client| client.join().expect("no thread panics")).collect()
    });
    (answers, asked.elapsed())
}

#[test]
fn requests_are_refused_promptly_without_connections_and_served_after() {
    let Some(house) = House::open() else { return };
    let is_served = |answers: &[Answer]| answers.iter().all(|answer| [200, 201].contains(&answer.status));
    let (answers, _) = ask(&house, 0);
    assert!(is_served(&answers), "{answers:?}");
    let threads = house.server.threads();

    house.proxy.shut();
    for (round, patience) in [(1, NOTICED), (2, AT_ONCE), (3, AT_ONCE)] {
        let (answers, took) = ask(&house, round);
        for answer in &answers {
            assert_eq!(refusal(answer), (503, "unavailable".to_owned()), "{answer:?}");
            assert!(answer.head.contains("\r\nretry-after: 1"), "{answer:?}");
        }
        println!("refused within {took:.1?}");
        assert!(took < patience, "{took:?}");
    }
    assert_eq!(house.server.stranger().get("/readyz").status, 503);
    assert_eq!(house.server.stranger().get("/health").status, 200);

    house.proxy.open();
    let opened = Instant::now();
    await_some("it is ready", || (house.server.stranger().get("/readyz").status == 200).then_some(()));
    println!("ready after {:.1?}", opened.elapsed());
    let (answers, took) = ask(&house, 4);
    assert!(is_served(&answers) && took < PATIENCE, "{answers:?}");
    assert!(house.proxy.connections() <= CONNECTIONS_MAX, "{}", house.proxy.connections());
    assert!(house.server.threads() <= threads, "{} threads, {threads} before", house.server.threads());
    assert_eq!(house.numbers().len(), CLIENTS);
    house.close();
}

#[test]
fn the_first_request_after_lost_connections_succeeds() {
    let Some(house) = House::open() else { return };
    for round in 0..3 {
        let (answers, _) = ask(&house, round);
        assert!(answers.iter().all(|answer| [200, 201].contains(&answer.status)), "{answers:?}");
        let connections = house.proxy.connections();
        // More than once: the pool may be about to open a connection for a client that another one
        // has served meanwhile.
        await_some("all connections are cut", || {
            house.proxy.cut_all();
            (house.proxy.connections() == 0).then_some(())
        });
        let answer = if round == 1 { look(&house) } else { house.book(1000 + round, None) };
        assert!([200, 201].contains(&answer.status), "{answer:?} after {connections} connections were lost");
    }
    house.close();
}
