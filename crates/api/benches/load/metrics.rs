//! Custom metrics: usage, allocations and entitlements, beside bookings of the same server.

use std::fmt::Write;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::client::{self, CREATED, OK, Sample};
use crate::fixture::Fixture;
use crate::report::{Goal, Measured, header, median};
use crate::servers::Server;
use crate::setup::{self, CONNECTIONS, Scale, WARM_UP};

/// How long half of the answers with the entitlements of 20 metrics may take.
const ENTITLEMENTS_MAX: Duration = Duration::from_millis(1);

/// What is requested, each time of another account.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Load {
    /// A booking, which counts in one metric.
    Booking,
    /// Usage of a meter with one metric.
    Usage,
    /// Usage of a meter with three metrics.
    UsageOfThree,
    /// The same, for a day of the next 31 as bookings are, so that most counters are new rows.
    UsageOfThreeAhead,
    /// A new allocation.
    Allocation,
    /// Entitlements, from one connection.
    Entitlements,
}

const LOADS: [Load; 6] =
    [Load::Booking, Load::Usage, Load::UsageOfThree, Load::UsageOfThreeAhead, Load::Allocation, Load::Entitlements];

/// The key of the next allocation, which no account has.
static NEXT_KEY: AtomicU64 = AtomicU64::new(0);

pub(crate) struct Metrics(Vec<(Load, Vec<Sample>)>);

/// The plans `basic` and `pro`, with 20 metrics: the two of every catalogue, three of `sms`, and a
/// counter or a gauge alone on its meter each.
fn catalog() -> String {
    let mut text = String::new();
    let mut keys = Vec::new();
    let mut add = |key: String, definition: &str| {
        let _ = writeln!(text, "[[metric]]\nkey = \"{key}\"\n{definition}");
        keys.push(key);
    };
    for window in ["hour", "day", "month"] {
        add(format!("sms_per_{window}"), &format!("kind = \"counter\"\nmeter = \"sms\"\nwindow = \"{window}\""));
    }
    add("exports".to_owned(), "kind = \"counter\"\nwindow = \"day\"");
    add("projects".to_owned(), "kind = \"gauge\"");
    for number in 1..=13 {
        add(format!("other_{number}"), "kind = \"counter\"\nwindow = \"month\"");
    }
    for plan in ["basic", "pro"] {
        let _ = writeln!(text, "[[plan]]\nkey = \"{plan}\"\nname = \"{plan}\"\n[plan.limits]");
        let _ = writeln!(text, "staff = 5\nbookings_per_day = 20");
        for key in &keys {
            let _ = writeln!(text, "{key} = 1000000");
        }
    }
    text
}

/// Measures each load in turn, on one server with a copy of `base`.
pub(crate) fn run(dir: &Path, base: &Path, scale: Scale) -> Metrics {
    let plans = dir.join("plans.toml");
    std::fs::write(&plans, catalog()).expect("the catalogue can be written");
    let server = Server::start_with_plans(&plans, &setup::url(&setup::copy(base, "metrics")));
    let fixture = Fixture::of(scale.accounts);
    let mut metrics = Metrics(LOADS.map(|load| (load, Vec::new())).into());
    for round in 1..=scale.rounds {
        metrics.0.rotate_left(1);
        for (load, samples) in &mut metrics.0 {
            let measure = |time| load.drive(&server, &fixture, time);
            measure(WARM_UP);
            let sample = server.measure(|| measure(scale.round));
            println!("round {round}, {}: {sample}", load.name());
            assert_eq!(sample.others, 0, "{} is refused", load.name());
            samples.push(sample);
        }
    }
    metrics.0.sort_by_key(|(load, _)| LOADS.iter().position(|other| other == load));
    metrics
}

impl Load {
    const fn name(self) -> &'static str {
        match self {
            Self::Booking => "bookings",
            Self::Usage => "usage of a meter with one metric",
            Self::UsageOfThree => "usage of a meter with three metrics",
            Self::UsageOfThreeAhead => "the same, spread over 31 days ahead",
            Self::Allocation => "new allocations",
            Self::Entitlements => "entitlements with 20 metrics, one connection",
        }
    }

    fn drive(self, server: &Server, fixture: &Fixture, time: Duration) -> Sample {
        let (status, connections) = if self == Self::Entitlements { (OK, 1) } else { (CREATED, CONNECTIONS) };
        client::drive(server.address, status, self.requests(fixture, &server.token), connections, time)
    }

    fn requests(self, fixture: &Fixture, token: &str) -> impl Fn() -> Vec<u8> + 'static {
        let (fixture, token) = (fixture.spread(), token.to_owned());
        move || {
            let account = fixture.next_account();
            let starts_at = fixture.next_start().map(|at| at.to_string()).unwrap_or_default();
            let (method, path, body) = match self {
                Self::Booking => ("POST", "bookings".to_owned(), format!(r#"{{"starts_at":"{starts_at}"}}"#)),
                Self::Usage => ("POST", "usage".to_owned(), r#"{"meter":"exports"}"#.to_owned()),
                Self::UsageOfThree => ("POST", "usage".to_owned(), r#"{"meter":"sms"}"#.to_owned()),
                Self::UsageOfThreeAhead => {
                    ("POST", "usage".to_owned(), format!(r#"{{"meter":"sms","at":"{starts_at}"}}"#))
                }
                Self::Allocation => {
                    let key = NEXT_KEY.fetch_add(1, Ordering::Relaxed);
                    ("PUT", format!("allocations/projects/{key}"), "{}".to_owned())
                }
                Self::Entitlements => ("GET", "entitlements".to_owned(), String::new()),
            };
            let content = match body.len() {
                0 => String::new(),
                length => format!("Content-Type: application/json\r\nContent-Length: {length}\r\n"),
            };
            format!(
                "{method} /accounts/{account}/{path} HTTP/1.1\r\nHost: localhost\r\n\
                 Authorization: Bearer {token}\r\n{content}\r\n{body}"
            )
            .into_bytes()
        }
    }
}

impl Metrics {
    fn samples(&self, load: Load) -> &[Sample] {
        self.0.iter().find(|(its, _)| *its == load).map_or(&[], |(_, samples)| samples)
    }

    fn rate(&self, load: Load) -> f64 {
        median(self.samples(load).iter().map(|sample| sample.rate))
    }
}

impl Measured for Metrics {
    fn table(&self) -> String {
        let mut text =
            header(&["custom metrics, 64 connections", "requests/s", "p50", "p99", "processor for a request"]);
        for (load, samples) in &self.0 {
            let [p50, p99, processor] = [|it: &Sample| it.p50, |it: &Sample| it.p99, |it: &Sample| it.processor]
                .map(|of| median(samples.iter().map(of)));
            let (name, rate) = (load.name(), self.rate(*load));
            let _ = writeln!(text, "| {name} | {rate:.0} | {p50:.2?} | {p99:.2?} | {processor:.1?} |");
        }
        text
    }

    fn goals(&self) -> Vec<Goal> {
        let of_bookings = |load| self.rate(load) / self.rate(Load::Booking);
        let entitlements = median(self.samples(Load::Entitlements).iter().map(|sample| sample.p50));
        vec![
            Goal::at_least("64 connections: usage on one metric, of bookings", of_bookings(Load::Usage), 1.0),
            Goal::at_least("64 connections: usage on three metrics, of bookings", of_bookings(Load::UsageOfThree), 0.7),
            Goal::at_least("64 connections: allocations, of bookings", of_bookings(Load::Allocation), 0.9),
            Goal::within("one connection: entitlements with 20 metrics, p50", entitlements, ENTITLEMENTS_MAX),
        ]
    }
}
