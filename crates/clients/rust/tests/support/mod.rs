//! A server that gives prepared answers, and records what it was asked.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use headroom_client::{Client, ClientBuilder, RetryPolicy};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// How a connection goes on when its request has arrived.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// An answer: the status, headers, and the body.
    Answer(u16, &'static str, String),
    /// The connection is closed without an answer.
    Cut,
    /// The connection is closed in the middle of the body.
    CutInBody,
    /// No answer, and the connection stays open.
    Hang,
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// The request line and the headers, in lower case.
    pub(crate) head: String,
    /// The request line.
    pub(crate) line: String,
    /// The body.
    pub(crate) body: String,
}

impl Asked {
    /// A header of the request.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let prefix = format!("{name}: ");
        self.head.lines().find_map(|line| line.strip_prefix(prefix.as_str()))
    }
}

/// The server. It answers each request with the next step, and those after the last one with it.
pub(crate) struct Scripted {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Scripted {
    pub(crate) async fn start(steps: Vec<Step>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let url = format!("http://{}", listener.local_addr().expect("it has an address"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let record = Arc::clone(&asked);
        tokio::spawn(async move {
            let mut open = Vec::new();
            loop {
                let (mut stream, _) = listener.accept().await.expect("connections can be accepted");
                let request = read(&mut stream).await;
                let step = {
                    let mut record = record.lock().expect("no thread panics");
                    record.push(request);
                    steps[record.len().min(steps.len()) - 1].clone()
                };
                open.extend(respond(stream, step).await);
            }
        });
        Self { url, asked }
    }

    /// The requests so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("no thread panics").clone()
    }

    /// The settings of a client with short delays.
    pub(crate) fn client(&self) -> ClientBuilder {
        let mut retries = RetryPolicy::default();
        retries.delay = Duration::from_millis(1);
        Client::builder(&self.url).token("hr_live_secret").retries(retries)
    }
}

async fn read(stream: &mut TcpStream) -> Asked {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let line = head.lines().next().unwrap_or_default().to_owned();
            let asked = Asked { line, head: head.to_ascii_lowercase(), body: body.to_owned() };
            let length = asked.header("content-length").map_or(0, |it| it.parse().expect("it is a number"));
            if body.len() >= length {
                return asked;
            }
        }
        let mut buffer = [0; 4096];
        let read = stream.read(&mut buffer).await.expect("the request arrives");
        assert!(read > 0, "the request is cut off: {text}");
        bytes.extend_from_slice(&buffer[..read]);
    }
}

/// Responds, and returns a connection that has to stay open.
async fn respond(mut stream: TcpStream, step: Step) -> Option<TcpStream> {
    let (status, headers, body, sent) = match step {
        Step::Hang => return Some(stream),
        Step::Cut => return None,
        Step::CutInBody => (200, "", "{\"id\":\"acct_01h455vb4pex5vsknk084sn02q\"}".to_owned(), 9),
        Step::Answer(status, headers, body) => (status, headers, body, usize::MAX),
    };
    let head = format!(
        "HTTP/1.1 {status} Scripted\r\ncontent-length: {}\r\nx-request-id: r1\r\nconnection: close\r\n{headers}\r\n",
        body.len()
    );
    let body = &body.as_bytes()[..body.len().min(sent)];
    // The client may have given up.
    let _ = stream.write_all(&[head.as_bytes(), body].concat()).await;
    None
}

/// A problem with this status and code.
pub(crate) fn problem(status: u16, code: &str, headers: &'static str) -> Step {
    let body = format!(
        r#"{{"type":"/docs/errors#{code}","title":"t","status":{status},"detail":"d.","code":"{code}","request_id":"r1"}}"#
    );
    Step::Answer(status, headers, body)
}

/// The answer to the creation of an account.
pub(crate) fn account() -> Step {
    let body = r#"{"id":"acct_01h455vb4pex5vsknk084sn02q","name":"My Salon","time_zone":"UTC","subscription":null,"created_at":"2026-11-29T04:19:32.820685Z","deleted_at":null}"#;
    Step::Answer(201, "etag: \"v1\"\r\n", body.to_owned())
}
