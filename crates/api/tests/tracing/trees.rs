//! The spans of a request: of its units of work and their stages, on both databases.

use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use serde_json::{Value, json};

use super::collector::{Behaviour, Collector, attributes};
use super::support::process::{Server, await_some};
use super::{BOOKINGS, PARENT, TRACE, lines, new_dir, send, traced, traceparent};

/// Asserts that spans follow each other without gaps, from the begin of their parent to its end.
#[track_caller]
fn assert_tiled(parent: &Span, children: &[Span]) {
    let starts: Vec<u64> = children.iter().map(|it| it.start_time_unix_nano).collect();
    let ends: Vec<u64> = children.iter().map(|it| it.end_time_unix_nano).collect();
    assert_eq!((starts.first(), ends.last()), (Some(&parent.start_time_unix_nano), Some(&parent.end_time_unix_nano)));
    assert_eq!(starts[1..], ends[..ends.len() - 1]);
}

/// Asserts that spans lie within their parent.
#[track_caller]
fn assert_nested(parent: &Span, children: &[Span]) {
    for child in children {
        let is_within = parent.start_time_unix_nano <= child.start_time_unix_nano
            && child.start_time_unix_nano <= child.end_time_unix_nano
            && child.end_time_unix_nano <= parent.end_time_unix_nano;
        assert!(is_within, "{parent:?} {child:?}");
    }
}

fn names(spans: &[Span]) -> Vec<&str> {
    spans.iter().map(|span| span.name.as_str()).collect()
}

/// Asserts that a booking and a read of a server on this database are traced as they should be.
/// `stages` are those of a write.
fn assert_traced(collector: &Collector, server: &Server, system: &str, stages: &[&str]) {
    let client = server.client();
    let path = format!("{}/bookings", client.open_account("basic"));
    let headers = [("traceparent", traceparent(TRACE, "01")), ("tracestate", "vendor=a,other=b".to_owned())];
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    let response = send(server, &client, "POST", &path, &headers);
    assert_eq!(response.status, 201);
    let name = format!("POST {BOOKINGS}");
    let root = collector.await_span(TRACE, &name);
    assert_eq!(response.traceparent, Some(format!("00-{TRACE}-{}-01", hex::encode(&root.span_id))));
    assert_eq!((hex::encode(&root.parent_span_id).as_str(), root.trace_state.as_str()), (PARENT, "vendor=a,other=b"));
    assert_eq!((root.kind, root.status.clone().unwrap_or_default().code), (SpanKind::Server.into(), 0));
    let of_root = attributes(&root.attributes);
    let (host, port) = server.address().split_once(':').expect("a host and a port");
    let expected = [
        ("http.request.method", "POST"),
        ("http.response.status_code", "201"),
        ("http.route", BOOKINGS),
        ("url.scheme", "http"),
        ("server.address", host),
        ("server.port", port),
        ("headroom.request_id", TRACE),
    ];
    assert_eq!(of_root, expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());

    let units = collector.children(&root);
    assert_eq!(names(&units), ["store.write"]);
    assert_nested(&root, &units);
    assert_eq!(attributes(&units[0].attributes), [("db.system.name".to_owned(), system.to_owned())].into());
    let children = collector.children(&units[0]);
    assert_eq!(names(&children), stages);
    assert_tiled(&units[0], &children);
    let commit = children.last().expect("it has stages");
    assert_eq!(attributes(&commit.attributes), [("headroom.batch_size".to_owned(), "1".to_owned())].into());
    assert!(commit.end_time_unix_nano > commit.start_time_unix_nano, "a commit takes time");

    // A request without a parent begins a trace.
    let read = send(server, &client, "GET", &path, &[]).traceparent.expect("it is traced");
    let parts: Vec<&str> = read.split('-').collect();
    let root = collector.await_span(parts[1], &format!("GET {BOOKINGS}"));
    assert_eq!(
        (hex::encode(&root.span_id).as_str(), hex::encode(&root.parent_span_id).as_str(), parts[3]),
        (parts[2], "", "01")
    );
    let units = collector.children(&root);
    assert_eq!(names(&units), ["store.read"]);
    assert_nested(&root, &units);
    let children = collector.children(&units[0]);
    assert_eq!(names(&children), ["store.queue", "store.connection", "store.work"]);
    assert_tiled(&units[0], &children);

    let of_request: Vec<Value> = lines(server).into_iter().filter(|line| line["trace_id"] == TRACE).collect();
    let access = of_request.iter().find(|line| line["target"] == "headroom::access").expect("it is logged");
    assert_eq!((&access["status"], &access["request_id"]), (&json!(201), &json!(TRACE)));
    let span_id = response.traceparent.expect("it is traced")[36..52].to_owned();
    assert!(of_request.iter().all(|line| line["span_id"] == span_id.as_str()), "{of_request:?}");
}

