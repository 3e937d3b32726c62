//! A long load at a fixed rate: memory, open files and latency stay as they are.

use std::cell::Cell;
use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::databases;
use crate::open_loop::{self, Sample};
use crate::report::{Goal, Measured, header, median};
use crate::servers::Kind;
use crate::setup::{CONNECTIONS, Scale, Variant, url};

/// Requests a second: six in ten create a booking, two read an account, two are refused by the
/// limit.
const RATE: u32 = 500;
/// How many parts of the time are compared.
const WINDOWS: u32 = 12;
/// How long the server is saturated before, so that its caches are full.
const FILL: Duration = Duration::from_mins(1);
/// How much memory may grow from the first to the last window.
const MEMORY_RATIO_MAX: f64 = 1.05;
/// How many files may be open more at the end: a connection of the load may still be closing.
const FILES_MORE_MAX: usize = 3;
/// How much worse the median of the p99 may be in the second half.
const P99_RATIO_MAX: f64 = 1.5;
/// How long connections of a window may take to close.
const CLOSE_MAX: Duration = Duration::from_secs(10);

struct Window {
    sample: Sample,
    memory_kib: usize,
    files: usize,
}

pub(crate) struct Soak {
    minutes: u32,
    windows: Vec<Window>,
}

/// Runs for so many minutes.
pub(crate) fn run(dir: &Path, minutes: u32, scale: Scale) -> Soak {
    let base = dir.join("base.db");
    databases::fill(&url(&base), scale.accounts);
    let headroom = Variant::start(Kind::Headroom, &base, scale);
    println!("filling the caches for {FILL:?}");
    println!("{}", headroom.book(&headroom.fixture.spread(), CONNECTIONS, FILL));
    let request = mixed(&headroom);
    // Not counted: the load opens more connections than before.
    open_loop::drive(headroom.server.address, &request, RATE, Duration::from_secs(10));
    let idle = await_closed(&headroom, 0);
    let time = Duration::from_mins(1) * minutes / WINDOWS;
    let windows = (1..=WINDOWS).map(|number| {
        let sample = open_loop::drive(headroom.server.address, &request, RATE, time);
        let files = await_closed(&headroom, idle);
        let memory_kib = headroom.server.resources().0;
        println!("{number} of {WINDOWS}: {memory_kib} KiB, {files} files, {sample}");
        Window { sample, memory_kib, files }
    });
    Soak { minutes, windows: windows.collect() }
}

/// Waits until no more than `files` are open, but not for ever. Returns the least number that were
/// open meanwhile.
fn await_closed(headroom: &Variant, files: usize) -> usize {
    let begun = Instant::now();
    let mut least = headroom.server.resources().1;
    while least > files && begun.elapsed() < CLOSE_MAX {
        std::thread::sleep(Duration::from_millis(100));
        least = least.min(headroom.server.resources().1);
    }
    least
}

fn mixed(headroom: &Variant) -> impl Fn() -> Vec<u8> + use<> {
    let (spread, full) = (headroom.fixture.spread(), headroom.fixture.refused());
    let (created, refused) = (headroom.requests(&spread), headroom.requests(&full));
    let (token, fixture) = (headroom.server.token.clone(), headroom.fixture.clone());
    let read = move || {
        let account = fixture.next_account();
        format!("GET /accounts/{account} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n")
            .into_bytes()
    };
    let turn = Cell::new(0_u32);
    move || {
        turn.set(turn.get().wrapping_add(1));
        match turn.get() % 10 {
            0 | 5 => read(),
            1 | 6 => refused(),
            _ => created(),
        }
    }
}

impl Soak {
    fn p99(&self, half: usize) -> f64 {
        let windows = self.windows.chunks(self.windows.len() / 2).nth(half).expect("there are two halves");
        median(windows.iter().map(|window| window.sample.quantile(0.99).as_secs_f64()))
    }
}

impl Measured for Soak {
    fn table(&self) -> String {
        let minutes = format!("soak of {} minutes, {RATE} requests/s", self.minutes);
        let mut text = header(&[&minutes, "memory", "open files", "bookings", "p50", "p99", "max"]);
        for (number, Window { sample, memory_kib, files }) in (1..).zip(&self.windows) {
            let [p50, p99] = [0.5, 0.99].map(|share| sample.quantile(share));
            let (created, max) = (sample.created(), sample.max());
            let _ = writeln!(
                text,
                "| part {number} | {memory_kib} KiB | {files} | {created} | {p50:.2?} | {p99:.2?} | {max:.2?} |"
            );
        }
        text
    }

    fn goals(&self) -> Vec<Goal> {
        let (first, last) = (self.windows.first().expect("a window"), self.windows.last().expect("a window"));
        let ratio = |last: usize, first: usize| last as f64 / first as f64;
        let created: usize = self.windows.iter().map(|window| window.sample.created()).sum();
        let others: usize = self.windows.iter().map(|window| window.sample.others).sum();
        let more = last.files.saturating_sub(first.files);
        vec![
            Goal::at_most(
                "soak: memory at the end, of that at first",
                ratio(last.memory_kib, first.memory_kib),
                MEMORY_RATIO_MAX,
            ),
            Goal::at_most("soak: open files more at the end", more as f64, FILES_MORE_MAX as f64),
            Goal::at_most(
                "soak: p99 of the second half, of that of the first",
                self.p99(1) / self.p99(0),
                P99_RATIO_MAX,
            ),
            Goal::at_least(
                "soak: bookings created, of those requested",
                created as f64 / ((created + others) as f64 * 0.6),
                0.999,
            ),
        ]
    }
}
