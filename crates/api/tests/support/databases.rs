//! The database of a test: a file, or one on a PostgreSQL server with
//! `HEADROOM_TEST_STORE=postgres`.

use std::env;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::thread;

use postgres::{Client, Error, NoTls};
use testkit::postgres::{Database, shared};

/// The variable that selects it.
const VARIABLE: &str = "HEADROOM_TEST_STORE";

/// The database of one test.
pub(crate) enum TestDatabase {
    /// A file in the directory of the test, created on first use.
    Sqlite(PathBuf),
    /// Dropped with this value.
    Postgres(Database),
}

impl TestDatabase {
    /// A new database for the test with this directory.
    pub(crate) fn new(dir: &Path) -> Self {
        match env::var(VARIABLE).as_deref() {
            Err(_) | Ok("sqlite") => Self::Sqlite(dir.join("headroom.db")),
            Ok("postgres") => {
                let server = shared().unwrap_or_else(|| panic!("{VARIABLE}=postgres needs PostgreSQL"));
                Self::Postgres(server.create_database())
            }
            Ok(other) => panic!("{VARIABLE} is sqlite or postgres, not {other:?}"),
        }
    }

    /// Its URL.
    pub(crate) fn url(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("sqlite://{}", path.display()),
            Self::Postgres(database) => database.url().to_owned(),
        }
    }

    /// The stored content of the whole database. Reading does not change it.
    pub(crate) fn content(&self) -> Vec<u8> {
        match self {
            Self::Sqlite(path) => {
                let log = path.with_extension("db-wal");
                let read = |path: &Path| fs::read(path).expect("the database's files can be read");
                if log.exists() { [read(path), read(&log)].concat() } else { read(path) }
            }
            Self::Postgres(database) => ask(database, |client| {
                let mut content = Vec::new();
                for table in tables(client)? {
                    let mut rows = client.copy_out(&format!("COPY {table} TO STDOUT (FORMAT binary)"))?;
                    rows.read_to_end(&mut content).expect("rows can be read");
                }
                Ok(content)
            }),
        }
    }
}

/// Runs `ask` with a client on a thread of its own: the client must not run on an async thread.
pub(crate) fn ask<T: Send>(database: &Database, ask: impl FnOnce(&mut Client) -> Result<T, Error> + Send) -> T {
    let asked = thread::scope(|scope| scope.spawn(|| ask(&mut Client::connect(database.url(), NoTls)?)).join());
    asked.expect("the client does not panic").expect("the query succeeds")
}

/// The names of the tables.
pub(crate) fn tables(client: &mut Client) -> Result<Vec<String>, Error> {
    let names = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1";
    Ok(client.query(names, &[])?.iter().map(|row| row.get(0)).collect())
}
