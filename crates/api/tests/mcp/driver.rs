//! A driver of `headroom mcp`, and the server that it calls.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use serde_json::{Value, json};

use crate::support::process::{Client, PATIENCE, Server, await_some, headroom, number};

const PLANS: &str = r#"
[[metric]]
key = "projects"
kind = "gauge"

[[metric]]
key = "sms"
kind = "counter"
window = "month"

[[feature]]
key = "sso"

[[plan]]
key = "basic"
name = "Basic"
limits = { staff = 2, bookings_per_day = 5, projects = 1, sms = 10 }

[[plan]]
key = "pro"
name = "Pro"
limits = { staff = 5, bookings_per_day = 20, projects = 5, sms = 100 }
features = { sso = true }
"#;

/// The tables whose rows the tools add.
const TABLES: [&str; 10] = [
    "accounts",
    "external_ids",
    "subscription_changes",
    "overrides",
    "feature_overrides",
    "grants",
    "usage_records",
    "allocations",
    "holds",
    "audit_entries",
];

/// A server with plans, its operator, and an API key.
pub(crate) struct Fixture {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) server: Server,
    pub(crate) operator: Client,
    pub(crate) secret: String,
}

impl Fixture {
    pub(crate) fn start() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let plans = dir.path().join("plans.toml");
        fs::write(&plans, PLANS).expect("the plans can be written");
        let mut command = headroom(dir.path());
        command.env("HEADROOM_PLANS", plans);
        let server = Server::spawn(command).listening();
        let operator = server.client();
        let key = operator.post("/api-keys", &json!({"name": "Assistant", "scope": "admin"}));
        let secret = key.text("secret").to_owned();
        Self { dir, server, operator, secret }
    }

    /// Starts the tools with these flags, and introduces a client.
    pub(crate) fn tools(&self, flags: &[&str]) -> Tools {
        let url = format!("http://{}", self.server.address());
        let mut tools = Tools::spawn(self.dir.path(), &[&["--url", &url], flags].concat(), &self.secret);
        tools.initialize();
        tools
    }

    /// The number of rows that tools add.
    pub(crate) fn rows(&self) -> Vec<i64> {
        TABLES.iter().map(|table| number(self.dir.path(), &format!("SELECT count(*) FROM {table}"))).collect()
    }
}

/// A running `headroom mcp`.
pub(crate) struct Tools {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    /// Everything that it wrote.
    output: String,
    requests: u64,
}

impl Tools {
    pub(crate) fn spawn(dir: &Path, flags: &[&str], secret: &str) -> Self {
        let mut command = headroom(dir);
        command.arg("mcp").args(flags).env("HEADROOM_API_KEY", secret);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let (sender, lines) = channel();
        let stdout = BufReader::new(child.stdout.take().expect("the output is piped"));
        thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self { input: child.stdin.take(), child, lines, output: String::new(), requests: 0 }
    }

    fn send(&mut self, message: &Value) {
        let input = self.input.as_mut().expect("the input is open");
        writeln!(input, "{message}").and_then(|()| input.flush()).expect("the program reads");
    }

    /// The response to a request.
    #[track_caller]
    pub(crate) fn request(&mut self, method: &str, params: &Value) -> Value {
        self.requests += 1;
        let id = self.requests;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        loop {
            let line = self.lines.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("no answer to {method}: {params}"));
            self.output.push_str(&line);
            let message: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("it is not JSON: {line}"));
            assert_eq!(message["jsonrpc"], "2.0", "{message}");
            if message["id"] == id {
                return message;
            }
        }
    }

    /// Introduces a client.
    pub(crate) fn initialize(&mut self) {
        let client = json!({"name": "a test", "version": "1"});
        let params = json!({"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": client});
        let answer = self.request("initialize", &params);
        let result = &answer["result"];
        assert_eq!(result["serverInfo"]["name"], "headroom", "{answer}");
        assert_eq!(result["protocolVersion"], "2025-06-18", "{answer}");
        assert!(result["capabilities"]["tools"].is_object(), "{answer}");
        assert!(result["instructions"].as_str().is_some_and(|it| it.contains("dry_run")), "{answer}");
        self.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
    }

    /// The tools, by name.
    pub(crate) fn list(&mut self) -> Vec<Value> {
        let answer = self.request("tools/list", &json!({}));
        let mut tools = answer["result"]["tools"].as_array().unwrap_or_else(|| panic!("{answer}")).clone();
        tools.sort_by_key(|tool| tool["name"].to_string());
        tools
    }

    /// The result of a call, and whether it is an error.
    #[track_caller]
    fn try_call(&mut self, tool: &str, arguments: &Value) -> (Value, bool) {
        let answer = self.request("tools/call", &json!({"name": tool, "arguments": arguments}));
        let result = &answer["result"];
        let text = result["content"][0]["text"].as_str().unwrap_or_else(|| panic!("{tool}: {answer}"));
        let structured = result["structuredContent"].clone();
        assert_eq!(serde_json::from_str::<Value>(text).expect("the text is JSON"), structured, "{tool}");
        assert!(structured.is_object(), "{tool}: {structured}");
        (structured, result["isError"] == true)
    }

    /// The result of a call that succeeds.
    #[track_caller]
    pub(crate) fn call(&mut self, tool: &str, arguments: &Value) -> Value {
        let (result, is_error) = self.try_call(tool, arguments);
        assert!(!is_error, "{tool} {arguments}: {result}");
        result
    }

    /// The error of a call that does not succeed.
    #[track_caller]
    pub(crate) fn refused(&mut self, tool: &str, arguments: &Value, code: &str) -> Value {
        let (result, is_error) = self.try_call(tool, arguments);
        assert!(is_error && result["code"] == code, "{tool} {arguments}: {result}");
        assert!(result["detail"].as_str().is_some_and(|it| !it.is_empty()), "{result}");
        result
    }

    /// Ends the input, and returns everything that the program wrote.
    pub(crate) fn end(mut self) -> String {
        drop(self.input.take());
        let status = await_some("the program ends", || self.child.try_wait().expect("it can be waited for"));
        assert!(status.success(), "{status}");
        let mut log = String::new();
        let mut stderr = self.child.stderr.take().expect("the log is piped");
        stderr.read_to_string(&mut log).expect("the log is UTF-8");
        self.lines.iter().fold(self.output.clone() + &log, |text, line| text + &line)
    }
}

impl Drop for Tools {
    fn drop(&mut self) {
        // It may have exited already, which is no error.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
