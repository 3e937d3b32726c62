//! The metrics listener of a real server: what it reports is valid, right, bounded, and all that the
//! dashboard and the alert rules ask for.

mod exposition;
mod queries;
#[expect(dead_code, reason = "other tests use the rest")]
#[path = "../support"]
mod support {
    pub(crate) mod process;
}

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use serde_json::json;

use exposition::{Sample, Scrape};
use queries::Query;
use support::process::{Client, Server, await_some, headroom, run};
use testkit::disk::{DiskFault, WatchedDisk};

/// A server whose metrics are scraped.
struct Monitored {
    server: Server,
    agent: ureq::Agent,
    url: String,
}

/// A response of the metrics listener.
struct Response {
    status: u16,
    content_type: String,
    text: String,
}

impl Monitored {
    #[track_caller]
    fn start(mut command: Command) -> Self {
        command.env("HEADROOM_METRICS_LISTEN", "127.0.0.1:0");
        let server = Server::spawn(command).listening();
        let log = server.log();
        let (_, rest) = log.split_once("serving metrics on ").expect("it says where");
        let url = rest.split_once("/metrics").expect("the path is /metrics").0.to_owned();
        let agent = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build().into();
        Self { server, agent, url }
    }

    #[track_caller]
    fn request(&self, method: &str, path: &str, token: Option<&str>) -> Response {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.url));
        if let Some(token) = token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        let mut response = self.agent.run(request.body(()).expect("a request")).expect("the listener answers");
        let header = response.headers().get("content-type");
        let content_type = header.map_or("", |value| value.to_str().expect("it is text")).to_owned();
        let text = response.body_mut().read_to_string().expect("the body is text");
        Response { status: response.status().as_u16(), content_type, text }
    }

    #[track_caller]
    fn scrape(&self) -> Scrape {
        let response = self.request("GET", "/metrics", None);
        assert_eq!(response.status, 200);
        Scrape::parse(&response.text)
    }
}

fn new_dir() -> tempfile::TempDir {
    tempfile::tempdir().expect("a directory")
}

/// Sends at least one request of each kind that has a metric of its own. Three bookings succeed.
#[track_caller]
fn send_traffic(server: &Server) -> Client {
    let client = server.client();
    let account = client.open_account("basic");
    for _ in 0..3 {
        client.post(&format!("{account}/bookings"), &json!({})).created();
    }
    for expected in [201, 201, 403, 403] {
        assert_eq!(client.post(&format!("{account}/staff"), &json!({"name": "Ann"})).status, expected);
    }
    let login = json!({"username": "user", "password": "a wrong password"});
    assert_eq!(server.stranger().post("/token", &login).status, 401);
    assert_eq!(client.get("/nowhere").status, 404);
    client
}

/// Sends the same POST with an `Idempotency-Key`.
#[track_caller]
fn post_with_key(server: &Server, client: &Client, path: &str) -> u16 {
    let token = client.token.as_ref().expect("it has logged in");
    let request = ureq::post(format!("http://{}{path}", server.address()))
        .header("Authorization", format!("Bearer {token}"))
        .header("Idempotency-Key", "a-key");
    request.send_json(json!({"name": "My Salon"})).expect("it is accepted").status().as_u16()
}

#[test]
fn metrics_are_off_by_default_and_never_on_the_port_of_the_api() {
    let dir = new_dir();
    let server = Server::start(dir.path());
    assert!(!server.log().contains("metrics"), "{}", server.log());
    assert_eq!(server.client().get("/metrics").status, 404);
    server.stop_and_verify();
    let monitored = Monitored::start(headroom(dir.path()));
    assert_eq!(monitored.server.client().get("/metrics").status, 404);
    assert_eq!(monitored.server.stranger().get("/metrics").status, 404);
    monitored.server.stop_and_verify();
}

#[test]
fn the_listener_serves_metrics_and_nothing_else_without_a_token() {
    let dir = new_dir();
    let monitored = Monitored::start(headroom(dir.path()));
    let (client, stranger) = (monitored.server.client(), monitored.server.register("ann"));
    for token in [None, Some("wrong"), client.token.as_deref(), stranger.token.as_deref()] {
        let response = monitored.request("GET", "/metrics", token);
        assert_eq!((response.status, response.content_type.as_str()), (200, "text/plain; version=0.0.4"));
        Scrape::parse(&response.text);
    }
    let head = monitored.request("HEAD", "/metrics", None);
    assert_eq!((head.status, head.text.as_str()), (200, ""));
    for (method, path, status) in [
        ("GET", "/", 404),
        ("GET", "/accounts", 404),
        ("GET", "/health", 404),
        ("GET", "/metrics/", 404),
        ("POST", "/metrics", 405),
        ("DELETE", "/metrics", 405),
    ] {
        assert_eq!(monitored.request(method, path, client.token.as_deref()).status, status, "{method} {path}");
    }
    monitored.server.stop_and_verify();
}

