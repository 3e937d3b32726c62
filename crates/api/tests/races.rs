//! Limits are exact over HTTP, with one server and with two on one file: none over, none under.

use std::collections::BTreeMap;
use std::sync::Barrier;
use std::thread;

use serde_json::{Value, json};

mod support {
    #[expect(dead_code, reason = "other tests use the rest")]
    pub(crate) mod process;
    pub(crate) mod rounds;
}
use support::process::{Answer, Client, Server, headroom, number, verify};
use support::rounds::{THREADS, assert_count, in_parallel, in_rounds};

/// A limit that requests race to.
struct Race {
    plan: &'static str,
    things: &'static str,
    limit: u64,
    refusal: &'static str,
}

const RACES: [Race; 4] = [
    Race { plan: "basic", things: "staff", limit: 2, refusal: "staff_limit_exceeded" },
    Race { plan: "pro", things: "staff", limit: 5, refusal: "staff_limit_exceeded" },
    Race { plan: "basic", things: "bookings", limit: 5, refusal: "booking_limit_exceeded" },
    Race { plan: "pro", things: "bookings", limit: 20, refusal: "booking_limit_exceeded" },
];

impl Race {
    fn body(&self) -> Value {
        match self.things {
            "staff" => json!({"name": "Ann"}),
            // A fixed day: midnight may fall into the race.
            _ => json!({"starts_at": "2031-05-05T10:00:00Z"}),
        }
    }

    /// Runs the race in all threads concurrently, each round on a new account.
    fn run(&self, clients: &[Client], rounds: usize) {
        let accounts: Vec<String> = in_parallel(clients, |number, client| {
            let share = (0..rounds).filter(|round| round % clients.len() == number);
            share.map(|_| client.open_account(self.plan)).collect::<Vec<_>>()
        })
        .concat();
        let paths: Vec<String> = accounts.iter().map(|account| format!("{account}/{}", self.things)).collect();
        let body = self.body();
        let answers = in_rounds(clients, &paths, |_, client, path| client.try_post(path, &body));
        for (round, answers) in answers.iter().enumerate() {
            self.assert_exact(round, answers);
        }
        // At the end, usage is what the last refusal said.
        for path in &paths {
            self.assert_refused(&clients[0].post(path, &body));
        }
    }

    fn assert_exact(&self, round: usize, answers: &[Answer]) {
        let mut created = BTreeMap::new();
        for answer in answers {
            if answer.status == 201 {
                let twice = created.insert(answer.text("id"), answer);
                assert!(twice.is_none(), "one id in two responses: {twice:?}");
            } else {
                self.assert_refused(answer);
            }
        }
        let plan = (self.plan, self.things);
        assert_eq!(created.len() as u64, self.limit, "{plan:?}, round {round}");
    }

    fn assert_refused(&self, answer: &Answer) {
        let fields = ["limit", "used", "requested", "remaining"].map(|member| answer.body[member].as_u64());
        assert_eq!((answer.status, answer.text("code")), (403, self.refusal), "{answer:?}");
        assert_eq!(fields, [self.limit, self.limit, 1, 0].map(Some), "{answer:?}");
    }
}

/// Starts `count` servers together on one directory.
fn start_together(dir: &std::path::Path, count: usize) -> Vec<Server> {
    let starting: Vec<Server> = (0..count).map(|_| Server::spawn(headroom(dir))).collect();
    starting.into_iter().map(Server::listening).collect()
}

#[test]
fn requests_racing_to_a_limit_meet_it_exactly() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path());
    let client = server.client();
    let clients: Vec<Client> = (0..THREADS).map(|_| client.another()).collect();
    for race in RACES {
        race.run(&clients, 100);
    }
    server.stop_and_verify();
}

#[test]
fn requests_racing_through_two_processes_meet_the_limit_exactly() {
    let dir = tempfile::tempdir().expect("a directory");
    let servers = start_together(dir.path(), 2);
    let client = servers[0].client();
    let clients: Vec<Client> = (0..THREADS).map(|number| client.at(&servers[number % 2])).collect();
    for race in RACES {
        race.run(&clients, 100);
    }
    for server in servers {
        server.stop_and_verify();
    }
}

#[test]
fn processes_starting_together_accept_each_others_tokens() {
    for _ in 0..10 {
        let dir = tempfile::tempdir().expect("a directory");
        let servers = start_together(dir.path(), 4);
        let client = servers[0].client();
        let account = client.open_account("basic");
        for server in &servers {
            assert_eq!(client.at(server).get(&account).status, 200);
            assert_eq!(server.client().at(&servers[0]).get(&account).status, 200);
        }
        drop(servers);
        verify(dir.path());
    }
}

