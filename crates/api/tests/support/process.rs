//! A real `headroom` process in a directory of its own, for tests that need a process.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use ureq::typestate::WithBody;

#[path = "databases.rs"]
mod databases;
pub(crate) use databases::TestDatabase;
use databases::ask;

/// The deadline of every wait in a test: generous, for a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);

/// The password of every user who registers in a test.
pub(crate) const PASSWORD: &str = "a quiet river";

/// The database file of a server that was started in `dir`.
pub(crate) fn database(dir: &Path) -> PathBuf {
    dir.join("headroom.db")
}

/// The database of the servers in `dir`. It is dropped some time after the directory is removed.
pub(crate) fn database_of(dir: &Path) -> Arc<TestDatabase> {
    static DATABASES: Mutex<BTreeMap<PathBuf, Arc<TestDatabase>>> = Mutex::new(BTreeMap::new());
    let mut databases = DATABASES.lock().expect("no thread panics");
    databases.retain(|dir, _| dir.exists());
    Arc::clone(databases.entry(dir.to_owned()).or_insert_with(|| Arc::new(TestDatabase::new(dir))))
}

/// A command that runs the program in `dir` with an empty environment, on a free port, without rate
/// limits. Flags go first.
pub(crate) fn headroom(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_headroom"));
    command.env_clear().current_dir(dir).stdin(Stdio::null());
    command.env("HEADROOM_LISTEN", "127.0.0.1:0");
    // The tests send more requests than one client would.
    for limit in ["PER_CALLER", "PER_ADDRESS", "LOGIN", "LOGIN_PER_NAME"] {
        command.env(format!("HEADROOM_RATE_LIMIT_{limit}"), "off");
    }
    command.env("HEADROOM_DATABASE_URL", database_of(dir).url());
    command
}

/// The same command by way of a script, in which it is `$0`.
pub(crate) fn shell(command: &Command, script: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.env_clear().stdin(Stdio::null()).args(["-c", script]).arg(command.get_program()).args(command.get_args());
    shell.current_dir(command.get_current_dir().expect("the command has a directory"));
    shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell
}

/// Waits until `look` returns a value.
#[track_caller]
pub(crate) fn await_some<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "timed out: {what}");
        thread::sleep(Duration::from_millis(2));
    }
}

/// Starts a command whose output goes into files of its directory.
fn spawn(mut command: Command) -> (Child, PathBuf, PathBuf) {
    static STARTED: AtomicUsize = AtomicUsize::new(0);
    let number = STARTED.fetch_add(1, Ordering::Relaxed);
    let dir = command.get_current_dir().expect("the command has a directory").to_owned();
    let [stdout, stderr] = ["stdout", "stderr"].map(|name| dir.join(format!("{number}.{name}")));
    command.stdout(File::create(&stdout).expect("a file for the output"));
    command.stderr(File::create(&stderr).expect("a file for the log"));
    (command.spawn().expect("the program starts"), stdout, stderr)
}

fn read(path: &Path) -> String {
    String::from_utf8(fs::read(path).expect("the file of the output is there")).expect("the output is UTF-8")
}

/// How a run of the program ended.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs a command that exits by itself.
#[track_caller]
pub(crate) fn run(command: Command) -> Finished {
    let (mut child, stdout, stderr) = spawn(command);
    let end = Instant::now() + PATIENCE;
    let status = loop {
        if let Some(status) = child.try_wait().expect("the program can be waited for") {
            break status;
        }
        if Instant::now() > end {
            child.kill().expect("the program can be killed");
            child.wait().expect("the program can be waited for");
            panic!("the program does not exit: {}", read(&stderr));
        }
        thread::sleep(Duration::from_millis(2));
    };
    Finished { code: status.code(), stdout: read(&stdout), stderr: read(&stderr) }
}

/// Asserts that counters equal their rows and that the file is sound.
#[track_caller]
pub(crate) fn verify(dir: &Path) {
    let mut command = headroom(dir);
    command.args(["verify", "--full"]);
    let finished = run(command);
    assert!(finished.code == Some(0) && finished.stdout.starts_with("ok: "), "{finished:?}");
}

