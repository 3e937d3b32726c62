//! A load of bookings whose every answer is checked, and compared with the database at the end.

use std::collections::{BTreeMap, BTreeSet};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use rusqlite::Connection;
use testkit::disk::WatchedDisk;

use crate::support::process::{PATIENCE, Server, headroom, run};
use crate::support::wire::{connect, exchange, request};

/// How many clients book.
const CLIENTS: usize = 4;
/// How many bookings a day has: fewer than the plan permits.
const PER_DAY: usize = 10;

/// A server on a disk that fails on demand.
pub(crate) struct ServerOnDisk {
    pub(crate) disk: WatchedDisk,
    pub(crate) server: Server,
    dir: PathBuf,
}

impl ServerOnDisk {
    pub(crate) fn start(dir: &Path) -> Self {
        let disk = WatchedDisk::new(dir);
        let server = Server::spawn(headroom_on(&disk, dir)).listening();
        Self { disk, server, dir: dir.into() }
    }

    /// Stops the server, and asserts that the database agrees with its answers.
    #[track_caller]
    pub(crate) fn stop_and_compare(mut self, answers: &Answers) {
        self.server.signal("TERM");
        assert!(self.server.ended().success(), "{}", self.server.log());
        assert!(!self.server.log().contains("panicked"), "{}", self.server.log());
        let mut verify = headroom_on(&self.disk, &self.dir);
        verify.args(["verify", "--full"]);
        let finished = run(verify);
        assert!(finished.code == Some(0) && finished.stdout.starts_with("ok: "), "{finished:?}");
        answers.assert_agree(&self.disk.directory().join("headroom.db"));
    }
}

fn headroom_on(disk: &WatchedDisk, dir: &Path) -> Command {
    let mut command = headroom(dir);
    command.env("HEADROOM_DATABASE_URL", format!("sqlite://{}/headroom.db", disk.directory().display()));
    disk.preload(&mut command);
    command
}

/// Clients of one account.
pub(crate) struct Load<'a> {
    server: &'a Server,
    account: String,
    authorization: String,
    /// In the notes of each booking.
    padding: String,
    next: AtomicUsize,
    answers: Mutex<Answers>,
}

/// The numbers of the bookings, by how their requests were answered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answers {
    pub(crate) acknowledged: BTreeSet<usize>,
    pub(crate) refused: BTreeSet<usize>,
    pub(crate) unknown: BTreeSet<usize>,
}

impl<'a> Load<'a> {
    /// Bookings with notes of this length.
    pub(crate) fn new(server: &'a Server, notes: usize) -> Self {
        let client = server.client();
        let account = client.open_account("pro");
        let authorization = format!("Bearer {}", client.token.as_deref().expect("a client has a token"));
        let (next, answers) = Default::default();
        Self { server, account, authorization, padding: "n".repeat(notes), next, answers }
    }

    pub(crate) fn answers(&self) -> Answers {
        self.answers.lock().expect("no thread panics").clone()
    }

    /// Books from several clients until it is over, which is told from all answers since.
    #[track_caller]
    pub(crate) fn book_until(&self, what: &str, is_over: impl Fn(&Answers) -> bool + Sync) {
        let before = self.answers();
        let end = Instant::now() + PATIENCE;
        thread::scope(|scope| {
            for _ in 0..CLIENTS {
                scope.spawn(|| {
                    let mut stream = connect(self.server);
                    while !is_over(&self.answers().since(&before)) {
                        assert!(Instant::now() < end, "timed out: {what}: {:?}", self.answers().since(&before));
                        let number = self.next.fetch_add(1, Ordering::SeqCst);
                        self.book(&mut stream, number, what);
                        self.read(&mut stream, what);
                    }
                });
            }
        });
    }

    /// Sends the requests with an unknown outcome again.
    #[track_caller]
    pub(crate) fn repeat_unknown(&self) {
        let mut stream = connect(self.server);
        for number in self.answers().unknown {
            self.book(&mut stream, number, "repeating an unknown outcome");
        }
        assert_eq!(self.answers().unknown, BTreeSet::new(), "outcomes are unknown after a repetition");
    }

    fn book(&self, stream: &mut TcpStream, number: usize, what: &str) {
        let (day, hour) = (number / PER_DAY, number % PER_DAY);
        let (year, month, day) = (2031 + day / 336, 1 + day / 28 % 12, 1 + day % 28);
        let body = format!(
            r#"{{"starts_at":"{year}-{month:02}-{day:02}T{hour:02}:00:00Z","notes":"{number} {}"}}"#,
            self.padding
        );
        let key = format!("booking-{number}");
        let headers = [("Authorization", self.authorization.as_str()), ("Idempotency-Key", key.as_str())];
        let answer = exchange(stream, &request("POST", &format!("{}/bookings", self.account), &headers, &body)).whole();
        let mut answers = self.answers.lock().expect("no thread panics");
        answers.unknown.remove(&number);
        let has_code = |code: &str| answer.body.contains(&format!(r#""code":"{code}""#));
        let place = match answer.status {
            201 => &mut answers.acknowledged,
            503 if has_code("unavailable") && answer.head.contains("\r\nretry-after: ") => &mut answers.refused,
            503 if has_code("outcome_unknown") => &mut answers.unknown,
            _ => panic!("{what}: a booking is answered {answer:?}"),
        };
        place.insert(number);
    }

    fn read(&self, stream: &mut TcpStream, what: &str) {
        let headers = [("Authorization", self.authorization.as_str())];
        let answer = exchange(stream, &request("GET", &self.account, &headers, "")).whole();
        assert_eq!(answer.status, 200, "{what}: a read is answered {answer:?}");
    }
}

impl Answers {
    pub(crate) fn counts(&self) -> String {
        let [acknowledged, refused, unknown] = [&self.acknowledged, &self.refused, &self.unknown].map(BTreeSet::len);
        format!("{acknowledged} acknowledged, {refused} refused, {unknown} unknown")
    }

    fn since(&self, before: &Self) -> Self {
        let new = |now: &BTreeSet<usize>, before: &BTreeSet<usize>| now.difference(before).copied().collect();
        Self {
            acknowledged: new(&self.acknowledged, &before.acknowledged),
            refused: new(&self.refused, &before.refused),
            unknown: new(&self.unknown, &before.unknown),
        }
    }

    /// Asserts that exactly the acknowledged bookings are in the database.
    #[track_caller]
    fn assert_agree(&self, database: &Path) {
        let connection = Connection::open(database).expect("the database opens");
        let mut statement = connection.prepare("SELECT notes FROM bookings").expect("the query is valid");
        let notes = statement.query_map([], |row| row.get::<_, String>(0)).expect("the query answers");
        let mut found = BTreeMap::<usize, usize>::new();
        for notes in notes {
            let notes = notes.expect("a booking has notes");
            let number = notes.split(' ').next().and_then(|number| number.parse().ok());
            *found.entry(number.expect("they begin with the number")).or_default() += 1;
        }
        let lost: Vec<_> = self.acknowledged.iter().filter(|number| !found.contains_key(number)).collect();
        let extra: Vec<_> = found.keys().filter(|number| !self.acknowledged.contains(number)).collect();
        let twice: Vec<_> = found.iter().filter(|(_, count)| **count > 1).collect();
        assert!(
            lost.is_empty() && extra.is_empty() && twice.is_empty(),
            "acknowledged and lost: {lost:?}; not acknowledged and written: {extra:?}; written twice: {twice:?}"
        );
    }
}