/// The two owners of an account leave it concurrently, each through a server of their own, account
/// after account.
fn race_to_leave(ann: &Client, ben: &Client, rounds: usize) {
    let owners = [ann, ben].map(|owner| (owner, owner.get("/users/me").text("id").to_owned()));
    let [(_, _), (_, ben_id)] = &owners;
    let open = |_| {
        let account = ann.post("/accounts", &json!({"name": "My Salon"})).created();
        for owner in [ann, ben] {
            assert_eq!(owner.put(&format!("{account}/members/{ben_id}"), &json!({"role": "owner"})).status, 200);
        }
        account
    };
    let accounts: Vec<String> = (0..rounds).map(open).collect();
    let start = Barrier::new(owners.len());
    let leave = |(owner, id): &(&Client, String)| {
        let in_round = |account: &String| {
            start.wait();
            owner.try_delete(&format!("{account}/members/{id}")).map_err(|error| error.to_string())
        };
        accounts.iter().map(in_round).collect::<Vec<_>>()
    };
    let [of_ann, of_ben] = thread::scope(|scope| {
        let threads = [&owners[0], &owners[1]].map(|owner| scope.spawn(|| leave(owner)));
        threads.map(|thread| thread.join().expect("no thread panics"))
    });
    for ((account, of_ann), of_ben) in accounts.iter().zip(of_ann).zip(of_ben) {
        let answers = [of_ann, of_ben].map(|answer| answer.expect("every request has a response"));
        let has_left = answers.each_ref().map(|answer| answer.status == 204);
        assert!(has_left[0] != has_left[1], "{answers:?}");
        let stays = usize::from(has_left[0]);
        assert_eq!((answers[stays].status, answers[stays].text("code")), (409, "conflict"));
        let sees = owners.each_ref().map(|(owner, _)| owner.get(account).status);
        assert_eq!(sees, has_left.map(|has_left| if has_left { 404 } else { 200 }));
    }
}

#[test]
fn when_two_owners_leave_at_once_one_stays() {
    let dir = tempfile::tempdir().expect("a directory");
    let servers = start_together(dir.path(), 2);
    let (ann, ben) = (servers[0].register("ann"), servers[0].register("ben"));
    race_to_leave(&ann, &ben, 100);
    race_to_leave(&ann, &ben.at(&servers[1]), 100);
    for server in servers {
        server.stop_and_verify();
    }
    let owned = number(dir.path(), "SELECT count(DISTINCT account_id) FROM members WHERE role = 'owner'");
    assert_eq!((owned, number(dir.path(), "SELECT count(*) FROM members")), (200, 200));
}

/// A downgrade to `basic`, whose staff limit the account has reached, races with new staff members,
/// round after round. Either the account is on `basic` with no new member, or it stays on `pro`,
/// filled to the limit.
fn race_to_a_smaller_plan(clients: &[Client], rounds: usize) {
    let client = &clients[0];
    let name = json!({"name": "Ann"});
    let open = |_| {
        let account = client.open_account("pro");
        for _ in 0..2 {
            client.post(&format!("{account}/staff"), &name).created();
        }
        account
    };
    let accounts: Vec<String> = (0..rounds).map(open).collect();
    let smaller = json!({"plan": "basic", "over_limit": "reject"});
    let answers = in_rounds(clients, &accounts, |number, client, account| {
        let (what, body) = if number == 0 { ("subscribe", &smaller) } else { ("staff", &name) };
        client.try_post(&format!("{account}/{what}"), body)
    });
    for (round, (account, answers)) in accounts.iter().zip(&answers).enumerate() {
        let of_round: Vec<_> = answers.iter().map(|answer| (answer.status, answer.body["code"].as_str())).collect();
        let added = of_round[1..].iter().filter(|(status, _)| *status == 201).count();
        let (plan, expected) = match of_round[0] {
            (200, None) => ("basic", 0),
            (409, Some("over_limit")) => ("pro", 3),
            _ => panic!("{of_round:?}"),
        };
        assert_eq!(added, expected, "{plan}, round {round}: {of_round:?}");
        let refused = of_round[1..].iter().filter(|it| **it == (403, Some("staff_limit_exceeded"))).count();
        assert_eq!(added + refused, clients.len() - 1, "{of_round:?}");
        assert_eq!(client.get(&format!("{account}/subscription")).text("plan"), plan);
        let used = client.post(&format!("{account}/staff"), &name).body["used"].as_u64();
        assert_eq!(used, Some(2 + added as u64), "{plan}, round {round}");
    }
}

