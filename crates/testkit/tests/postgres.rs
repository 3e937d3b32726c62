//! The PostgreSQL server for tests is isolated and leaves nothing behind.

use std::env;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use postgres::{Client, NoTls};
use testkit::postgres::{Cluster, shared};

/// The deadline for the cleanup, much longer than usual, for a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);
/// Set for a process that starts a cluster and waits to be killed.
const VICTIM: &str = "HEADROOM_TEST_VICTIM";

#[test]
fn a_cluster_is_removed_when_its_process_is_killed() {
    if env::var_os(VICTIM).is_some() {
        let Some(cluster) = Cluster::start() else { return };
        println!("\n{VICTIM}={}", cluster.directory().display());
        loop {
            thread::park();
        }
    }
    let mut victim = Command::new(env::current_exe().expect("this test has a path"));
    victim.args(["--exact", "a_cluster_is_removed_when_its_process_is_killed", "--nocapture"]).env(VICTIM, "true");
    let mut victim = victim.stdout(Stdio::piped()).spawn().expect("this test can be run again");
    let mut lines = BufReader::new(victim.stdout.take().expect("its output is a pipe")).lines();
    let directory = lines.find_map(|line| line.ok()?.strip_prefix(VICTIM)?.strip_prefix('=').map(PathBuf::from));
    let Some(directory) = directory else {
        assert!(victim.wait().expect("it ends").success(), "no cluster has started");
        return;
    };
    assert!(directory.is_dir());
    victim.kill().expect("it runs");
    victim.wait().expect("it ends");
    let end = Instant::now() + PATIENCE;
    while directory.exists() {
        assert!(Instant::now() < end, "{} is still there", directory.display());
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_crashed_server_recovers_and_is_removed_on_drop() {
    let Some(cluster) = Cluster::start() else { return };
    let server = cluster.server();
    server.execute("CREATE TABLE kept (it int)").expect("it runs");
    cluster.stop_immediately();
    server.execute("DROP TABLE kept").expect_err("it has stopped");
    cluster.start_again();
    server.execute("DROP TABLE kept").expect("it has come back, and so has the table");
    let directory = cluster.directory().to_owned();
    drop(cluster);
    assert!(!directory.exists(), "{} is still there", directory.display());
}

#[test]
fn a_database_is_new_and_is_dropped_with_open_connections() {
    let Some(server) = shared() else { return };
    let [one, other] = [(); 2].map(|()| server.create_database());
    for database in [&one, &other] {
        Client::connect(database.url(), NoTls)
            .expect("it is there")
            .batch_execute("CREATE TABLE it ()")
            .expect("it is new");
    }
    let url = one.url().to_owned();
    let _connected = Client::connect(&url, NoTls).expect("it is there");
    drop(one);
    assert!(Client::connect(&url, NoTls).is_err(), "it is still there");
}
