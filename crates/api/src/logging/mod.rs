//! Logs on standard error: for people by default, as one JSON object a line for programs.

mod filter;
mod repeats;
mod trace;

use std::io::{self, Write};
use std::str::FromStr;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Instant;

use domain::ports::Clock;
use env_logger::Builder;
use env_logger::fmt::Formatter;
use log::kv::{self, Key, Value as KvValue, VisitSource};
use log::{LevelFilter, Record};
use serde_json::{Map, Value};

use crate::clock::SystemClock;
pub use filter::{LogFilter, OTHERS};
use repeats::{Count, Repeats};
pub(crate) use trace::{TraceIds, with_trace};

/// The target of the request log.
pub(crate) const ACCESS: &str = "headroom::access";

/// The key of a trace's id in a log line.
const TRACE_ID: &str = "trace_id";

/// How a log line is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LogFormat {
    /// For people.
    Human,
    /// One JSON object.
    Json,
}

impl FromStr for LogFormat {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "human" => Ok(Self::Human),
            "json" => Ok(Self::Json),
            _ => Err(()),
        }
    }
}

/// The target whose debug lines contain the parameters of statements, which may be secrets.
const PARAMETERS_TARGET: &str = "tokio_postgres::query";
/// The targets whose lines contain requests to the collector of traces, which may have secrets in
/// their headers.
const EXPORT_TARGETS: [&str; 2] = ["ureq", "ureq_proto"];

static REPEATS: LazyLock<Mutex<Repeats>> = LazyLock::new(Mutex::default);

/// Starts logging what passes `filter`, without lines that may contain secrets.
pub fn init(filter: &LogFilter, format: LogFormat) {
    let write: fn(&mut Formatter, &Record<'_>, Option<TraceIds>) -> io::Result<()> = match format {
        LogFormat::Human => human,
        LogFormat::Json => json,
    };
    let write_or_count = move |line: &mut Formatter, record: &Record<'_>| {
        let now = Instant::now();
        let (counts, is_new) = {
            let mut repeats = REPEATS.lock().unwrap_or_else(PoisonError::into_inner);
            (repeats.due(now), repeats.is_new(record, now))
        };
        // A count is of lines of many requests.
        counts.iter().try_for_each(|count| write_count(count, |record| write(line, record, None)))?;
        if is_new { write(line, record, trace::current()) } else { Ok(()) }
    };
    builder(filter).format(write_or_count).init();
}

/// Logs the pending counts of repeated warnings, at the end of the program.
pub(crate) fn log_counts() {
    let counts = REPEATS.lock().unwrap_or_else(PoisonError::into_inner).rest(Instant::now());
    for Count { level, target, message, repeated } in counts {
        log::log!(target: &target, level, repeated; "{message}");
    }
}

/// Writes a count as its log line.
fn write_count(count: &Count, write: impl FnOnce(&Record<'_>) -> io::Result<()>) -> io::Result<()> {
    let repeated = [("repeated", count.repeated)];
    let mut record = Record::builder();
    record.level(count.level).target(&count.target).key_values(&repeated);
    write(&record.args(format_args!("{}", count.message)).build())
}

fn builder(filter: &LogFilter) -> Builder {
    let mut builder = Builder::new();
    // The start itself logs the result of the migrations.
    builder.filter_module("refinery_core", LevelFilter::Warn);
    builder.parse_filters(&filter.0).filter_module(PARAMETERS_TARGET, LevelFilter::Off);
    for target in EXPORT_TARGETS {
        builder.filter_module(target, LevelFilter::Off);
    }
    builder
}

fn human(line: &mut Formatter, record: &Record<'_>, trace: Option<TraceIds>) -> io::Result<()> {
    let style = line.default_level_style(record.level());
    let (level, target, message) = (record.level(), record.target(), record.args());
    write!(line, "{:.3} {style}{level:<5}{style:#} {target}: {}", SystemClock.now(), one_line(&message.to_string()))?;
    for (key, value) in pairs(record, trace) {
        match value {
            Value::String(text) => write!(line, " {key}={}", one_line(&text))?,
            value => write!(line, " {key}={value}")?,
        }
    }
    writeln!(line)
}

/// The text with control characters escaped, so that a client cannot forge a line of the log.
fn one_line(text: &str) -> String {
    let escape = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
    text.chars().map(escape).collect()
}

fn json(line: &mut Formatter, record: &Record<'_>, trace: Option<TraceIds>) -> io::Result<()> {
    let mut object = Map::new();
    object.insert("time".into(), format!("{:.3}", SystemClock.now()).into());
    object.insert("level".into(), record.level().as_str().into());
    object.insert("target".into(), record.target().into());
    object.insert("message".into(), record.args().to_string().into());
    object.extend(pairs(record, trace));
    writeln!(line, "{}", Value::Object(object))
}

/// The key-value pairs of a record, and the ids of the trace of its request.
fn pairs(record: &Record<'_>, trace: Option<TraceIds>) -> Vec<(String, Value)> {
    struct Pairs(Vec<(String, Value)>);

    impl<'kvs> VisitSource<'kvs> for Pairs {
        fn visit_pair(&mut self, key: Key<'kvs>, value: KvValue<'kvs>) -> Result<(), kv::Error> {
            let value = value.to_u64().map_or_else(|| Value::String(value.to_string()), Value::from);
            self.0.push((key.to_string(), value));
            Ok(())
        }
    }

    let mut pairs = Pairs(Vec::new());
    // The visitor above never fails.
    let _ = record.key_values().visit(&mut pairs);
    if let Some(TraceIds { trace_id, span_id }) = trace {
        // The access log has that of the caller's span, which is the same.
        pairs.0.retain(|(key, _)| key != TRACE_ID);
        pairs.0.push((TRACE_ID.to_owned(), format!("{trace_id:032x}").into()));
        pairs.0.push(("span_id".to_owned(), format!("{span_id:016x}").into()));
    }
    pairs.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use log::{Level, Log, Metadata};

    #[test]
    fn no_filter_logs_the_parameters_of_a_statement() {
        for filter in
            ["trace", "tokio_postgres=trace", "off,tokio_postgres::query=trace", "trace,tokio_postgres::q=trace"]
        {
            let logger = builder(&LogFilter(filter.to_owned())).build();
            let is_logged = |target| logger.enabled(&Metadata::builder().target(target).level(Level::Debug).build());
            assert!(!is_logged("tokio_postgres::query"), "{filter}");
            assert_eq!(is_logged("tokio_postgres::connection"), !filter.starts_with("off"), "{filter}");
        }
    }

    #[test]
    fn no_filter_logs_the_requests_to_a_collector() {
        for filter in ["trace", "ureq=trace,ureq_proto=trace"] {
            let logger = builder(&LogFilter(filter.to_owned())).build();
            for target in ["ureq::run", "ureq_proto::util"] {
                let is_logged = logger.enabled(&Metadata::builder().target(target).level(Level::Error).build());
                assert!(!is_logged, "{filter}: {target}");
            }
        }
    }

    #[test]
    fn a_line_break_in_a_value_does_not_begin_a_new_line() {
        assert_eq!(one_line("a\nb\x1b[0m"), "a\\nb\\u{1b}[0m");
    }
}
