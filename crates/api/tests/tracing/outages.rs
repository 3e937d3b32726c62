//! A collector that is down or hangs: requests are served as ever, and what is lost is counted.

use std::net::TcpListener;
use std::process::Command;
use std::time::{Duration, Instant};

use super::collector::{Behaviour, Collector};
use super::support::process::{Server, await_some};
use super::{new_dir, send, traced};

/// Starts a server that is also monitored, and returns it with the URL of its metrics.
#[track_caller]
fn start_monitored(mut command: Command) -> (Server, String) {
    let server = Server::spawn({
        command.env("HEADROOM_METRICS_LISTEN", "127.0.0.1:0");
        command
    })
    .listening();
    let log = server.log();
    let (_, rest) = log.split_once("serving metrics on ").expect("it says where");
    let url = rest.split_once('"').expect("the line ends").0.to_owned();
    (server, url)
}

fn scrape(url: &str) -> String {
    let mut response = ureq::get(url).config().proxy(None).build().call().expect("the listener answers");
    response.body_mut().read_to_string().expect("it is text")
}

/// How many spans were dropped for this reason.
fn dropped(url: &str, reason: &str) -> u64 {
    let start = format!("headroom_dropped_spans_total{{reason=\"{reason}\"}} ");
    let text = scrape(url);
    let value = text.lines().find_map(|line| line.strip_prefix(&start)).unwrap_or_else(|| panic!("no {start}: {text}"));
    value.parse().expect("a number")
}

/// How long a collector that hangs may hang in these tests: far longer than they take.
const HANG: Duration = Duration::from_mins(10);

#[test]
fn a_collector_that_hangs_delays_no_request_and_no_stop() {
    let (dir, collector) = (new_dir(), Collector::start(Behaviour::Hang));
    let mut command = traced(dir.path(), &collector.url);
    let hang = HANG.as_millis().to_string();
    command.env("OTEL_EXPORTER_OTLP_TIMEOUT", &hang).env("OTEL_BSP_EXPORT_TIMEOUT", &hang);
    command.env("OTEL_BSP_MAX_QUEUE_SIZE", "16");
    let (mut server, metrics) = start_monitored(command);
    let (begun, client) = (Instant::now(), server.client());
    let path = format!("{}/bookings", client.open_account("pro"));
    for _ in 0..20 {
        assert_eq!(send(&server, &client, "POST", &path, &[]).status, 201);
    }
    let dropped = dropped(&metrics, "queue_full");
    // Each booking has six spans. The queue has room for 16, and one batch is being sent.
    assert!(dropped >= 20 * 6 - 2 * 16, "{dropped}");
    assert!(scrape(&metrics).contains("headroom_exported_spans_total 0\n"));
    server.signal("TERM");
    assert!(server.ended().success(), "{}", server.log());
    assert!(begun.elapsed() < HANG / 2, "{:?}", begun.elapsed());
    assert!(server.log().contains("spans were not exported before the stop"), "{}", server.log());
}

#[test]
fn spans_that_a_collector_does_not_accept_are_counted_and_logged() {
    let dir = new_dir();
    let closed = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let endpoint = format!("http://ann:hush@{}", closed.local_addr().expect("it has an address"));
    drop(closed);
    let mut command = traced(dir.path(), &endpoint);
    command.env("OTEL_EXPORTER_OTLP_HEADERS", "api-key=hush").env("HEADROOM_LOG", "trace");
    let (server, metrics) = start_monitored(command);
    let client = server.client();
    let path = format!("{}/bookings", client.open_account("basic"));
    assert_eq!(send(&server, &client, "POST", &path, &[]).status, 201);
    await_some("drops are counted", || Some(()).filter(|()| dropped(&metrics, "export_failed") > 0));
    await_some("drops are logged", || {
        Some(()).filter(|()| server.log().contains("collector of traces does not accept"))
    });
    assert!(!server.log().contains("hush"), "{}", server.log());
    server.stop_and_verify();
}
