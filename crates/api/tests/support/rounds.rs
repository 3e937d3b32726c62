//! Requests of many clients that begin together, round after round.

use std::sync::Barrier;
use std::thread;

use super::process::{Answer, Client};

/// How many requests are concurrent.
pub(crate) const THREADS: usize = 64;

/// Runs `work` with each client in a thread of its own; the results in the order of the clients.
pub(crate) fn in_parallel<T: Send>(clients: &[Client], work: impl Fn(usize, &Client) -> T + Sync) -> Vec<T> {
    thread::scope(|scope| {
        let work = &work;
        let spawn = |(number, client)| scope.spawn(move || work(number, client));
        let threads: Vec<_> = clients.iter().enumerate().map(spawn).collect();
        threads.into_iter().map(|thread| thread.join().expect("no thread panics")).collect()
    })
}

/// Runs `work` with all clients concurrently in each of `rounds`; the responses of each round, in
/// the order of the clients.
pub(crate) fn in_rounds<R: Sync>(
    clients: &[Client],
    rounds: &[R],
    work: impl Fn(usize, &Client, &R) -> Result<Answer, ureq::Error> + Sync,
) -> Vec<Vec<Answer>> {
    let start = Barrier::new(clients.len());
    let of_threads = in_parallel(clients, |number, client| {
        let in_round = |round: &R| {
            start.wait();
            // A panic in one thread would leave the others waiting for ever.
            work(number, client, round).map_err(|error| error.to_string())
        };
        rounds.iter().map(in_round).collect::<Vec<_>>()
    });
    let mut of_threads: Vec<_> = of_threads.into_iter().map(Vec::into_iter).collect();
    let answer =
        |answer: Option<Result<Answer, String>>| answer.expect("a round").expect("every request has a response");
    rounds.iter().map(|_| of_threads.iter_mut().map(|of_thread| answer(of_thread.next())).collect()).collect()
}

/// Asserts the number of responses with this status, and this code for a refusal.
pub(crate) fn assert_count(answers: &[Answer], status: u16, code: Option<&str>, expected: usize) {
    let is_like = |answer: &&Answer| answer.status == status && answer.body["code"].as_str() == code;
    assert_eq!(answers.iter().filter(is_like).count(), expected, "{status} {code:?}: {answers:?}");
}
