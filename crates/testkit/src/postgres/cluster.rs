//! A PostgreSQL cluster that goes when the process goes that started it.

use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use super::{Server, leave_out, programs};

/// A PostgreSQL server of this process's own, and all its data: for tests that stop it. Others take [`super::shared`].
///
/// It goes when it is dropped, and when the process ends, by `kill -9` too.
pub struct Cluster {
    guardian: Mutex<Guardian>,
    directory: PathBuf,
    port: u16,
    /// What the server is started with besides.
    options: &'static str,
    server: Server,
}

impl Cluster {
    /// Starts a new cluster, from the PostgreSQL of this machine; `None` where there is none, after saying so.
    ///
    /// # Panics
    /// When it does not start, with its log; and where there is no PostgreSQL, and `HEADROOM_TEST_POSTGRES` is `required`.
    #[must_use]
    pub fn start() -> Option<Self> {
        Self::start_with("")
    }

    /// As [`Cluster::start`], but what it has committed outlives the machine too, as where it is not for tests: for benchmarks.
    ///
    /// # Panics
    /// As [`Cluster::start`].
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
        let server = Server::new(format!("postgres://headroom@127.0.0.1:{port}/postgres"));
        let cluster = Self { guardian: Mutex::new(guardian), directory, port, options, server };
        cluster.start_again();
        Some(cluster)
    }

    /// The server that runs on this cluster.
    #[must_use]
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Where the cluster is: all its files, and its log.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Stops the server as a crash would: it finishes nothing, and recovers when it starts again.
    ///
    /// # Panics
    /// When it does not stop.
    pub fn stop_immediately(&self) {
        self.tell("stop");
    }

    /// Starts the server after it was stopped, at the same port, and waits until it has recovered.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start_again(&self) {
        self.tell(&format!("start {} {}", self.port, self.options));
    }

    /// Has the server stand still, with its sockets open, as on a machine that hangs.
    ///
    /// # Panics
    /// When it does not.
    pub fn pause(&self) {
        self.tell("pause");
    }

    /// Has the server go on after [`Cluster::pause`].
    ///
    /// # Panics
    /// When it does not.
    pub fn resume(&self) {
        self.tell("resume");
    }

    fn tell(&self, command: &str) {
        let mut guardian = self.guardian.lock().unwrap_or_else(PoisonError::into_inner);
        guardian.say(command);
        guardian.expect_success(command, &self.directory);
    }
}

/// The shell that keeps the cluster. It outlives this process by as long as it takes to clear up.
struct Guardian {
    process: Child,
    answers: BufReader<ChildStdout>,
}

impl Guardian {
    fn start(programs: &Path) -> Self {
        let mut command = Command::new("sh");
        command.arg("-c").arg(include_str!("guardian.sh")).arg("guardian").arg(programs);
        // A group of its own: what interrupts this process must not interrupt the clearing up.
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).current_dir("/").process_group(0);
        let mut process = programs::unprivileged(&mut command).spawn().expect("there is a shell");
        let answers = BufReader::new(process.stdout.take().expect("its output is a pipe"));
        Self { process, answers }
    }

    fn say(&mut self, command: &str) {
        let input = self.process.stdin.as_mut().expect("its input is a pipe");
        writeln!(input, "{command}").expect("the guardian listens until its input ends");
    }

    fn hear(&mut self) -> String {
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("the guardian answers in text");
        assert!(answer.ends_with('\n'), "the cluster's guardian is gone");
        answer.trim_end().to_owned()
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
        // Only so that what is dropped is gone: it clears up by itself.
        let _ = self.process.wait();
    }
}

/// A port that nobody listens on. None that the system gives away by itself: a client that tries again and again to come
/// back to a server that has stopped would be given the server's port some day, and meet itself.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn free_port() -> u16 {
    let random = RandomState::new();
    let ports = (0..100).map(|n| 10_000 + u16::try_from(random.hash_one(n) % 20_000).expect("it is small"));
    ports.into_iter().find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).expect("some port is free")
}
