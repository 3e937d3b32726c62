//! Repeated warnings: a full disk refuses thousands of writes a second, and a line for each would
//! fill the disk of the log. The first is logged, the others are counted, and the count is logged
//! every minute.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use log::{Level, Record};

/// How long repetitions are counted before the count is logged.
const PERIOD: Duration = Duration::from_mins(1);
/// How many different lines are tracked. Further ones are all logged.
const LINES_MAX: usize = 256;

/// The recent lines, and how often each was repeated.
#[derive(Default)]
pub(super) struct Repeats(HashMap<String, Repeat>);

struct Repeat {
    since: Instant,
    count: u64,
    /// The message of the first line.
    message: String,
    target: String,
    level: Level,
}

/// The count of a repeated line.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Count {
    pub(super) level: Level,
    pub(super) target: String,
    pub(super) message: String,
    pub(super) repeated: u64,
}

impl Repeats {
    /// Whether to log a record. Otherwise it is counted.
    pub(super) fn is_new(&mut self, record: &Record<'_>, now: Instant) -> bool {
        // Errors of requests are searched by request id, so each has its own line.
        let has_own_line = record.level() == Level::Error && record.key_values().count() > 0;
        if record.level() > Level::Warn || has_own_line {
            return true;
        }
        let message = record.args().to_string();
        let key = key(record.target(), &message);
        if let Some(repeat) = self.0.get_mut(&key) {
            repeat.count += 1;
            return false;
        }
        if self.0.len() < LINES_MAX {
            let (target, level) = (record.target().to_owned(), record.level());
            self.0.insert(key, Repeat { since: now, count: 0, message, target, level });
        }
        true
    }

    /// The counts whose period has ended. Counting restarts for repeated lines; the others are
    /// removed.
    pub(super) fn due(&mut self, now: Instant) -> Vec<Count> {
        self.take(|repeat| now.duration_since(repeat.since) >= PERIOD, now)
    }

    /// All counts, at the end of the program.
    pub(super) fn rest(&mut self, now: Instant) -> Vec<Count> {
        let counts = self.take(|_| true, now);
        self.0.clear();
        counts
    }

    fn take(&mut self, is_due: impl Fn(&Repeat) -> bool, now: Instant) -> Vec<Count> {
        let mut counts = Vec::new();
        self.0.retain(|_, repeat| {
            if !is_due(repeat) {
                return true;
            }
            let Repeat { since, count, level, target, message } = repeat;
            let count = std::mem::take(count);
            *since = now;
            if count > 0 {
                counts.push(Count { level: *level, target: target.clone(), message: message.clone(), repeated: count });
            }
            count > 0
        });
        counts
    }
}

/// The key of a line: lines that differ only in numbers have the same.
fn key(target: &str, message: &str) -> String {
    let without_numbers = message.split(|c: char| c.is_ascii_digit()).filter(|part| !part.is_empty());
    format!("{target} {}", without_numbers.collect::<Vec<_>>().join("#"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(repeats: &mut Repeats, level: Level, message: &str, now: Instant) -> bool {
        repeats.is_new(&Record::builder().level(level).target("storage").args(format_args!("{message}")).build(), now)
    }

    #[test]
    fn a_repeated_warning_is_logged_once_and_then_counted() {
        let (mut repeats, start) = (Repeats::default(), Instant::now());
        assert!(log(&mut repeats, Level::Warn, "a batch of 7 units was not committed: the disk is full", start));
        for size in 8..20 {
            let message = format!("a batch of {size} units was not committed: the disk is full");
            assert!(!log(&mut repeats, Level::Warn, &message, start));
        }
        assert!(log(&mut repeats, Level::Warn, "another", start));
        assert_eq!(repeats.due(start), []);
        let counts = repeats.due(start + PERIOD);
        let [count] = &counts[..] else { panic!("{counts:?}") };
        assert_eq!(
            (count.repeated, count.message.as_str()),
            (12, "a batch of 7 units was not committed: the disk is full")
        );
        // A repeated line is still counted, and another one is logged again.
        assert!(!log(&mut repeats, Level::Warn, &count.message, start + PERIOD));
        assert!(log(&mut repeats, Level::Warn, "another", start + PERIOD));
        assert_eq!(repeats.rest(start + PERIOD).len(), 1);
    }

    #[test]
    fn information_and_errors_of_requests_are_always_logged() {
        let (mut repeats, now) = (Repeats::default(), Instant::now());
        for _ in 0..2 {
            assert!(log(&mut repeats, Level::Info, "request", now));
            let error = format_args!("damaged");
            let request_id = [("request_id", "a")];
            let record = Record::builder().level(Level::Error).args(error).key_values(&request_id).build();
            assert!(repeats.is_new(&record, now));
        }
    }
}
