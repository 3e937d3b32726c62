//! A PostgreSQL server for tests: an existing one, or one started from the machine's programs or
//! those in `HEADROOM_TEST_POSTGRES_BIN`.
//!
//! ```no_run
//! if let Some(server) = testkit::postgres::shared() {
//!     let database = server.create_database();
//!     println!("{}", database.url());
//! }
//! ```

mod cluster;
mod programs;

use std::env;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Write};
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Once, OnceLock};
use std::thread;

use postgres::{Client, NoTls};

pub use cluster::{Cluster, free_port};

/// The URL of an existing server, with a user who may create databases:
/// `postgres://user:password@host/database`.
const SERVER_VARIABLE: &str = "HEADROOM_TEST_POSTGRES_URL";
/// `required` to fail instead of skipping tests.
const REQUIRED_VARIABLE: &str = "HEADROOM_TEST_POSTGRES";

/// The server that all tests of this process share. Prints a message and returns `None` if there is
/// no server: the test is skipped.
///
/// It is the server at `HEADROOM_TEST_POSTGRES_URL`, or a [`Cluster`] that is removed when the
/// process ends.
///
/// # Panics
/// If there is no server and `HEADROOM_TEST_POSTGRES` is `required`; and if PostgreSQL is installed
/// but does not start.
pub fn shared() -> Option<&'static Server> {
    static SHARED: OnceLock<Option<&'static Server>> = OnceLock::new();
    *SHARED.get_or_init(|| match env::var(SERVER_VARIABLE) {
        Ok(url) => Some(Box::leak(Box::new(Server::new(url, Owner::Others)))),
        Err(_) => Cluster::start().map(|cluster| Box::leak(Box::new(cluster)).server()),
    })
}

/// Whose server it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Owner {
    /// This process. It is removed with all of its databases.
    Process,
    /// Not the tests. They leave no database there.
    Others,
}

/// A running PostgreSQL server.
#[derive(Clone, Debug)]
pub struct Server {
    url: String,
    owner: Owner,
}

impl Server {
    fn new(url: String, owner: Owner) -> Self {
        Self { url, owner }
    }

    /// The URL of a database on this server.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        let (address, query) = self.url.split_at(self.url.find('?').unwrap_or(self.url.len()));
        let authority = address.find("://").map_or(0, |scheme| scheme + "://".len());
        let end = address[authority..].find('/').map_or(address.len(), |path| authority + path);
        format!("{}/{database}{query}", &address[..end])
    }

    /// Creates a database of its own for the caller. It is dropped with the returned guard.
    ///
    /// # Panics
    /// If it cannot be created.
    #[must_use]
    pub fn create_database(&self) -> Database {
        self.create_database_with("")
    }

    /// Like [`Server::create_database`], with options of `CREATE DATABASE`.
    ///
    /// # Panics
    /// If it cannot be created.
    #[must_use]
    pub fn create_database_with(&self, options: &str) -> Database {
        self.create_copy("template0", options)
    }

    /// Creates a database as `prepare` makes it of an empty one. On a server of this process it is a
    /// copy of `template`, which is made once, and is for this server alone: that is much faster
    /// than hundreds of statements for each test.
    ///
    /// # Panics
    /// If it cannot be created.
    #[must_use]
    pub fn create_prepared(&self, template: &OnceLock<Database>, prepare: impl FnOnce(&Database)) -> Database {
        let create = || {
            let database = self.create_database();
            prepare(&database);
            database
        };
        match self.owner {
            Owner::Process => self.create_copy(&template.get_or_init(create).name, ""),
            Owner::Others => create(),
        }
    }

    /// Creates a copy of a database without connections.
    fn create_copy(&self, template: &str, options: &str) -> Database {
        static PROCESS: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(0));
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let name = format!("headroom_test_{:016x}_{}", *PROCESS, COUNT.fetch_add(1, Ordering::Relaxed));
        self.execute(&format!("CREATE DATABASE {name} TEMPLATE {template} {options}")).expect("a new database");
        Database { url: self.url(&name), name, server: self.clone() }
    }

    /// Runs SQL as the superuser, in the default database.
    ///
    /// # Errors
    /// The error of PostgreSQL.
    pub fn execute(&self, sql: &str) -> Result<(), postgres::Error> {
        execute(&self.url, sql)
    }
}

fn execute(url: &str, sql: &str) -> Result<(), postgres::Error> {
    // On a thread of its own: the client must not be used in async code.
    let done = thread::scope(|scope| scope.spawn(|| Client::connect(url, NoTls)?.batch_execute(sql)).join());
    done.unwrap_or_else(|panic| resume_unwind(panic))
}

/// A database that is dropped with this value, even with open connections.
#[derive(Debug)]
pub struct Database {
    server: Server,
    name: String,
    url: String,
}

impl Database {
    /// The URL of the database.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Runs SQL in the database, as the superuser.
    ///
    /// # Errors
    /// The error of PostgreSQL.
    pub fn execute(&self, sql: &str) -> Result<(), postgres::Error> {
        execute(&self.url, sql)
    }

    /// Runs SQL in a transaction that stays open, to hold locks.
    ///
    /// # Errors
    /// The error of PostgreSQL.
    pub fn begin(&self, sql: &str) -> Result<ForeignTransaction, postgres::Error> {
        let open = || {
            let mut client = Client::connect(&self.url, NoTls)?;
            client.batch_execute(&format!("BEGIN; {sql}"))?;
            Ok(ForeignTransaction(Some(client)))
        };
        let opened = thread::scope(|scope| scope.spawn(open).join());
        opened.unwrap_or_else(|panic| resume_unwind(panic))
    }
}

/// An open transaction, which is rolled back on drop.
pub struct ForeignTransaction(Option<Client>);

impl Drop for ForeignTransaction {
    fn drop(&mut self) {
        // On a thread of its own, like its begin.
        let client = self.0.take();
        let done = thread::spawn(move || drop(client)).join();
        debug_assert!(done.is_ok(), "the transaction is not rolled back");
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // A test may have stopped the server. Then the database is removed with its cluster.
        let _ = self.server.execute(&format!("DROP DATABASE {} WITH (FORCE)", self.name));
    }
}

/// Reports once that tests are skipped, past the capture of the test harness. Panics if tests are
/// required.
fn leave_out() {
    static SAID: Once = Once::new();
    let how = format!("install PostgreSQL 14 or newer, or set {SERVER_VARIABLE} to the URL of a server that runs");
    let is_required = env::var(REQUIRED_VARIABLE).is_ok_and(|value| value == "required");
    assert!(!is_required, "there is no PostgreSQL, and {REQUIRED_VARIABLE} is required: {how}");
    SAID.call_once(|| {
        let text =
            format!("\nWARNING: there is no PostgreSQL here, and its tests are left out. To run them, {how}.\n\n");
        // A closed standard error is not a reason to fail.
        let _ = io::stderr().write_all(text.as_bytes());
    });
}

#[cfg(test)]
mod tests {
    use super::{Owner, Server};

    #[test]
    fn a_url_names_another_database_of_the_same_server() {
        for (server, database) in [
            ("postgres://ann:hush@db:5433/postgres?sslmode=disable", "postgres://ann:hush@db:5433/x?sslmode=disable"),
            ("postgres://db", "postgres://db/x"),
            ("postgresql:///postgres?host=/run/postgresql", "postgresql:///x?host=/run/postgresql"),
        ] {
            assert_eq!(Server::new(server.to_owned(), Owner::Others).url("x"), database);
        }
    }
}
