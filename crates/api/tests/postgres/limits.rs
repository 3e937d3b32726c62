//! Limits are exact, whichever server a request reaches: none over, none under.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::fleet::{self, Connection, Fleet, send_at_once};
use crate::support::process::{Client, Server};
use crate::support::wire::Answer;

/// How many requests are concurrent.
const CLIENTS: usize = 96;
const SERVERS: usize = 3;

/// A limit that requests race to, each round on a new account.
struct Race {
    things: &'static str,
    limit: usize,
    /// The plan with this limit; `None` where the account has an override.
    plan: Option<&'static str>,
    rounds: usize,
}

/// A hundred rounds.
const RACES: [Race; 12] = [
    Race { things: "bookings", limit: 0, plan: None, rounds: 8 },
    Race { things: "bookings", limit: 1, plan: None, rounds: 18 },
    Race { things: "bookings", limit: 2, plan: None, rounds: 14 },
    Race { things: "bookings", limit: 5, plan: Some("basic"), rounds: 16 },
    Race { things: "bookings", limit: 20, plan: Some("pro"), rounds: 12 },
    Race { things: "bookings", limit: 100, plan: None, rounds: 2 },
    Race { things: "staff", limit: 0, plan: None, rounds: 5 },
    Race { things: "staff", limit: 1, plan: None, rounds: 8 },
    Race { things: "staff", limit: 2, plan: Some("basic"), rounds: 6 },
    Race { things: "staff", limit: 5, plan: Some("pro"), rounds: 6 },
    Race { things: "staff", limit: 20, plan: None, rounds: 4 },
    Race { things: "staff", limit: 100, plan: None, rounds: 1 },
];

impl Race {
    /// The metric, its index in the entitlements, the code of the refusal, and the body of the
    /// request.
    fn expectations(&self) -> (&'static str, usize, &'static str, Value) {
        match self.things {
            "staff" => ("staff", 0, "staff_limit_exceeded", json!({"name": "Ann"})),
            // A fixed day: midnight may fall into the race.
            _ => ("bookings_per_day", 1, "booking_limit_exceeded", json!({"starts_at": "2031-05-05T10:00:00Z"})),
        }
    }

    fn open_account(&self, operator: &Client) -> String {
        let account = operator.open_account(self.plan.unwrap_or("basic"));
        if self.plan.is_none() {
            let own = json!({"limit": self.limit, "reason": "A race"});
            let answer = operator.put(&format!("{account}/overrides/{}", self.expectations().0), &own);
            assert_eq!(answer.status, 200, "{answer:?}");
        }
        account
    }

    /// Sends requests concurrently until more were sent than are granted.
    fn run(&self, operator: &Client, servers: &[Server], connections: &mut [Connection<'_>]) {
        let account = self.open_account(operator);
        let path = format!("{account}/{}", self.things);
        let request = fleet::post(operator, &path, None, &self.expectations().3);
        let requests_each = 1 + self.limit / connections.len();
        let answers = send_at_once(connections, requests_each, &request);
        let created = self.assert_exact(&answers);
        for server in servers {
            self.assert_there(&operator.at(server), &account, &created);
        }
    }

    /// Asserts that as many requests succeeded as the limit says and all others were refused for
    /// it; the ids of the created resources.
    fn assert_exact(&self, answers: &[Answer]) -> BTreeSet<String> {
        let (created, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 201);
        for answer in refused {
            let body = fleet::json(answer);
            assert_eq!((answer.status, body["code"].as_str()), (403, Some(self.expectations().2)), "{answer:?}");
            let fields = ["limit", "used", "requested", "remaining"].map(|member| body[member].as_u64());
            let limit = self.limit as u64;
            assert_eq!(fields, [limit, limit, 1, 0].map(Some), "{answer:?}");
        }
        assert_eq!(created.len(), self.limit, "{}", self.things);
        let ids: BTreeSet<String> = created.into_iter().map(|answer| id(&fleet::json(answer))).collect();
        assert_eq!(ids.len(), self.limit, "one id in two responses");
        ids
    }

    /// Asserts that exactly the created resources are listed and counted.
    fn assert_there(&self, client: &Client, account: &str, created: &BTreeSet<String>) {
        let listed = client.get(&format!("{account}/{}?limit=100", self.things)).body;
        let listed = listed["data"].as_array().expect("a list").iter().map(id).collect();
        assert_eq!(*created, listed);
        let (metric, place, ..) = self.expectations();
        let entitlement =
            client.get(&format!("{account}/entitlements?on=2031-05-05")).body["entitlements"][place].take();
        let fields = json!([entitlement["metric"], entitlement["limit"], entitlement["used"]]);
        assert_eq!(fields, json!([metric, self.limit, self.limit]), "{entitlement}");
    }
}

fn id(created: &Value) -> String {
    created["id"].as_str().expect("an id").to_owned()
}

#[test]
fn requests_racing_through_three_servers_meet_the_limit_exactly() {
    let Some(mut fleet) = Fleet::start(SERVERS) else { return };
    let (operator, mut connections) = (fleet.operator(), fleet.connect(CLIENTS));
    for race in RACES {
        for _ in 0..race.rounds {
            race.run(&operator, &fleet.servers, &mut connections);
        }
    }
    drop(connections);
    fleet.stop_and_verify();
}
