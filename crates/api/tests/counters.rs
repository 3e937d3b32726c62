//! Usage counters equal the rows that they count at every commit. A second connection compares them
//! a thousand times under load, each time in one statement and so on one snapshot.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use postgres::NoTls;
use serde_json::json;

#[expect(dead_code, reason = "other tests use the rest")]
mod support {
    pub(crate) mod over;
    pub(crate) mod process;
}
use support::over::Over;
use support::process::{Client, Server, await_some, database, headroom};

/// How often counters and rows are compared.
const COMPARISONS: usize = 1_000;
/// The minimum of successful writes: a fast machine with a slow disk compares for longer.
const WRITES: usize = 500;
/// How many clients write, and on how many accounts.
const CLIENTS: usize = 8;
const ACCOUNTS: usize = 3;

/// The number of windows whose counter differs from the number of rows.
const SQLITE: &str = "
    SELECT count(*) FROM (
        SELECT 1 FROM (
            SELECT account_id, metric, window_start, used AS counter, 0 AS counted FROM usage_counters
            UNION ALL
            SELECT account_id, 'staff', 0, 0, 1 FROM staff_members WHERE deleted_at IS NULL
            UNION ALL
            SELECT account_id, 'bookings_per_day', day * 86400000000, 0, 1 FROM bookings
            WHERE deleted_at IS NULL OR starts_at <= deleted_at)
        GROUP BY account_id, metric, window_start HAVING sum(counter) <> sum(counted))";

const POSTGRES: &str = "
    SELECT count(*) FROM (
        SELECT 1 FROM (
            SELECT account_id, metric, window_start, used AS counter, 0 AS counted FROM usage_counters
            UNION ALL
            SELECT account_id, 'staff', to_timestamp(0), 0, 1 FROM staff_members WHERE deleted_at IS NULL
            UNION ALL
            SELECT account_id, 'bookings_per_day', day::timestamp AT TIME ZONE 'UTC', 0, 1 FROM bookings
            WHERE deleted_at IS NULL OR starts_at <= deleted_at) AS amounts
        GROUP BY account_id, metric, window_start HAVING sum(counter) <> sum(counted)) AS differences";

/// Pseudo-random numbers, the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits fit") % end
    }
}

/// Creates, moves, removes and restores bookings and staff members until `is_over`, and counts
/// them.
fn work(client: &Client, accounts: &[String], mut dice: Dice, is_over: &AtomicBool, done: &AtomicUsize) {
    let mut known: Vec<String> = Vec::new();
    while !is_over.load(Ordering::Relaxed) {
        let starts_at = format!("2031-05-{:02}T10:00:00Z", 1 + dice.below(3));
        let chosen = (!known.is_empty()).then(|| known[dice.below(known.len())].clone());
        let status = match (dice.below(5), chosen) {
            (1, Some(path)) => client.try_delete(&path).expect("a response").status,
            (2, Some(path)) => client.post(&format!("{path}/restore"), &json!({})).status,
            (3, Some(path)) if path.contains("/bookings/") => {
                client.try_patch(&path, &json!({"starts_at": starts_at})).expect("a response").status
            }
            (kind, _) => {
                let account = &accounts[dice.below(accounts.len())];
                let answer = if kind == 4 {
                    client.post(&format!("{account}/staff"), &json!({"name": "Ann"}))
                } else {
                    client.post(&format!("{account}/bookings"), &json!({"starts_at": starts_at}))
                };
                if answer.status == 201 {
                    known.push(answer.created());
                    201
                } else {
                    answer.status
                }
            }
        };
        assert!(status < 500, "{status}");
        done.fetch_add(usize::from(status < 300), Ordering::Relaxed);
    }
}

/// Compares while clients write.
fn compare_under_load(server: Server, mut differences: impl FnMut() -> i64) {
    let client = server.client();
    let accounts: Vec<String> = (0..ACCOUNTS).map(|_| client.open_account("pro")).collect();
    let (is_over, done) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        let _over = Over(&is_over);
        for number in 0..CLIENTS {
            let (client, accounts, is_over, done) = (client.another(), &accounts, &is_over, &done);
            scope.spawn(move || work(&client, accounts, Dice(number as u64), is_over, done));
        }
        await_some("clients work", || (done.load(Ordering::Relaxed) > CLIENTS).then_some(()));
        let mut found: i64 = (0..COMPARISONS).map(|_| differences()).sum();
        await_some("clients write", || {
            found += differences();
            (done.load(Ordering::Relaxed) >= WRITES).then_some(())
        });
        assert_eq!(found, 0, "counters and rows differed");
    });
    drop(server);
}

fn new_dir() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

fn spawn(dir: &Path, url: &str) -> Server {
    let mut command = headroom(dir);
    command.env("HEADROOM_DATABASE_URL", url);
    Server::spawn(command).listening()
}

#[test]
fn counters_equal_rows_at_every_commit_in_sqlite() {
    let dir = new_dir();
    let file = database(dir.path());
    let server = spawn(dir.path(), &format!("sqlite://{}", file.display()));
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let connection = rusqlite::Connection::open_with_flags(&file, flags).expect("the database opens");
    let mut statement = connection.prepare(SQLITE).expect("the query is valid");
    compare_under_load(server, || statement.query_row([], |row| row.get(0)).expect("the query answers"));
}

#[test]
fn counters_equal_rows_at_every_commit_in_postgresql() {
    let Some(postgresql) = testkit::postgres::shared() else { return };
    let database = postgresql.create_database();
    let dir = new_dir();
    let server = spawn(dir.path(), database.url());
    let mut client = postgres::Client::connect(database.url(), NoTls).expect("the database can be reached");
    let statement = client.prepare(POSTGRES).expect("the query is valid");
    compare_under_load(server, || client.query_one(&statement, &[]).expect("the query answers").get(0));
}
