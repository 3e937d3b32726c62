//! The limits hold exactly over HTTP, against one server and against two on the same file: none over, none under.

use std::collections::BTreeMap;
use std::sync::Barrier;
use std::thread;

use serde_json::{Value, json};

#[expect(dead_code, reason = "what the other tests use of it")]
mod support {
    pub(crate) mod process;
}
use support::process::{Answer, Client, Server, headroom, number, verify};

/// How many ask at once.
const THREADS: usize = 64;

/// One thing that is raced for.
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
            // A day that is written down: midnight may fall into the race.
            _ => json!({"starts_at": "2031-05-05T10:00:00Z"}),
        }
    }

    /// Runs the race in all threads at the same moment, round after round and each on another account.
    fn run(&self, clients: &[Client], rounds: usize) {
        let accounts: Vec<String> = in_parallel(clients, |number, client| {
            let share = (0..rounds).filter(|round| round % clients.len() == number);
            share.map(|_| client.open_account(self.plan)).collect::<Vec<_>>()
        })
        .concat();
        let paths: Vec<String> = accounts.iter().map(|account| format!("{account}/{}", self.things)).collect();
        let (start, body) = (Barrier::new(clients.len()), self.body());
        let answers = in_parallel(clients, |_, client| {
            let in_round = |path: &String| {
                start.wait();
                // A thread that panics here would leave the others waiting for ever.
                client.try_post(path, &body).map_err(|error| error.to_string())
            };
            paths.iter().map(in_round).collect::<Vec<_>>()
        });
        for round in 0..rounds {
            let of_round = answers.iter().map(|of_thread| of_thread[round].as_ref());
            self.assert_exact(round, of_round.map(|answer| answer.expect("every request is answered")));
        }
        // When all is over, the account is where the last refusal said it is.
        for path in &paths {
            self.assert_refused(&clients[0].post(path, &body));
        }
    }

    fn assert_exact<'a>(&self, round: usize, answers: impl Iterator<Item = &'a Answer>) {
        let mut created = BTreeMap::new();
        for answer in answers {
            if answer.status == 201 {
                let twice = created.insert(answer.text("id"), answer);
                assert!(twice.is_none(), "one id, two answers: {twice:?}");
            } else {
                self.assert_refused(answer);
            }
        }
        let plan = (self.plan, self.things);
        assert_eq!(created.len() as u64, self.limit, "{plan:?}, round {round}");
    }

    fn assert_refused(&self, answer: &Answer) {
        let told = ["limit", "used", "requested", "remaining"].map(|member| answer.body[member].as_u64());
        assert_eq!((answer.status, answer.text("code")), (403, self.refusal), "{answer:?}");
        assert_eq!(told, [self.limit, self.limit, 1, 0].map(Some), "{answer:?}");
    }
}

/// Does `work` with each client, each in a thread of its own; the answers in the order of the clients.
fn in_parallel<T: Send>(clients: &[Client], work: impl Fn(usize, &Client) -> T + Sync) -> Vec<T> {
    thread::scope(|scope| {
        let work = &work;
        let spawn = |(number, client)| scope.spawn(move || work(number, client));
        let threads: Vec<_> = clients.iter().enumerate().map(spawn).collect();
        threads.into_iter().map(|thread| thread.join().expect("the thread panicked, see above")).collect()
    })
}

/// As many servers as that, started at the same moment on one directory.
fn start_together(dir: &std::path::Path, count: usize) -> Vec<Server> {
    let starting: Vec<Server> = (0..count).map(|_| Server::spawn(headroom(dir))).collect();
    starting.into_iter().map(Server::listening).collect()
}

#[test]
fn requests_racing_to_a_limit_are_granted_exactly_as_many() {
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
fn requests_racing_to_a_limit_through_two_processes_are_granted_exactly_as_many() {
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
fn processes_that_start_at_once_in_a_new_directory_all_come_up_and_accept_each_others_tokens() {
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

/// Two owners of one account after another leave it at the same moment, each through a server of theirs.
fn race_to_leave(ann: &Client, ben: &Client, rounds: usize) {
    let owners = [ann, ben].map(|owner| (owner, owner.get("/users/me").text("id").to_owned()));
    let [(_, _), (_, ben_id)] = &owners;
    let open = |_| {
        let account = ann.post("/accounts", &json!({"name": "My Salon"})).created();
        assert_eq!(ann.put(&format!("{account}/members/{ben_id}"), &json!({"role": "owner"})).status, 200);
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
        threads.map(|thread| thread.join().expect("the thread panicked, see above"))
    });
    for ((account, of_ann), of_ben) in accounts.iter().zip(of_ann).zip(of_ben) {
        let answers = [of_ann, of_ben].map(|answer| answer.expect("every request is answered"));
        let has_left = answers.each_ref().map(|answer| answer.status == 204);
        assert!(has_left[0] != has_left[1], "{answers:?}");
        let stays = usize::from(has_left[0]);
        assert_eq!((answers[stays].status, answers[stays].text("code")), (409, "conflict"));
        let sees = owners.each_ref().map(|(owner, _)| owner.get(account).status);
        assert_eq!(sees, has_left.map(|has_left| if has_left { 404 } else { 200 }));
    }
}

#[test]
fn of_two_owners_who_leave_at_once_exactly_one_stays() {
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