#[test]
fn a_downgrade_with_reject_and_new_staff_never_both_succeed() {
    let dir = tempfile::tempdir().expect("a directory");
    let servers = start_together(dir.path(), 2);
    let client = servers[0].client();
    let clients: Vec<Client> = (0..8).map(|number| client.at(&servers[number % 2])).collect();
    race_to_a_smaller_plan(&clients, 100);
    for server in servers {
        server.stop_and_verify();
    }
}

const MONDAY: &str = "2031-05-05";
const TUESDAY: &str = "2031-05-06";
const WEDNESDAY: &str = "2031-05-07";

fn booking_on(day: &str) -> Value {
    json!({"starts_at": format!("{day}T10:00:00Z")})
}

/// A new account on `basic`, which permits five bookings a day, with bookings on these days; their
/// paths.
fn open_with_bookings(client: &Client, days: &[(&str, usize)]) -> (String, Vec<String>) {
    let account = client.open_account("basic");
    let of_day = |(day, count): &(&str, usize)| vec![booking_on(day); *count];
    let book = |body: Value| client.post(&format!("{account}/bookings"), &body).created();
    let bookings = days.iter().flat_map(of_day).map(book).collect();
    (account, bookings)
}

fn used_on(client: &Client, account: &str, day: &str) -> Option<u64> {
    client.get(&format!("{account}/entitlements?on={day}")).body["entitlements"][1]["used"].as_u64()
}

#[test]
fn bookings_moved_at_once_into_a_day_fill_it_exactly() {
    let dir = tempfile::tempdir().expect("a directory");
    let servers = start_together(dir.path(), 2);
    let client = servers[0].client();
    let clients: Vec<Client> = (0..8).map(|number| client.at(&servers[number / 2 % 2])).collect();
    let days = [(TUESDAY, 4), (WEDNESDAY, 4), (MONDAY, 3)];
    let accounts: Vec<_> = (0..50).map(|_| open_with_bookings(&client, &days)).collect();
    let to_monday = booking_on(MONDAY);
    let answers =
        in_rounds(&clients, &accounts, |number, client, (_, bookings)| client.try_patch(&bookings[number], &to_monday));
    for ((account, _), answers) in accounts.iter().zip(&answers) {
        assert_count(answers, 200, None, 2);
        assert_count(answers, 403, Some("booking_limit_exceeded"), 6);
        let left = |from: usize| answers[from..from + 4].iter().filter(|answer| answer.status == 403).count() as u64;
        let used = [MONDAY, TUESDAY, WEDNESDAY].map(|day| used_on(&client, account, day));
        assert_eq!(used, [5, left(0), left(4)].map(Some), "{answers:?}");
    }
    for server in servers {
        server.stop_and_verify();
    }
}

#[test]
fn bookings_removed_during_creation_free_one_place_each() {
    let dir = tempfile::tempdir().expect("a directory");
    let servers = start_together(dir.path(), 2);
    let client = servers[0].client();
    let clients: Vec<Client> = (0..8).map(|number| client.at(&servers[number % 2])).collect();
    let accounts: Vec<_> = (0..50).map(|_| open_with_bookings(&client, &[(MONDAY, 5)])).collect();
    let on_monday = booking_on(MONDAY);
    // Four clients remove two bookings, each of them twice, and four create new ones.
    let answers = in_rounds(&clients, &accounts, |number, client, (account, bookings)| match number {
        0..4 => client.try_delete(&bookings[number / 2]),
        _ => client.try_post(&format!("{account}/bookings"), &on_monday),
    });
    for ((account, _), answers) in accounts.iter().zip(&answers) {
        let (removals, bookings) = answers.split_at(4);
        assert!(removals.iter().all(|answer| answer.status == 204), "{removals:?}");
        let made = bookings.iter().filter(|answer| answer.status == 201).count();
        assert!(made <= 2, "{bookings:?}");
        assert_count(bookings, 403, Some("booking_limit_exceeded"), 4 - made);
        assert_eq!(used_on(&client, account, MONDAY), Some(3 + made as u64));
        // The places that stayed free are available now, and no more.
        let collection = format!("{account}/bookings");
        for _ in made..2 {
            client.post(&collection, &on_monday).created();
        }
        assert_eq!(client.post(&collection, &on_monday).text("code"), "booking_limit_exceeded");
    }
    for server in servers {
        server.stop_and_verify();
    }
}
