//! A collector of traces, as far as OTLP over HTTP needs one: it accepts spans, or takes requests
//! and never answers.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value::Value};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;

use super::support::process::await_some;

/// What a collector does with a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Behaviour {
    Accept,
    Hang,
}

/// What a collector has received.
#[derive(Default)]
pub(crate) struct Received {
    pub(crate) spans: Vec<Span>,
    /// The attributes of the last resource.
    pub(crate) resource: BTreeMap<String, String>,
    /// The head of the last request, in lower case.
    pub(crate) head: String,
    /// Everything, byte for byte.
    pub(crate) bytes: Vec<u8>,
}

pub(crate) struct Collector {
    pub(crate) url: String,
    received: Arc<Mutex<Received>>,
}

impl Collector {
    pub(crate) fn start(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let url = format!("http://{}", listener.local_addr().expect("it has an address"));
        let received = Arc::new(Mutex::new(Received::default()));
        let shared = Arc::clone(&received);
        // The threads end with the test's process.
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let shared = Arc::clone(&shared);
                thread::spawn(move || serve(&stream, behaviour, &shared));
            }
        });
        Self { url, received }
    }

    pub(crate) fn received(&self) -> MutexGuard<'_, Received> {
        self.received.lock().expect("no thread panicked with it")
    }

    /// Waits for the root span of this name in a trace, and returns it.
    #[track_caller]
    pub(crate) fn await_span(&self, trace_id: &str, name: &str) -> Span {
        let matches = |span: &&Span| hex::encode(&span.trace_id) == trace_id && span.name == name;
        await_some(name, || self.received().spans.iter().find(matches).cloned())
    }

    /// The spans below a span, by the time of their beginning.
    pub(crate) fn children(&self, parent: &Span) -> Vec<Span> {
        let is_child = |span: &&Span| span.trace_id == parent.trace_id && span.parent_span_id == parent.span_id;
        let mut children: Vec<Span> = self.received().spans.iter().filter(is_child).cloned().collect();
        children.sort_by_key(|span| (span.start_time_unix_nano, span.end_time_unix_nano));
        children
    }
}

/// Serves the requests of a connection until it is closed.
fn serve(stream: &TcpStream, behaviour: Behaviour, received: &Mutex<Received>) {
    let mut reader = BufReader::new(stream);
    while let Some((head, body)) = read_request(&mut reader) {
        let mut received = received.lock().expect("no thread panicked with it");
        received.bytes.extend_from_slice(&body);
        received.head = head.to_ascii_lowercase();
        let request = ExportTraceServiceRequest::decode(&body[..]).expect("it is what OTLP says");
        for of_resource in request.resource_spans {
            received.resource = attributes(&of_resource.resource.unwrap_or_default().attributes);
            received.spans.extend(of_resource.scope_spans.into_iter().flat_map(|scope| scope.spans));
        }
        drop(received);
        let answer = b"HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n";
        let mut writer = stream;
        if behaviour == Behaviour::Accept && writer.write_all(answer).is_err() {
            return;
        }
    }
}

fn read_request(reader: &mut impl BufRead) -> Option<(String, Vec<u8>)> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.expect("a request of OTLP has a length")];
    reader.read_exact(&mut body).ok()?;
    Some((head, body))
}

pub(crate) fn attributes(pairs: &[KeyValue]) -> BTreeMap<String, String> {
    let text = |pair: &KeyValue| match pair.value.as_ref().and_then(|value| value.value.as_ref()) {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::IntValue(number)) => number.to_string(),
        other => panic!("{} is {other:?}", pair.key),
    };
    pairs.iter().map(|pair| (pair.key.clone(), text(pair))).collect()
}
