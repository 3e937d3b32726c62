//! Traces of a real server, as a collector receives them: the spans of a request and of its units of
//! work, their ids in responses and in the log, and no secret. A collector that is down delays no
//! request.

mod collector;
mod outages;
mod trees;
#[expect(dead_code, reason = "other tests use the rest")]
#[path = "../support"]
mod support {
    pub(crate) mod process;
}

use std::path::Path;
use std::process::Command;

use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use serde_json::{Value, json};

use collector::{Behaviour, Collector, attributes};
use support::process::{Client, PASSWORD, Server, headroom, run};
use testkit::disk::{DiskFault, WatchedDisk};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";
const BOOKINGS: &str = "/accounts/{account_id}/bookings";

fn new_dir() -> tempfile::TempDir {
    tempfile::tempdir().expect("a directory")
}

/// A command whose spans are sent at once, and whose log has an object a line.
fn traced(dir: &Path, endpoint: &str) -> Command {
    let mut command = headroom(dir);
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint).env("OTEL_BSP_SCHEDULE_DELAY", "10");
    command.env("HEADROOM_LOG_FORMAT", "json");
    command
}

/// A response with its headers.
struct Response {
    status: u16,
    traceparent: Option<String>,
}

/// Sends a request with these headers.
#[track_caller]
fn send(server: &Server, client: &Client, method: &str, path: &str, headers: &[(&str, &str)]) -> Response {
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).proxy(None).timeout_global(None).build().into();
    let mut request = ureq::http::Request::builder().method(method).uri(format!("http://{}{path}", server.address()));
    request = request.header("Content-Type", "application/json");
    if let Some(token) = &client.token {
        request = request.header("Authorization", format!("Bearer {token}"));
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let body = if method == "POST" { "{}" } else { "" };
    let response = agent.run(request.body(body).expect("a request")).expect("the server answers");
    let traceparent = response.headers().get("traceparent");
    let traceparent = traceparent.map(|value| value.to_str().expect("it is text").to_owned());
    Response { status: response.status().as_u16(), traceparent }
}

fn traceparent(trace_id: &str, flags: &str) -> String {
    format!("00-{trace_id}-{PARENT}-{flags}")
}

