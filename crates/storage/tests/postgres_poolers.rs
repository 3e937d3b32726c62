//! `PgBouncer` as a pooler: session pooling works, other modes are refused. Skipped if not
//! installed.

use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use domain::error::StorageError;
use domain::ports::Store;
use storage::{PostgresOptions, PostgresStore};
use tempfile::TempDir;
use testkit::block_on;
use testkit::fixtures::{self, CountingIds};
use testkit::postgres::{Cluster, free_port};

/// How long `PgBouncer` may take until it listens.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running `PgBouncer`, which ends when this is dropped.
struct Pooler {
    process: Child,
    port: u16,
    _dir: TempDir,
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn program() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(["/usr/sbin".into()]);
    folders.map(|folder| folder.join("pgbouncer")).find(|program| program.is_file())
}

/// Starts a pooler in front of the server at `port`. `None` if `PgBouncer` is not installed.
fn pooler(mode: &str, port: &str) -> Option<Pooler> {
    let Some(program) = program() else {
        println!("PgBouncer is not installed");
        return None;
    };
    let (dir, own_port) = (tempfile::tempdir().expect("a directory"), free_port());
    let (settings, users) = (dir.path().join("settings"), dir.path().join("users"));
    fs::write(&users, "\"headroom\" \"\"\n").expect("a file");
    let mut text = format!(
        "[databases]\n* = host=127.0.0.1 port={port}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {own_port}\n\
         auth_type = trust\nauth_file = {}\nunix_socket_dir =\npool_mode = {mode}\n",
        users.display()
    );
    if fs::metadata("/proc/self").is_ok_and(|process| std::os::unix::fs::MetadataExt::uid(&process) == 0) {
        // It refuses to run as root, and its user must be able to read these.
        text.push_str("user = nobody\n");
        for path in [dir.path(), &users] {
            let permissions = std::os::unix::fs::PermissionsExt::from_mode(0o755);
            fs::set_permissions(path, permissions).expect("they are ours");
        }
    }
    fs::write(&settings, text).expect("a file");
    let process = Command::new(program).arg(settings).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let pooler = Pooler { process: process.expect("it is there"), port: own_port, _dir: dir };
    let end = Instant::now() + PATIENCE;
    while TcpStream::connect(("127.0.0.1", own_port)).is_err() {
        assert!(Instant::now() < end, "PgBouncer does not listen");
        thread::sleep(Duration::from_millis(2));
    }
    Some(pooler)
}

#[test]
fn session_pooling_works_and_other_modes_are_refused() {
    let Some(cluster) = Cluster::start() else { return };
    let database = cluster.server().create_database();
    let (login, place) = database.url().split_once('@').expect("a cluster's URL names a user");
    let (address, name) = place.split_once('/').expect("the URL names a database");
    let (_, port) = address.split_once(':').expect("the URL has a port");
    for mode in ["session", "transaction", "statement"] {
        let Some(pooler) = pooler(mode, port) else { return };
        let url = format!("{login}@127.0.0.1:{}/{name}?options=-c%20work_mem=8MB", pooler.port);
        let opened = PostgresStore::open(&url.parse().expect("a URL"), PostgresOptions::default());
        if mode == "session" {
            let store = opened.expect("a session is as good as a connection");
            let account = CountingIds::default().account();
            let insert = store.write::<_, StorageError>(move |tx| tx.insert_account(&fixtures::account(account)));
            block_on(insert).expect("an account");
        } else {
            let refusal = opened.err().expect("it is refused").to_string();
            assert!(refusal.contains("a pooler hands each transaction"), "{mode}: {refusal}");
        }
    }
}
