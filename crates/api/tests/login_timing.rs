//! The duration of a login does not reveal whether a user exists. `just torture` runs this on an
//! otherwise idle machine.

use std::time::{Duration, Instant};

use serde_json::json;

#[expect(dead_code, reason = "other tests use the rest")]
mod support {
    pub(crate) mod process;
}
use support::process::{Client, Server};

const PAIRS: usize = 200;
/// Warm-up pairs, not measured.
const WARM_UP: usize = 10;

/// The duration of a refused login.
fn refused(client: &Client, username: &str) -> Duration {
    let begun = Instant::now();
    let answer = client.post("/token", &json!({"username": username, "password": "a loud river"}));
    let took = begun.elapsed();
    assert_eq!((answer.status, answer.text("code")), (401, "invalid_credentials"));
    took
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

#[test]
#[ignore = "it measures: just torture"]
fn a_login_takes_as_long_for_an_unknown_user() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path());
    server.register("ann.known");
    let client = server.stranger();
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for pair in 0..WARM_UP + PAIRS {
        // The order of the two alternates, so that neither gains by it.
        let (mut of_known, mut of_unknown) = (Duration::ZERO, Duration::ZERO);
        for is_known in [pair % 2 == 0, pair % 2 == 1] {
            if is_known {
                of_known = refused(&client, "ann.known");
            } else {
                of_unknown = refused(&client, "no.one.xy");
            }
        }
        if pair >= WARM_UP {
            known.push(of_known);
            unknown.push(of_unknown);
        }
    }
    server.stop_and_verify();
    let (known, unknown) = (median(known), median(unknown));
    let apart = known.as_secs_f64() / unknown.as_secs_f64() - 1.0;
    println!("{PAIRS} pairs of logins: median {known:?} known, {unknown:?} unknown, {:.2} % apart", apart * 100.0);
    assert!(apart.abs() < 0.05, "{known:?} known, {unknown:?} unknown");
}
