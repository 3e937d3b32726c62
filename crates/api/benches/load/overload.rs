//! Ten times as many bookings as the server can commit, in an open loop: what is admitted is
//! answered soon, and the rest is refused with `Retry-After`.
//!
//! The load generator shares the cores with the server, and could not send ten times of what the
//! server can do at its best. So syncing is slow and the queue is short: the disk is the
//! bottleneck, as it is in production.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use testkit::disk::{DiskFault, WatchedDisk};

use crate::client::{self, CREATED};
use crate::fixture::Fixture;
use crate::open_loop::{self, COLUMNS};
use crate::report::{Goal, Measured, header};
use crate::servers::Server;
use crate::setup::{Scale, WARM_UP, url};

/// What a sync takes longer.
const SYNC_MILLISECONDS: u64 = 20;
/// How many writes may wait.
const QUEUE_MAX: usize = 16;
const TIMES: f64 = 10.0;
/// The 99th percentile of admitted requests.
const P99_MAX: Duration = Duration::from_secs(1);

pub(crate) struct Overload {
    capacity: f64,
    rate: u32,
    sample: open_loop::Sample,
}

/// Measures on a copy of `base`.
pub(crate) fn run(dir: &Path, base: &Path, scale: Scale) -> Overload {
    let parent = dir.join("overload");
    std::fs::create_dir(&parent).expect("a directory");
    let disk = WatchedDisk::new(&parent);
    let database = disk.directory().join("overload.db");
    std::fs::copy(base, &database).expect("the database can be copied");
    let server = Server::start_on(&disk, QUEUE_MAX, &url(&database));
    disk.set_fault(Some(DiskFault::SlowSync(SYNC_MILLISECONDS)));
    let fixture = Fixture::of(scale.accounts).spread();
    let requests = || fixture.requests("/accounts/", &server.token);
    // While one batch is committed the next one queues up: all of these are admitted, and no more
    // would be.
    let book = |time| client::drive(server.address, CREATED, requests(), 2 * QUEUE_MAX, time);
    book(WARM_UP);
    let capacity = book(scale.round).rate;
    let rate = (capacity * TIMES) as u32;
    println!("overload: {capacity:.0} bookings/s are possible, {rate}/s are sent");
    let sample = open_loop::drive(server.address, requests(), rate, scale.at_fixed_rate);
    println!("{rate} a second, overload: {} created, {sample}", sample.created());
    Overload { capacity, rate, sample }
}

impl Measured for Overload {
    fn table(&self) -> String {
        let first = ["open loop, overload", "possible/s", "created", "503 with `Retry-After`"];
        let mut text = header(&[&first[..], &COLUMNS].concat());
        let (created, retry) = (self.sample.created(), self.sample.with_retry_after);
        let _ = writeln!(
            text,
            "| {}/s | {:.0} | {created} | {retry} | {} |",
            self.rate,
            self.capacity,
            self.sample.columns()
        );
        text
    }

    fn goals(&self) -> Vec<Goal> {
        let with_retry_after = self.sample.with_retry_after as f64 / self.sample.others.max(1) as f64;
        vec![
            Goal::within("10 times overload: p99 of what is admitted", self.sample.quantile(0.99), P99_MAX),
            Goal::at_least("10 times overload: 503 with `Retry-After`, of all other answers", with_retry_after, 1.0),
        ]
    }
}