#[test]
fn requests_are_counted_exactly() {
    let dir = new_dir();
    let monitored = Monitored::start(headroom(dir.path()));
    let (before, client) = (monitored.scrape(), send_traffic(&monitored.server));
    for _ in 0..3 {
        assert_eq!(post_with_key(&monitored.server, &client, "/accounts"), 201);
    }
    let after = monitored.scrape();
    let bookings = "/accounts/{account_id}/bookings";
    for (metric, labels, count) in [
        ("headroom_http_requests_total", &[("route", bookings), ("method", "POST"), ("status", "201")][..], 3.0),
        ("headroom_http_requests_total", &[("route", bookings)], 3.0),
        ("headroom_http_request_duration_seconds_count", &[("route", bookings), ("method", "POST")], 3.0),
        ("headroom_http_requests_total", &[("route", "/accounts/{account_id}/staff"), ("status", "403")], 2.0),
        ("headroom_http_requests_total", &[("route", "unknown"), ("status", "404")], 1.0),
        ("headroom_limit_refusals_total", &[], 2.0),
        ("headroom_limit_refusals_total", &[("metric", "staff"), ("plan", "basic")], 2.0),
        ("headroom_logins_total", &[("result", "succeeded")], 1.0),
        ("headroom_logins_total", &[("result", "failed")], 1.0),
        ("headroom_idempotent_replays_total", &[], 2.0),
        ("headroom_failed_transactions_total", &[], 0.0),
        ("headroom_queue_refusals_total", &[], 0.0),
    ] {
        let counted = after.sum(metric, labels) - before.sum(metric, labels);
        assert_eq!(counted.to_string(), count.to_string(), "{metric} {labels:?}");
    }
    let of = |metric| after.sum(metric, &[]) - before.sum(metric, &[]);
    // Three accounts with and without a key, a plan, three bookings, two members of the staff, and a session.
    assert!(of("headroom_transaction_units_sum") >= 9.0 && of("headroom_commit_duration_seconds_count") >= 1.0);
    assert!(of("headroom_commit_duration_seconds_sum") > 0.0);
    assert_eq!(after.sum("headroom_ready", &[]).to_string(), "1");
    monitored.server.stop_and_verify();
}

#[test]
fn requests_beyond_a_rate_limit_are_counted_by_limit() {
    let dir = new_dir();
    let mut command = headroom(dir.path());
    command.env("HEADROOM_RATE_LIMIT_LOGIN", "2");
    let monitored = Monitored::start(command);
    let login = json!({"username": "user", "password": "a wrong password"});
    for expected in [401, 401, 429, 429] {
        assert_eq!(monitored.server.stranger().post("/token", &login).status, expected);
    }
    let scrape = monitored.scrape();
    let limited = |limit| scrape.sum("headroom_rate_limited_requests_total", &[("limit", limit)]).to_string();
    assert_eq!([limited("login"), limited("caller")], ["2", "0"]);
    assert_eq!(scrape.sum("headroom_logins_total", &[("result", "failed")]).to_string(), "2");
    monitored.server.stop_and_verify();
}

#[test]
fn a_failing_disk_is_reported_while_it_fails() {
    let dir = new_dir();
    let disk = WatchedDisk::new(dir.path());
    let mut command = headroom(dir.path());
    command.env("HEADROOM_DATABASE_URL", format!("sqlite://{}/headroom.db", disk.directory().display()));
    disk.preload(&mut command);
    let monitored = Monitored::start(command);
    let scrape_when = |ready: &str| {
        let scrape =
            || Some(monitored.scrape()).filter(|scrape| scrape.sum("headroom_ready", &[]).to_string() == ready);
        await_some("its readiness is reported", scrape)
    };
    assert!(scrape_when("1").sum("headroom_failed_transactions_total", &[]) < 1.0);
    disk.set_fault(Some(DiskFault::Sync));
    assert!(scrape_when("0").sum("headroom_failed_transactions_total", &[]) >= 1.0);
    disk.set_fault(None);
    scrape_when("1");
}

#[test]
fn the_labels_of_metrics_are_bounded() {
    let dir = new_dir();
    let monitored = Monitored::start(headroom(dir.path()));
    let client = send_traffic(&monitored.server);
    // The path of the second account differs, its route does not.
    client.post(&format!("{}/bookings", client.open_account("basic")), &json!({})).created();
    let before = monitored.scrape().series();
    for number in 0..1_000 {
        assert_eq!(client.get(&format!("/unknown-{number}/{number}")).status, 404);
    }
    client.post(&format!("{}/bookings", client.open_account("basic")), &json!({})).created();
    let scrape = monitored.scrape();
    assert_eq!(scrape.series().difference(&before).collect::<Vec<_>>(), Vec::<&String>::new());
    let unknown = scrape.sum("headroom_http_requests_total", &[("route", "unknown"), ("status", "404")]);
    assert_eq!(unknown.to_string(), "1001");
    monitored.server.stop_and_verify();
}

