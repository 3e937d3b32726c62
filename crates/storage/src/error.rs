//! Why a store could not be opened.

use std::path::PathBuf;

use domain::error::StorageError;
use thiserror::Error;

/// Why a database could not be opened as a store.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The file could not be created or opened.
    #[error("cannot open {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What stood in the way.
        source: std::io::Error,
    },
    /// The file, or its directory, is write-protected.
    #[error(
        "cannot write to {path} ({reason}): the user that runs Headroom needs to be able to write to the file and to \
         create files in its directory"
    )]
    NotWritable {
        /// The file.
        path: PathBuf,
        /// What SQLite reports.
        reason: String,
    },
    /// Others than its owner and group can read or write the file, and that cannot be changed.
    #[error(
        "{path} can be read or written by others (mode {mode:03o}), and its permissions cannot be changed ({source}): \
         chmod o-rwx {path}"
    )]
    Exposed {
        /// The file: the database, or one that SQLite keeps beside it.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
        /// What stood in the way of changing them.
        source: std::io::Error,
    },
    /// The file is a database of something else.
    #[error("{path} is an SQLite database, but not one of Headroom's")]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A newer Headroom has been here.
    #[error(
        "the database has schema version {found}, this program knows versions up to {known}: \
         start the newer Headroom that wrote it, or restore a backup from before the upgrade"
    )]
    NewerSchema {
        /// The version of the database.
        found: i32,
        /// The latest version that this program knows.
        known: i32,
    },
    /// The database was made by a version from before the first release, whose schema was another one.
    #[error(
        "{url} was made by a version of Headroom from before the first release, and cannot be used any more: \
         begin with a new database"
    )]
    PreRelease {
        /// The database, without its password.
        url: String,
    },
    /// The database has no tables of Headroom's, and opening it to read does not make any.
    #[error("{url} has no schema of Headroom: start the server on it once, or check the database URL")]
    NoSchema {
        /// The database, without its password.
        url: String,
    },
    /// The database is as an older Headroom left it, and opening it to read does not bring it to the latest schema.
    #[error("{url} has an older schema: start this version of Headroom on it once")]
    OldSchema {
        /// The database, without its password.
        url: String,
    },
    /// A migration that was applied is not the one that this program has.
    #[error("migration {name} of the database is not the one that this program has: the two do not belong together")]
    ChangedMigration {
        /// Its name.
        name: String,
    },
    /// A migration failed, and the database is as it was.
    #[error("cannot bring the database to the latest schema: {0}")]
    Migration(String),
    /// A setting that durability or integrity depends on did not take.
    #[error("the database refuses PRAGMA {pragma} = {wanted}, it says {found}")]
    Pragma {
        /// The setting.
        pragma: &'static str,
        /// What it has to be.
        wanted: &'static str,
        /// What it is.
        found: String,
    },
    /// SQLite failed.
    #[error("SQLite failed: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// What the database has cannot be read.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// PostgreSQL cannot be reached, or failed.
    #[error("cannot use {url}: {reason}")]
    Postgres {
        /// The database, without the password.
        url: String,
        /// What happened.
        reason: String,
    },
    /// The server is too old.
    #[error("the server is PostgreSQL {found}, Headroom needs {needed} or newer")]
    OldServer {
        /// Its major version.
        found: i32,
        /// The oldest that does.
        needed: i32,
    },
    /// Some texts could not be stored.
    #[error(
        "the database's encoding is {found}, Headroom needs UTF8: \
         CREATE DATABASE headroom ENCODING 'UTF8' TEMPLATE template0"
    )]
    Encoding {
        /// The database's encoding.
        found: String,
    },
    /// A pooler gives each transaction another connection.
    #[error(
        "a pooler hands each transaction to another connection: set it to session pooling (PgBouncer: pool_mode = session), \
         or connect without it"
    )]
    TransactionPooling,
    /// Connections to PostgreSQL cannot be encrypted as they should.
    #[error(transparent)]
    Tls(Box<dyn std::error::Error + Send + Sync>),
    /// A thread could not be started.
    #[error("cannot start a thread: {0}")]
    Thread(std::io::Error),
    /// The pool of reading connections could not be filled.
    #[error("cannot open connections for reading: {0}")]
    Pool(#[from] r2d2::Error),
}