/// The number that a query on the database itself returns.
pub(crate) fn number(dir: &Path, query: &str) -> i64 {
    match &*database_of(dir) {
        TestDatabase::Sqlite(path) => {
            let connection = rusqlite::Connection::open(path).expect("the database opens");
            connection.query_row(query, [], |row| row.get(0)).expect("the query answers")
        }
        TestDatabase::Postgres(database) => ask(database, |client| Ok(client.query_one(query, &[])?.get(0))),
    }
}

/// Runs statements on the database itself, in its own dialect.
pub(crate) fn execute(dir: &Path, sqlite: &str, postgres: &str) {
    match &*database_of(dir) {
        TestDatabase::Sqlite(path) => {
            let connection = rusqlite::Connection::open(path).expect("the database opens");
            connection.execute_batch(sqlite).expect("the statements are valid");
        }
        TestDatabase::Postgres(database) => ask(database, |client| client.batch_execute(postgres)),
    }
}

/// A running server. It is killed when this value is dropped.
pub(crate) struct Server {
    child: Child,
    dir: PathBuf,
    stderr: PathBuf,
    address: String,
}

impl Server {
    /// A server with the default configuration.
    #[track_caller]
    pub(crate) fn start(dir: &Path) -> Self {
        Self::spawn(headroom(dir)).listening()
    }

    /// Starts a command of [`headroom`] without waiting for it.
    pub(crate) fn spawn(command: Command) -> Self {
        let dir = command.get_current_dir().expect("the command has a directory").to_owned();
        let (child, _, stderr) = spawn(command);
        Self { child, dir, stderr, address: String::new() }
    }

    /// Waits until the server listens.
    #[track_caller]
    pub(crate) fn listening(mut self) -> Self {
        self.address = await_some("the server listens", || {
            let log = self.log();
            let ended = self.child.try_wait().expect("the server can be waited for");
            assert!(ended.is_none(), "the server does not start: {ended:?}: {log}");
            let (_, rest) = log.split_once("listening on http://")?;
            rest.split_once(", explorer").map(|(address, _)| address.to_owned())
        });
        self
    }

    /// The host and port on which it listens.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Its log so far.
    pub(crate) fn log(&self) -> String {
        read(&self.stderr)
    }

    /// A client with a token of its own, from the default credentials.
    #[track_caller]
    pub(crate) fn client(&self) -> Client {
        self.log_in("user", "user")
    }

    /// A client with a token of its own.
    #[track_caller]
    pub(crate) fn log_in(&self, username: &str, password: &str) -> Client {
        let client = self.stranger();
        let answer = client.post("/token", &json!({"username": username, "password": password}));
        Client { token: Some(answer.text("access_token").to_owned()), ..client }
    }

    /// A client without a token.
    pub(crate) fn stranger(&self) -> Client {
        Client { agent: agent(), url: format!("http://{}", self.address), token: None }
    }

    /// Registers a user with the password [`PASSWORD`], and returns their client.
    #[track_caller]
    pub(crate) fn register(&self, username: &str) -> Client {
        self.stranger().post("/users", &json!({"username": username, "password": PASSWORD})).created();
        self.log_in(username, PASSWORD)
    }

    /// Whether it still runs.
    pub(crate) fn runs(&mut self) -> bool {
        self.child.try_wait().expect("the server can be waited for").is_none()
    }

    /// The number of its threads; 0 where the system does not report it.
    pub(crate) fn threads(&self) -> usize {
        fs::read_dir(format!("/proc/{}/task", self.child.id())).map_or(0, Iterator::count)
    }

    /// The number of its open files and connections; 0 where the system does not report it.
    pub(crate) fn open_files(&self) -> usize {
        fs::read_dir(format!("/proc/{}/fd", self.child.id())).map_or(0, Iterator::count)
    }

    /// Its memory; 0 where the system does not report it.
    pub(crate) fn memory_kib(&self) -> usize {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        resident.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse().ok()).unwrap_or_default()
    }

    /// Sends SIGKILL.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("the server can be killed");
        self.child.wait().expect("the server can be waited for");
    }

    /// Sends SIGTERM, SIGINT …
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let status = Command::new("sh").args(["-c", "kill -s $0 $1", name, &pid]).status().expect("there is a shell");
        assert!(status.success(), "the signal is not sent");
    }

    /// Waits until it has exited by itself.
    #[track_caller]
    pub(crate) fn ended(&mut self) -> ExitStatus {
        await_some("the server ends", || self.child.try_wait().expect("the server can be waited for"))
    }

    /// Ends a test: stops the server, and asserts that it exited without error and that `verify`
    /// succeeds.
    #[track_caller]
    pub(crate) fn stop_and_verify(mut self) {
        self.signal("TERM");
        assert!(self.ended().success(), "{}", self.log());
        assert!(!self.log().contains("panicked"), "{}", self.log());
        verify(&self.dir);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have exited already, which is no error.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(PATIENCE)).proxy(None);
    config.build().into()
}

