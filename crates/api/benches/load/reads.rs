//! Reads beside 10 million bookings, from one connection: lists, and what an account may still do.

use std::cell::Cell;
use std::fmt::Write;
use std::rc::Rc;
use std::time::Duration;

use crate::client::{self, OK, Sample};
use crate::fixture::{self, Special};
use crate::report::{Goal, Measured, header, median};
use crate::servers::Server;
use crate::setup::{Scale, Variant};

/// How often each read is measured, in turn with the others, and for how long.
const ROUNDS: usize = 3;
const TIME: Duration = Duration::from_millis(700);
/// How far down a list is read, in pages.
const PAGES: usize = 1_000;
/// How long half of the reads of a month may take.
const MONTH_MAX: Duration = Duration::from_micros(500);

/// What is read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Read {
    /// A month of one account's bookings, another account each time.
    Month,
    /// The first page of a long list, and a page far down.
    FirstPage,
    LatePage,
    /// All pages of the list of an account that has five bookings, and of one that has none.
    Few,
    NoBookings,
    /// A page with a filter that admits few of those that it looks at.
    Filtered,
    /// What an account may still do, another account each time.
    Entitlements,
}

/// The paths of a read, in turn.
type Paths = Rc<dyn Fn() -> String>;

/// A read, how many pages the list has if all of it was read, and what it came to.
struct Row {
    read: Read,
    pages: Option<usize>,
    samples: Vec<Sample>,
}

pub(crate) struct Reads(Vec<Row>);

/// Measures each read in turn.
pub(crate) fn run(filled: &Variant, scale: Scale) -> Reads {
    let mut rows: Vec<(Row, Paths)> = all(filled, scale);
    for round in 1..=ROUNDS {
        for (row, paths) in &mut rows {
            let sample = measure(&filled.server, paths);
            println!("round {round}, {}: {sample}", row.name());
            assert_eq!(sample.others, 0, "{} is refused", row.name());
            row.samples.push(sample);
        }
    }
    Reads(rows.into_iter().map(|(row, _)| row).collect())
}

fn all(filled: &Variant, scale: Scale) -> Vec<(Row, Paths)> {
    let server = &filled.server;
    let list = |special| format!("/accounts/{}/bookings", filled.fixture.special(special));
    let many = list(Special::Many);
    // Pages have 20 bookings. On a small scale there are not as many pages.
    let pages = PAGES.min((scale.earlier_bookings / 5 / 20) as usize / 2);
    let late = walk(server, &many, pages).pop().expect("a page");
    let (few, none) = (walk(server, &list(Special::Few), PAGES), walk(server, &list(Special::NoBookings), PAGES));
    let (from, to) = fixture::month();
    let (of_month, of_entitlements) = (filled.fixture.clone(), filled.fixture.clone());
    let month = move || format!("/accounts/{}/bookings?from={from}&to={to}&limit=100", of_month.next_account());
    let entitlements = move || format!("/accounts/{}/entitlements", of_entitlements.next_account());
    let filtered = format!("{many}?staff_id={}", fixture::staff_member());
    let row = |read, pages, paths: Paths| (Row { read, pages, samples: Vec::new() }, paths);
    vec![
        row(Read::Month, None, Rc::new(month)),
        row(Read::FirstPage, None, in_turn(vec![many])),
        row(Read::LatePage, Some(pages), in_turn(vec![late])),
        row(Read::Few, Some(few.len()), in_turn(few)),
        row(Read::NoBookings, Some(none.len()), in_turn(none)),
        row(Read::Filtered, None, in_turn(vec![filtered])),
        row(Read::Entitlements, None, Rc::new(entitlements)),
    ]
}

fn in_turn(paths: Vec<String>) -> Paths {
    let turn = Cell::new(0);
    Rc::new(move || paths[turn.replace(turn.get() + 1) % paths.len()].clone())
}

/// The paths of a list's first pages, up to `max` of them.
fn walk(server: &Server, list: &str, max: usize) -> Vec<String> {
    let mut paths = vec![list.to_owned()];
    while paths.len() < max {
        let answer = client::ask(server.address, &get(&server.token, paths.last().expect("a path")));
        let Some((_, rest)) = answer.split_once("\"next_cursor\":\"") else { break };
        let cursor = rest.split('"').next().expect("the end of the cursor");
        paths.push(format!("{list}?cursor={cursor}"));
    }
    paths
}

fn get(token: &str, path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n").into_bytes()
}

fn measure(server: &Server, paths: &Paths) -> Sample {
    let (token, paths) = (server.token.clone(), Rc::clone(paths));
    client::drive(server.address, OK, move || get(&token, &paths()), 1, TIME)
}

impl Row {
    fn name(&self) -> String {
        let pages = self.pages.unwrap_or(1);
        match self.read {
            Read::Month => "a month of an account's bookings, another account each time".into(),
            Read::FirstPage => "page 1 of a long list".into(),
            Read::LatePage => format!("page {pages} of a long list"),
            Read::Few => format!("list of an account with five bookings in two years, each of {pages} pages in turn"),
            Read::NoBookings => format!("list of an account with no booking, each of {pages} pages in turn"),
            Read::Filtered => "page 1 of a long list, by a staff member who has few of them".into(),
            Read::Entitlements => "entitlements, another account each time".into(),
        }
    }

    fn p50(&self) -> Duration {
        median(self.samples.iter().map(|sample| sample.p50))
    }
}

impl Measured for Reads {
    fn table(&self) -> String {
        let mut text = header(&["one connection, 10 M bookings", "requests/s", "p50", "p99"]);
        for row in &self.0 {
            let (rate, p50) = (median(row.samples.iter().map(|sample| sample.rate)), row.p50());
            let p99 = median(row.samples.iter().map(|sample| sample.p99));
            let _ = writeln!(text, "| {} | {rate:.0} | {p50:.2?} | {p99:.2?} |", row.name());
        }
        text
    }

    fn goals(&self) -> Vec<Goal> {
        let of = |read| self.0.iter().find(|row| row.read == read).expect("it is among them");
        let (first, late) = (of(Read::FirstPage).p50(), of(Read::LatePage));
        vec![
            Goal::within("10 M bookings: a month of one account's, p50", of(Read::Month).p50(), MONTH_MAX),
            Goal::at_most(
                format!("10 M bookings: {}, p50, of that of page 1", late.name()),
                late.p50().as_secs_f64() / first.as_secs_f64(),
                1.2,
            ),
        ]
    }
}
