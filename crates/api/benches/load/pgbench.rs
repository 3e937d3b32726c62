//! pgbench with the statements that Headroom sends for a booking: those that PostgreSQL has logged
//! of one booking, so that they are the same by construction.

use std::fs;
use std::ops::RangeInclusive;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use domain::BookingId;
use testkit::postgres::{Cluster, Database};

use crate::client::{self, Sample};
use crate::fixture::{Fixture, account};
use crate::servers::{Kind, Server};

/// The account of a number, in a script of pgbench's.
const ACCOUNT: &str = "('00000000-0000-7000-8000-' || lpad((:number)::text, 12, '0'))::uuid";
/// The id of a booking: from a sequence, which rises as those of `UUIDv7` do.
const BOOKING: &str = "('0195b1e0-0000-7000-8000-' || lpad(nextval('bench')::text, 12, '0'))::uuid";

/// The statements of the transaction of a booking.
pub(crate) struct Pgbench {
    statements: Vec<String>,
}

impl Pgbench {
    /// Has Headroom create one booking while PostgreSQL logs every statement.
    pub(crate) fn of_a_booking(cluster: &Cluster, database: &Database) -> Self {
        database.execute("CREATE SEQUENCE bench").expect("a sequence");
        set_logging(database, "SET log_statement TO ''all''");
        let server = Server::start(Kind::Headroom, database.url());
        let request = Fixture::of(1).tomorrow().requests(Kind::Headroom.before_account(), &server.token)();
        let answer = client::ask(server.address, &request);
        drop(server);
        set_logging(database, "RESET log_statement");
        let id = answer.split_once("\"id\":\"").and_then(|(_, rest)| rest.split('"').next()).expect("an id");
        let id: BookingId = id.parse().expect("the id of a booking");
        let log = fs::read_to_string(cluster.directory().join("log")).expect("the server's log");
        let names = [(account(0).uuid().to_string(), ACCOUNT), (id.uuid().to_string(), BOOKING)];
        let statements = statements(&log, &names);
        println!("pgbench sends for a booking:\n{}", statements.join("\n"));
        Self { statements }
    }

    /// What pgbench reaches with bookings for accounts of these numbers, drawn at random. It
    /// reports no percentiles: p50 is the mean, and p99 is left out.
    pub(crate) fn run(
        &self,
        dir: &Path,
        database: &Database,
        accounts: RangeInclusive<u64>,
        connections: usize,
        time: Duration,
    ) -> Sample {
        let script = dir.join("booking.sql");
        let (first, last) = accounts.into_inner();
        let text = format!("\\set number random({first}, {last})\n{}\n", self.statements.join("\n"));
        fs::write(&script, text).expect("the script can be written");
        let output = Command::new("pgbench")
            .args(["--no-vacuum", "--protocol=prepared", "--jobs=2"])
            .arg(format!("--client={connections}"))
            .arg(format!("--time={}", time.as_secs()))
            .arg(format!("--file={}", script.display()))
            .arg(database.url())
            .output()
            .expect("pgbench runs");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
        let figure = |label: &str| {
            let rest = text.split_once(label).expect("pgbench reports it").1;
            rest.split_whitespace().next().expect("a figure").parse::<f64>().expect("a number")
        };
        let mean = Duration::from_secs_f64(figure("latency average = ") / 1000.0);
        Sample { rate: figure("\ntps = "), p50: mean, ..Sample::default() }
    }
}

/// For sessions that begin from now on.
fn set_logging(database: &Database, setting: &str) {
    let sql = format!("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I {setting}', current_database()); END $$");
    database.execute(&sql).expect("a setting of the database");
}

/// An entry of PostgreSQL's log.
struct Entry {
    process: String,
    label: String,
    text: String,
}

/// The entries of a log whose lines begin with the time and `[process]`, and go on after a tab.
fn entries(log: &str) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for line in log.lines() {
        if let (Some(more), Some(entry)) = (line.strip_prefix('\t'), entries.last_mut()) {
            entry.text.push(' ');
            entry.text.push_str(more.trim());
        } else if let Some((process, rest)) = line.split_once(" [").and_then(|(_, rest)| rest.split_once("] "))
            && let Some((label, text)) = rest.split_once(":  ")
        {
            entries.push(Entry { process: process.into(), label: label.into(), text: text.into() });
        }
    }
    entries
}

/// The statements of the transaction that inserted a booking, each with its values. What is in
/// `names` goes by the name.
fn statements(log: &str, names: &[(String, &str)]) -> Vec<String> {
    let entries = entries(log);
    let insert = entries.iter().rposition(|entry| entry.text.contains("INSERT INTO bookings")).expect("a booking");
    let process = &entries[insert].process;
    let is_its = |entry: &&Entry| entry.process == *process;
    let begin = entries[..insert].iter().rposition(|entry| entry.process == *process && entry.text.contains(": BEGIN"));
    let mut statements: Vec<String> = Vec::new();
    for Entry { label, text, .. } in entries[begin.expect("its transaction")..].iter().filter(is_its) {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let (what, rest) = text.split_once(": ").expect("a statement or its parameters");
        match (label.as_str(), what) {
            ("LOG", "statement") if rest.starts_with("COMMIT") => {
                statements.push("COMMIT;".into());
                return statements;
            }
            ("LOG", _) => statements.push(format!("{rest};")),
            ("DETAIL", _) => {
                let statement = statements.last_mut().expect("the statement comes before its parameters");
                // From the last to the first: `$1` is the beginning of `$10`.
                for (number, value) in (1..).zip(values(rest, names)).collect::<Vec<_>>().into_iter().rev() {
                    *statement = statement.replace(&format!("${number}"), &value);
                }
            }
            _ => {}
        }
    }
    panic!("the transaction was not committed")
}

/// The values of `$1 = 'a', $2 = NULL` and so on, as SQL has them.
fn values(parameters: &str, names: &[(String, &str)]) -> Vec<String> {
    let mut values = Vec::new();
    let mut rest = parameters;
    while let Some((_, value)) = rest.split_once(" = ") {
        if let Some(quoted) = value.strip_prefix('\'') {
            // A quote within the value is doubled.
            let ends = quoted.replace("''", "\0\0").find('\'').expect("the end of the value");
            let (text, after) = quoted.split_at(ends);
            let name = names.iter().find(|(value, _)| value == text);
            // pgbench takes what comes after a colon for a variable.
            let literal = || format!("E'{}'", text.replace('\\', "\\\\").replace(':', "\\x3a"));
            values.push(name.map_or_else(literal, |(_, name)| (*name).to_owned()));
            rest = after;
        } else {
            values.push("NULL".into());
            rest = value;
        }
    }
    values
}
