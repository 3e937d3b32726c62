//! Bookings at a fixed rate while an operator runs commands on the same database.

use std::fmt::Write;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::open_loop::{COLUMNS, Sample};
use crate::report::{Goal, Measured, header};
use crate::setup::{Scale, Variant, WARM_UP};

/// Bookings a second.
const RATE: u32 = 3_000;
/// How much longer the longest booking may take beside a command.
const LONGER_MAX: Duration = Duration::from_millis(50);
/// How many times as long one booking in a hundred may take beside a backup.
const LONGER_BESIDE_BACKUP: f64 = 1.2;
/// The commands, and how many times as long as usual the load beside each takes: a backup of 1 GB
/// takes about a minute.
const COMMANDS: [(&[&str], u32); 3] = [(&["user", "list"], 1), (&["verify"], 1), (&["backup", BACKUP, "--force"], 6)];
/// Where the backups go: each replaces the one before.
const BACKUP: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/backup.db");

/// The load beside one command, and how often the command ran.
struct Beside {
    command: String,
    runs: usize,
    sample: Sample,
}

/// The load alone, and beside each command.
pub(crate) struct Commands {
    alone: Sample,
    beside: Vec<Beside>,
}

pub(crate) fn run(headroom: &Variant, scale: Scale) -> Commands {
    headroom.book_at_rate(RATE, WARM_UP);
    let alone = headroom.book_at_rate(RATE, scale.at_fixed_rate);
    println!("{RATE} a second, alone: {alone}");
    let measure = |(arguments, times): (&[&str], u32)| {
        let shown = arguments.iter().map(|&argument| if argument == BACKUP { "FILE" } else { argument });
        let command = format!("headroom {}", shown.collect::<Vec<_>>().join(" "));
        let (url, is_over) = (&headroom.server.url, AtomicBool::new(false));
        let (sample, runs) = std::thread::scope(|scope| {
            let runs = scope.spawn(|| repeat(arguments, url, &is_over));
            let sample = headroom.book_at_rate(RATE, scale.at_fixed_rate * times);
            is_over.store(true, Ordering::Relaxed);
            (sample, runs.join().expect("the command succeeds"))
        });
        println!("{RATE} a second, beside {runs} × {command}: {sample}");
        Beside { command, runs, sample }
    };
    let measured = Commands { alone, beside: COMMANDS.into_iter().map(measure).collect() };
    for file in [BACKUP.into(), format!("{BACKUP}.keys")] {
        // The servers of the benchmark have a secret, so there may be no keys.
        let _ = std::fs::remove_file(file);
    }
    measured
}

/// Runs the command again and again until the load is over, at least once. Returns how often.
fn repeat(arguments: &[&str], url: &str, is_over: &AtomicBool) -> usize {
    let mut runs = 0;
    while runs == 0 || !is_over.load(Ordering::Relaxed) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_headroom"));
        command.args(arguments).arg(format!("--database-url={url}")).stdout(Stdio::null());
        assert!(command.status().expect("the command runs").success(), "headroom {} fails", arguments.join(" "));
        runs += 1;
    }
    runs
}

impl Measured for Commands {
    fn table(&self) -> String {
        let mut text = header(&[&["open loop, 3,000 bookings/s"], &COLUMNS[..]].concat());
        let _ = writeln!(text, "| alone | {} |", self.alone.columns());
        for Beside { command, runs, sample } in &self.beside {
            let _ = writeln!(text, "| beside `{command}`, {runs} × | {} |", sample.columns());
        }
        text
    }

    fn goals(&self) -> Vec<Goal> {
        let goal = |Beside { command, sample, .. }: &Beside| {
            let what = format!("open loop, {RATE}/s: the longest booking beside `{command}`");
            Goal::within(what, sample.max(), self.alone.max() + LONGER_MAX)
        };
        let mut goals: Vec<Goal> = self.beside.iter().map(goal).collect();
        if let Some(Beside { sample, .. }) = self.beside.iter().find(|beside| beside.command.contains("backup")) {
            let (p99, alone) = (sample.quantile(0.99), self.alone.quantile(0.99));
            let what = format!("open loop, {RATE}/s: one booking in a hundred beside a backup");
            goals.push(Goal::within(what, p99, alone.mul_f64(LONGER_BESIDE_BACKUP)));
        }
        goals
    }
}