#[test]
fn a_faulty_address_of_the_metrics_is_refused() {
    let dir = new_dir();
    for address in ["somewhere", "127.0.0.1", "on", "", "127.0.0.1:99999"] {
        let mut command = headroom(dir.path());
        command.env("HEADROOM_METRICS_LISTEN", address);
        let finished = run(command);
        assert_eq!(finished.code, Some(2), "{address}: {finished:?}");
        assert!(finished.stderr.contains("HEADROOM_METRICS_LISTEN (--metrics-listen) takes"), "{finished:?}");
    }
    let taken = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = taken.local_addr().expect("it has an address").to_string();
    let mut command = headroom(dir.path());
    command.env("HEADROOM_METRICS_LISTEN", &address);
    let finished = run(command);
    assert_eq!(finished.code, Some(1), "{finished:?}");
    assert!(finished.stderr.contains(&format!("cannot listen on {address}")), "{finished:?}");
    drop(taken);
    let mut command = headroom(dir.path());
    command.env("HEADROOM_METRICS_LISTEN", &address).env("HEADROOM_LISTEN", &address);
    let finished = run(command);
    assert_eq!(finished.code, Some(2), "{finished:?}");
    assert!(finished.stderr.contains("a port of its own"), "{finished:?}");
}

/// A scrape after traffic, of a server on the database at this URL.
fn scrape_on(dir: &Path, url: &str) -> Vec<Sample> {
    let mut command = headroom(dir);
    command.env("HEADROOM_DATABASE_URL", url).env("HEADROOM_RATE_LIMIT_PER_CALLER", "1000000");
    if url.starts_with("sqlite:") {
        command.env("HEADROOM_BACKUP_DIR", dir);
    }
    // Nothing listens there: the counts of spans are there all the same.
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9");
    let monitored = Monitored::start(command);
    send_traffic(&monitored.server);
    let scrape = monitored.scrape();
    assert!(scrape.families().iter().any(|family| family.name == "headroom_build_info"));
    scrape.samples().cloned().collect()
}

#[test]
fn scheduled_backups_are_counted() {
    let dir = new_dir();
    let on_file = || {
        let mut command = headroom(dir.path());
        command.env("HEADROOM_DATABASE_URL", format!("sqlite://{}/own.db", dir.path().display()));
        command
    };
    let with_backups = || {
        let mut command = on_file();
        command.env("HEADROOM_BACKUP_DIR", dir.path().join("backups"));
        Monitored::start(command)
    };
    let count =
        |monitored: &Monitored, result: &str| monitored.scrape().sum("headroom_backups_total", &[("result", result)]);
    let without = Monitored::start(on_file());
    assert!(!without.scrape().series().iter().any(|series| series.starts_with("headroom_backup")));
    drop(without);
    let monitored = with_backups();
    // The directory does not exist.
    await_some("a backup fails", || (count(&monitored, "failed") >= 1.0).then_some(()));
    let scrape = monitored.scrape();
    assert_eq!(scrape.sum("headroom_backup_last_success_timestamp_seconds", &[]).to_string(), "0");
    drop(monitored);
    std::fs::create_dir(dir.path().join("backups")).expect("a directory");
    let monitored = with_backups();
    await_some("a backup is made", || (count(&monitored, "succeeded") >= 1.0).then_some(()));
    let scrape = monitored.scrape();
    assert!(scrape.sum("headroom_backup_last_success_timestamp_seconds", &[]) > 1.7e9);
    assert!(scrape.sum("headroom_backup_size_bytes", &[]) > 4096.0);
}

#[test]
fn every_query_of_the_dashboard_and_the_alerts_finds_its_metrics_and_labels() {
    let dir = new_dir();
    let mut samples = scrape_on(dir.path(), &format!("sqlite://{}/own.db", dir.path().display()));
    let postgres = testkit::postgres::shared();
    if let Some(server) = postgres {
        samples.extend(scrape_on(dir.path(), server.create_database().url()));
    }
    let labels_of = |metric: &str| -> Option<BTreeSet<String>> {
        samples.iter().find(|sample| sample.name == metric).map(|sample| sample.labels.keys().cloned().collect())
    };
    let dashboard = queries::of_dashboard();
    let alerts = queries::of_alerts();
    assert!(dashboard.len() > 20 && alerts.len() > 8, "{} and {}", dashboard.len(), alerts.len());
    for Query { text, selectors, grouped_by } in dashboard.iter().chain(alerts.iter().map(|(_, query)| query)) {
        assert!(!selectors.is_empty() || text.starts_with("up{"), "no metric in {text}");
        for selector in selectors {
            if postgres.is_none() && selector.metric.starts_with("headroom_postgres_") {
                continue;
            }
            let labels = labels_of(&selector.metric).unwrap_or_else(|| panic!("no {} for {text}", selector.metric));
            let wanted: BTreeSet<String> = selector.labels.union(grouped_by).cloned().collect();
            assert!(wanted.is_subset(&labels), "{} has {labels:?}: {text}", selector.metric);
        }
    }
    for (alert, _) in alerts {
        assert!(queries::is_explained(&alert), "OPERATIONS.md does not explain {alert}");
    }
}