#[test]
fn a_request_and_its_units_of_work_on_sqlite_are_one_trace() {
    let (dir, collector) = (new_dir(), Collector::start(Behaviour::Accept));
    let mut command = traced(dir.path(), &collector.url);
    command.env("HEADROOM_DATABASE_URL", format!("sqlite://{}/own.db", dir.path().display()));
    command.env("OTEL_SERVICE_NAME", "limits").env("OTEL_EXPORTER_OTLP_HEADERS", "api-key=a%20secret");
    command.env("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test,service.version=7");
    let server = Server::spawn(command).listening();
    assert_traced(&collector, &server, "sqlite", &["store.queue", "store.work", "store.batch", "store.commit"]);
    let received = collector.received();
    assert!(received.head.starts_with("post /v1/traces http/1.1"), "{}", received.head);
    assert!(received.head.contains("api-key: a secret"), "{}", received.head);
    for (name, value) in [("service.name", "limits"), ("service.version", "7"), ("deployment.environment.name", "test")]
    {
        assert_eq!(received.resource.get(name).map(String::as_str), Some(value), "{:?}", received.resource);
    }
    assert!(!server.log().contains("a secret") && !server.log().contains("a%20secret"));
}

#[test]
fn a_request_and_its_units_of_work_on_postgresql_are_one_trace() {
    let Some(postgres) = testkit::postgres::shared() else { return };
    let (dir, collector, database) = (new_dir(), Collector::start(Behaviour::Accept), postgres.create_database());
    let mut command = traced(dir.path(), &collector.url);
    command.env("HEADROOM_DATABASE_URL", database.url()).env("HEADROOM_LOG", "info,tokio_postgres=debug");
    let server = Server::spawn(command).listening();
    assert_traced(
        &collector,
        &server,
        "postgresql",
        &["store.queue", "store.connection", "store.work", "store.commit"],
    );
    let of_units = lines(&server).into_iter().filter(|line| {
        line["trace_id"] == TRACE && line["target"].as_str().is_some_and(|it| it.starts_with("tokio_postgres"))
    });
    assert!(of_units.count() > 0, "lines that are logged while a unit runs have the ids of its request");
    assert_eq!(collector.received().resource["service.name"], "headroom");
}

#[test]
fn a_login_has_a_span_for_its_password() {
    let (dir, collector) = (new_dir(), Collector::start(Behaviour::Accept));
    let server = Server::spawn(traced(dir.path(), &collector.url)).listening();
    let stranger = server.stranger();
    let response = send(&server, &stranger, "GET", "/nowhere/42", &[("traceparent", &traceparent(TRACE, "01"))]);
    assert_eq!(response.status, 404);
    // Neither the name nor an attribute has the unknown path.
    let root = collector.await_span(TRACE, "GET");
    assert_eq!(attributes(&root.attributes)["headroom.problem_code"], "not_found");
    assert!(!attributes(&root.attributes).contains_key("http.route"));
    server.client();
    let token = await_some("the login is exported", || {
        collector.received().spans.iter().find(|span| span.name == "POST /token").cloned()
    });
    let steps = collector.children(&token);
    assert_eq!(names(&steps), ["store.read", "password.verify", "store.write"]);
    assert_nested(&token, &steps);
}