/// The lines of the log, as objects.
fn lines(server: &Server) -> Vec<Value> {
    let log = server.log();
    // The last line may be incomplete.
    log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

#[test]
fn a_request_that_is_not_sampled_is_answered_with_ids_and_not_exported() {
    let (dir, collector) = (new_dir(), Collector::start(Behaviour::Accept));
    let mut command = traced(dir.path(), &collector.url);
    command.env("OTEL_TRACES_SAMPLER", "parentbased_traceidratio").env("OTEL_TRACES_SAMPLER_ARG", "0");
    let server = Server::spawn(command).listening();
    let client = server.client();
    let path = format!("{}/bookings", client.open_account("pro"));
    let unsampled = send(&server, &client, "POST", &path, &[]).traceparent.expect("it has ids");
    assert!(unsampled.ends_with("-00") && unsampled.len() == 55, "{unsampled}");
    let trace_id = TRACE.replace('4', "5");
    let refused = send(&server, &client, "POST", &path, &[("traceparent", &traceparent(&trace_id, "00"))]);
    assert!(refused.traceparent.is_some_and(|it| it.contains(&trace_id) && it.ends_with("-00")));
    let line = lines(&server).into_iter().find(|line| line["trace_id"] == trace_id.as_str()).expect("it is logged");
    assert_eq!(line["target"], "headroom::access");
    // The caller samples this one. It is the first and only one that is exported.
    send(&server, &client, "POST", &path, &[("traceparent", &traceparent(TRACE, "01"))]);
    collector.await_span(TRACE, &format!("POST {BOOKINGS}"));
    assert!(collector.received().spans.iter().all(|span| hex::encode(&span.trace_id) == TRACE));
    server.stop_and_verify();
    assert!(collector.received().spans.iter().all(|span| hex::encode(&span.trace_id) == TRACE));
}

#[test]
fn spans_in_the_queue_are_exported_at_the_stop() {
    let (dir, collector) = (new_dir(), Collector::start(Behaviour::Accept));
    let mut command = traced(dir.path(), &collector.url);
    command.env("OTEL_BSP_SCHEDULE_DELAY", "3600000");
    let server = Server::spawn(command).listening();
    server.client().open_account("basic");
    assert_eq!(collector.received().spans.len(), 0);
    server.stop_and_verify();
    let received = collector.received();
    let roots: Vec<&str> =
        received.spans.iter().filter(|it| it.kind == i32::from(SpanKind::Server)).map(|it| it.name.as_str()).collect();
    assert_eq!(roots, ["POST /token", "POST /accounts", "POST /accounts/{account_id}/subscribe"]);
}

#[test]
fn a_server_error_is_an_error_of_its_span() {
    let (dir, collector) = (new_dir(), Collector::start(Behaviour::Accept));
    let disk = WatchedDisk::new(dir.path());
    let mut command = traced(dir.path(), &collector.url);
    command.env("HEADROOM_DATABASE_URL", format!("sqlite://{}/headroom.db", disk.directory().display()));
    disk.preload(&mut command);
    let server = Server::spawn(command).listening();
    let client = server.client();
    let path = format!("{}/bookings", client.open_account("basic"));
    disk.set_fault(Some(DiskFault::Sync));
    let response = send(&server, &client, "POST", &path, &[("traceparent", &traceparent(TRACE, "01"))]);
    disk.set_fault(None);
    assert_eq!(response.status, 503);
    let root = collector.await_span(TRACE, &format!("POST {BOOKINGS}"));
    assert_eq!(root.status.expect("it has one").code, i32::from(StatusCode::Error));
    let of_root = attributes(&root.attributes);
    assert_eq!((of_root["error.type"].as_str(), of_root["headroom.problem_code"].as_str()), ("503", "outcome_unknown"));
    let cause = lines(&server).into_iter().find(|line| line["trace_id"] == TRACE && line["level"] == "WARN");
    assert!(cause.is_some(), "the line with the cause has the ids: {}", server.log());
}

#[test]
fn no_secret_is_exported() {
    let (dir, collector) = (new_dir(), Collector::start(Behaviour::Accept));
    let server = Server::spawn(traced(dir.path(), &collector.url)).listening();
    let stranger = server.stranger();
    let user = json!({"username": "ann.secret", "password": PASSWORD});
    stranger.post("/users", &user).created();
    let login = stranger.post("/token", &user);
    let client = stranger.with_token(login.text("access_token"));
    let refreshed = stranger.post("/token/refresh", &json!({"refresh_token": login.text("refresh_token")}));
    let key = client.post("/api-keys", &json!({"name": "a name", "scope": "admin"}));
    assert_eq!((refreshed.status, key.status), (200, 201), "{key:?}");
    let account = client.open_account("basic");
    let id = account.trim_start_matches("/accounts/");
    let with_key = client.with_token(key.text("secret"));
    let headers = [("Idempotency-Key", "a-hidden-key"), ("traceparent", &*traceparent(TRACE, "01"))];
    send(&server, &with_key, "POST", &format!("{account}/bookings"), &headers);
    send(&server, &client, "GET", "/accounts?external_id=hidden-customer&token=a%20quiet%20river", &[]);
    send(&server, &client, "GET", "/hidden-path", &[("User-Agent", "hidden-agent"), ("Cookie", "hidden-cookie")]);
    server.stop_and_verify();
    let received = collector.received();
    assert!(received.spans.len() > 20, "{}", received.spans.len());
    let secrets = [
        PASSWORD,
        "a%20quiet",
        "ann.secret",
        login.text("access_token"),
        login.text("refresh_token"),
        refreshed.text("access_token"),
        refreshed.text("refresh_token"),
        key.text("secret"),
        "a-hidden-key",
        "hidden",
        "My Salon",
        id,
    ];
    for secret in secrets {
        let is_there = received.bytes.windows(secret.len()).any(|bytes| bytes == secret.as_bytes());
        assert!(!is_there, "{secret} is exported");
    }
}

#[test]
fn traces_are_off_by_default_and_a_faulty_endpoint_refuses_the_start() {
    let dir = new_dir();
    for off in [None, Some(("OTEL_SDK_DISABLED", "true")), Some(("OTEL_TRACES_EXPORTER", "none"))] {
        let mut command = headroom(dir.path());
        if let Some((name, value)) = off {
            command.env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9").env(name, value);
        }
        let server = Server::spawn(command).listening();
        let response =
            send(&server, &server.client(), "GET", "/users/me", &[("traceparent", &traceparent(TRACE, "01"))]);
        assert_eq!((response.status, response.traceparent), (200, None));
        assert!(!server.log().contains("traces") && !server.log().contains("span_id"), "{}", server.log());
    }
    let mut command = headroom(dir.path());
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318");
    let finished = run(command);
    assert_eq!(finished.code, Some(2), "{finished:?}");
    assert!(finished.stderr.contains("OTEL_EXPORTER_OTLP_ENDPOINT takes an http or https URL"), "{finished:?}");
    let mut command = traced(dir.path(), "http://127.0.0.1:9");
    command.env("OTEL_TRACES_SAMPLER", "xray").env("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
    let server = Server::spawn(command).listening();
    for variable in ["OTEL_TRACES_SAMPLER takes", "OTEL_EXPORTER_OTLP_PROTOCOL takes"] {
        assert!(server.log().contains(variable), "{}", server.log());
    }
}
