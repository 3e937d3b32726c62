//! A PostgreSQL cluster that is removed with the process that started it.

use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use super::{Owner, Server, leave_out, programs};

/// A PostgreSQL server of this process, for tests that stop it. Other tests use [`super::shared`].
///
/// It is removed on drop, and when the process ends, even by `kill -9`.
pub struct Cluster {
    guardian: Mutex<Guardian>,
    directory: PathBuf,
    port: u16,
    /// Further options of the server.
    options: &'static str,
    server: Server,
}

impl Cluster {
    /// Starts a new cluster with the machine's PostgreSQL. Prints a message and returns `None` if
    /// PostgreSQL is not installed.
    ///
    /// # Panics
    /// If the server does not start, with its log; and if PostgreSQL is not installed and
    /// `HEADROOM_TEST_POSTGRES` is `required`.
    #[must_use]
    pub fn start() -> Option<Self> {
        Self::start_with("")
    }

    /// Like [`Cluster::start`], with commits that survive a power cut, as in production: for
    /// benchmarks.
    ///
    /// # Panics
    /// Like [`Cluster::start`].
    #[must_use]
    pub fn start_durable() -> Option<Self> {
        Self::start_with("-c fsync=on -c full_page_writes=on -c shared_buffers=512MB -c max_wal_size=4GB")
    }

    fn start_with(options: &'static str) -> Option<Self> {
        let Some(programs) = programs::find() else {
            leave_out();
            return None;
        };
        let mut guardian = Guardian::start(&programs);
        let directory = PathBuf::from(guardian.hear());
        guardian.expect_success("initdb", &directory);
        let port = free_port();
        let server = Server::new(format!("postgres://headroom@127.0.0.1:{port}/postgres"), Owner::Process);
        let cluster = Self { guardian: Mutex::new(guardian), directory, port, options, server };
        cluster.start_again();
        Some(cluster)
    }

    /// The server of this cluster.
    #[must_use]
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// The directory of the cluster, with its log.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Stops the server like a crash. It recovers when it starts again.
    ///
    /// # Panics
    /// If the server does not stop.
    pub fn stop_immediately(&self) {
        self.tell("stop");
    }

    /// Starts the stopped server at the same port, and waits until it has recovered.
    ///
    /// # Panics
    /// If the server does not start.
    pub fn start_again(&self) {
        self.tell(&format!("start {} {}", self.port, self.options));
    }

    /// Pauses the server with its sockets open, like a machine that hangs.
    ///
    /// # Panics
    /// If that fails.
    pub fn pause(&self) {
        self.tell("pause");
    }

    /// Resumes the server after [`Cluster::pause`].
    ///
    /// # Panics
    /// If that fails.
    pub fn resume(&self) {
        self.tell("resume");
    }

    fn tell(&self, command: &str) {
        let mut guardian = self.guardian.lock().unwrap_or_else(PoisonError::into_inner);
        guardian.say(command);
        guardian.expect_success(command, &self.directory);
    }
}

/// The shell that manages the cluster. It outlives this process for the cleanup.
struct Guardian {
    process: Child,
    outcomes: BufReader<ChildStdout>,
}

impl Guardian {
    fn start(programs: &Path) -> Self {
        let mut command = Command::new("sh");
        command.arg("-c").arg(include_str!("guardian.sh")).arg("guardian").arg(programs);
        // A process group of its own, so that an interrupt of this process does not interrupt the
        // cleanup.
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).current_dir("/").process_group(0);
        let mut process = programs::unprivileged(&mut command).spawn().expect("there is a shell");
        let outcomes = BufReader::new(process.stdout.take().expect("its output is a pipe"));
        Self { process, outcomes }
    }

    fn say(&mut self, command: &str) {
        let input = self.process.stdin.as_mut().expect("its input is a pipe");
        writeln!(input, "{command}").expect("the guardian listens until its input ends");
    }

    fn hear(&mut self) -> String {
        let mut outcome = String::new();
        self.outcomes.read_line(&mut outcome).expect("the guardian prints text");
        assert!(outcome.ends_with('\n'), "the cluster's guardian has ended");
        outcome.trim_end().to_owned()
    }

    fn expect_success(&mut self, command: &str, directory: &Path) {
        let status = self.hear();
        let log = || fs::read_to_string(directory.join("log")).unwrap_or_else(|error| error.to_string());
        assert!(status == "0", "PostgreSQL does not {command}:\n{}", log());
    }
}

impl Drop for Guardian {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        // Waits for the cleanup, which the shell does by itself.
        let _ = self.process.wait();
    }
}

/// A free port outside of the ephemeral range. A client that reconnects repeatedly to a stopped
/// server could otherwise get the server's port as its own, and connect to itself.
///
/// # Panics
/// If there is no free port.
#[must_use]
pub fn free_port() -> u16 {
    let random = RandomState::new();
    let ports = (0..100).map(|n| 10_000 + u16::try_from(random.hash_one(n) % 20_000).expect("it is small"));
    ports.into_iter().find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).expect("some port is free")
}
