//! A server that has become a standby accepts no writes. No response is an internal error.

use crate::house::{refusal, unavailable};
use crate::lone::{Lone, is_served};
use crate::support::process::await_some;

#[test]
fn a_standby_serves_reads_and_refuses_writes() {
    let Some(house) = Lone::open() else { return };
    let answers = house.ask(0);
    assert!(is_served(&answers), "{answers:?}");
    let signal =
        format!("COPY (SELECT) TO PROGRAM 'touch {}/data/standby.signal'", house.cluster.directory().display());
    house.cluster.server().execute(&signal).expect("the server's own user may do that");
    house.cluster.stop_immediately();
    house.cluster.start_again();
    await_some("it serves reads", || (house.client.get(&house.account).status == 200).then_some(()));
    for (number, answer) in house.ask(1).into_iter().enumerate() {
        match number % 2 {
            0 => assert_eq!(answer.status, 200, "{answer:?}"),
            _ => assert_eq!(refusal(&answer), unavailable(), "{answer:?}"),
        }
    }
    assert_eq!(house.server.stranger().get("/readyz").status, 503);
    house.cluster.server().execute("SELECT pg_promote()").expect("a standby can be promoted");
    await_some("it is ready", || (house.server.stranger().get("/readyz").status == 200).then_some(()));
    let answers = house.ask(2);
    assert!(is_served(&answers), "{answers:?}");
    house.close();
}