/// Sends JSON to a server over a kept connection.
pub(crate) struct Client {
    agent: ureq::Agent,
    url: String,
    pub(crate) token: Option<String>,
}

/// A response.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) location: Option<String>,
    pub(crate) retry_after: Option<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) body: Value,
}

impl Client {
    /// The same caller on another connection.
    pub(crate) fn another(&self) -> Self {
        Self { agent: agent(), url: self.url.clone(), token: self.token.clone() }
    }

    /// The owner of this token, at the same server.
    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.another() }
    }

    /// The same caller at another server.
    pub(crate) fn at(&self, server: &Server) -> Self {
        Self { agent: agent(), url: format!("http://{}", server.address), token: self.token.clone() }
    }

    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Answer {
        let mut request = self.agent.get(format!("{}{path}", self.url));
        if let Some(token) = &self.token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        request.call().and_then(answer).expect("the server answers")
    }

    #[track_caller]
    pub(crate) fn put(&self, path: &str, body: &Value) -> Answer {
        self.try_put(path, body).expect("the server answers")
    }

    /// As [`Client::put`], where a panic in a thread would leave others waiting.
    pub(crate) fn try_put(&self, path: &str, body: &Value) -> Result<Answer, ureq::Error> {
        self.send(self.agent.put(format!("{}{path}", self.url)), body)
    }

    /// PATCH, where a panic in a thread would leave others waiting.
    pub(crate) fn try_patch(&self, path: &str, body: &Value) -> Result<Answer, ureq::Error> {
        self.send(self.agent.patch(format!("{}{path}", self.url)), body)
    }

    /// DELETE, where a panic in a thread would leave others waiting.
    pub(crate) fn try_delete(&self, path: &str) -> Result<Answer, ureq::Error> {
        let mut request = self.agent.delete(format!("{}{path}", self.url));
        if let Some(token) = &self.token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        request.call().and_then(answer)
    }

    #[track_caller]
    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.try_post(path, body).expect("the server answers")
    }

    /// As [`Client::post`], where the server may stop meanwhile.
    pub(crate) fn try_post(&self, path: &str, body: &Value) -> Result<Answer, ureq::Error> {
        self.send(self.agent.post(format!("{}{path}", self.url)), body)
    }

    fn send(&self, mut request: ureq::RequestBuilder<WithBody>, body: &Value) -> Result<Answer, ureq::Error> {
        if let Some(token) = &self.token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        request.send_json(body).and_then(answer)
    }

    /// Opens an account on `plan` and returns its path.
    #[track_caller]
    pub(crate) fn open_account(&self, plan: &str) -> String {
        let path = self.post("/accounts", &json!({"name": "My Salon"})).created();
        self.post(&format!("{path}/subscribe"), &json!({"plan": plan})).created();
        path
    }
}

fn answer(mut response: ureq::http::Response<ureq::Body>) -> Result<Answer, ureq::Error> {
    let body = response.body_mut().read_to_string()?;
    let header = |name| response.headers().get(name).and_then(|value| Some(value.to_str().ok()?.to_owned()));
    Ok(Answer {
        status: response.status().as_u16(),
        location: header("location"),
        retry_after: header("retry-after"),
        content_type: header("content-type"),
        body: serde_json::from_str(&body).unwrap_or(Value::String(body)),
    })
}

impl Answer {
    /// The path of the created resource.
    #[track_caller]
    pub(crate) fn created(self) -> String {
        assert_eq!(self.status, 201, "{self:?}");
        self.location.expect("a created resource has a Location")
    }

    /// A string field of the body.
    #[track_caller]
    pub(crate) fn text(&self, member: &str) -> &str {
        self.body[member].as_str().unwrap_or_else(|| panic!("no {member}: {self:?}"))
    }
}
