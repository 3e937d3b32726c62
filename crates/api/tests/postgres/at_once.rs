//! Concurrent requests through several servers have one effect.

use serde_json::json;

use crate::fleet::{self, Fleet, send_at_once};
use crate::support::process::PASSWORD;
use crate::support::wire::{Answer, request};

#[test]
fn registrations_of_one_name_through_three_servers_create_one_user() {
    let Some(mut fleet) = Fleet::start(3) else { return };
    let mut connections = fleet.connect(12);
    for round in 0..5 {
        let body = json!({"username": format!("ann-{round}"), "password": PASSWORD}).to_string();
        let answers = send_at_once(&mut connections, 1, &request("POST", "/users", &[], &body));
        let (created, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 201);
        assert_eq!(created.len(), 1, "{answers:?}");
        for answer in refused {
            assert_eq!((answer.status, fleet::json(answer)["code"].as_str()), (409, Some("conflict")), "{answer:?}");
        }
    }
    drop(connections);
    // And the operator.
    fleet.assert_number("SELECT count(*) FROM users", 1 + 5);
    fleet.stop_and_verify();
}

#[test]
fn clients_racing_with_one_key_through_three_servers_have_one_effect() {
    let Some(mut fleet) = Fleet::start(3) else { return };
    let (operator, mut connections) = (fleet.operator(), fleet.connect(48));
    let path = format!("{}/bookings", operator.open_account("pro"));
    for round in 1..=10 {
        let body = json!({"starts_at": "2031-05-05T10:00:00Z"});
        let booking = fleet::post(&operator, &path, Some(&format!("booking-{round}")), &body);
        let answers = send_at_once(&mut connections, 1, &booking);
        assert!(answers.iter().all(|it| (it.status, &it.body) == (201, &answers[0].body)), "{answers:?}");
        let is_first = |answer: &&Answer| !answer.head.contains("idempotency-replayed: true");
        assert_eq!(answers.iter().filter(is_first).count(), 1, "{answers:?}");
        fleet.assert_number("SELECT count(*) FROM bookings", round);
    }
    drop(connections);
    fleet.stop_and_verify();
}

#[test]
fn ten_servers_starting_on_an_empty_database_share_one_schema() {
    let Some(mut fleet) = Fleet::start(10) else { return };
    let operator = fleet.operator();
    let account = operator.open_account("basic");
    for server in &fleet.servers {
        assert_eq!(operator.at(server).get(&account).status, 200);
    }
    fleet.assert_number("SELECT count(*) - max(version) FROM schema_history", 0);
    fleet.assert_number("SELECT count(*) FROM users WHERE is_operator", 1);
    fleet.assert_number("SELECT count(*) FROM audit_entries WHERE action = 'user.created'", 1);
    fleet.stop_and_verify();
}
