//! Why a store could not be opened.

use std::path::PathBuf;

use domain::error::StorageError;
use thiserror::Error;

/// Why a database could not be opened as a store.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The file cannot be created or opened.
    #[error("cannot open {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// The error.
        source: std::io::Error,
    },
    /// The file or its directory is write-protected.
    #[error(
        "cannot write to {path} ({reason}): the user that runs Headroom must be able to write to the file and to \
         create files in its directory"
    )]
    NotWritable {
        /// The file.
        path: PathBuf,
        /// The error of SQLite or of the file system.
        reason: String,
    },
    /// Users other than the owner and the group can read or write the file, and its permissions
    /// cannot be changed.
    #[error(
        "{path} can be read or written by others (mode {mode:03o}), and its permissions cannot be changed ({source}): \
         chmod o-rwx {path}"
    )]
    Exposed {
        /// The database, or a file that SQLite keeps beside it.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
        /// The error.
        source: std::io::Error,
    },
    /// The file was replaced while it was opened.
    #[error("{path} was replaced by another process while it was opened: start again")]
    Replaced {
        /// The file.
        path: PathBuf,
    },
    /// The file is the database of another program.
    #[error("{path} is an SQLite database, but not one of Headroom's")]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A newer version of Headroom has migrated the database.
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
    /// A version of Headroom from before the first release created the database.
    #[error(
        "{url} was created by a version of Headroom from before the first release, which is not supported: \
         start with a new database"
    )]
    PreRelease {
        /// The database, without its password.
        url: String,
    },
    /// The database has no schema, and opening it for reads does not create one.
    #[error("{url} has no schema of Headroom: start the server on it once, or check the database URL")]
    NoSchema {
        /// The database, without its password.
        url: String,
    },
    /// The database has an older schema, and opening it for reads does not migrate it.
    #[error("{url} has an older schema: start this version of Headroom on it once")]
    OldSchema {
        /// The database, without its password.
        url: String,
    },
    /// An applied migration differs from the one of this program.
    #[error("migration {name} of the database differs from the one of this program: start the program that wrote it")]
    ChangedMigration {
        /// Its name.
        name: String,
    },
    /// A migration failed and was rolled back.
    #[error("cannot migrate the database to the latest schema: {0}")]
    Migration(String),
    /// A setting that durability or integrity depends on has no effect.
    #[error("PRAGMA {pragma} is {found} and cannot be set to {wanted}")]
    Pragma {
        /// The setting.
        pragma: &'static str,
        /// The required value.
        wanted: &'static str,
        /// The actual value.
        found: String,
    },
    /// SQLite failed.
    #[error("SQLite failed: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The database cannot be read.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// PostgreSQL cannot be reached, or failed.
    #[error("cannot use {url}: {reason}")]
    Postgres {
        /// The database, without the password.
        url: String,
        /// The error.
        reason: String,
    },
    /// The server is too old.
    #[error("the server is PostgreSQL {found}, Headroom needs {needed} or newer")]
    OldServer {
        /// Its major version.
        found: i32,
        /// The oldest supported version.
        needed: i32,
    },
    /// The database's encoding cannot store every text.
    #[error(
        "the database's encoding is {found}, Headroom needs UTF8: \
         CREATE DATABASE headroom ENCODING 'UTF8' TEMPLATE template0"
    )]
    Encoding {
        /// The database's encoding.
        found: String,
    },
    /// A pooler runs each transaction on another connection.
    #[error(
        "a pooler hands each transaction to another connection: set it to session pooling \
         (PgBouncer: pool_mode = session), or connect without it"
    )]
    TransactionPooling,
    /// TLS cannot be set up as the URL says: a `TlsError`.
    #[error(transparent)]
    Tls(Box<dyn std::error::Error + Send + Sync>),
    /// A thread cannot be started.
    #[error("cannot start a thread: {0}")]
    Thread(std::io::Error),
    /// The pool of read-only connections cannot be filled.
    #[error("cannot open read-only connections: {0}")]
    Pool(#[from] r2d2::Error),
}
