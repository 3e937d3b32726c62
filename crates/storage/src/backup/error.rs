//! Why a database could not be backed up or restored.

use std::io;
use std::path::PathBuf;

use domain::error::StorageError;
use domain::ports::Discrepancy;
use thiserror::Error;

use crate::OpenError;
use crate::verify::summary;

/// Why a database could not be copied into a file.
#[derive(Debug, Error)]
pub enum BackupError {
    /// The database does not exist.
    #[error("there is no database at {path}")]
    Missing {
        /// The database.
        path: PathBuf,
    },
    /// The file is not a database, or cannot be read.
    #[error("cannot read {path} as a database: {error}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The error.
        error: rusqlite::Error,
    },
    /// The database has no tables.
    #[error("{path} has no schema of Headroom: it is empty")]
    NoSchema {
        /// The database.
        path: PathBuf,
    },
    /// The database is not one that this program knows.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The database and the file are the same.
    #[error("{path} is the database itself, or its key file")]
    Same {
        /// The file.
        path: PathBuf,
    },
    /// The file exists.
    #[error("{path} exists already")]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The log of a database without the database.
    #[error("{path} is the log of a database that does not exist: put that database back, or delete the log")]
    Orphan {
        /// The log.
        path: PathBuf,
    },
    /// The file to replace is in use.
    #[error("{path} is open in another process, such as a running server: stop it first")]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// Another process writes the same file.
    #[error("another process is writing {path}")]
    BeingWritten {
        /// The file that will get its name later.
        path: PathBuf,
    },
    /// The name of the unfinished file belongs to a file of another kind or of another user.
    #[error("{path} is in the way: it is not a file that this user has left there; delete it")]
    InTheWay {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be written.
    #[error("cannot write {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// The error.
        source: io::Error,
    },
    /// SQLite could not copy the database.
    #[error("cannot copy {from} to {to}: {error}")]
    Failed {
        /// The database.
        from: PathBuf,
        /// The file.
        to: PathBuf,
        /// The error.
        error: rusqlite::Error,
    },
    /// The database is locked.
    #[error("cannot copy {path}: it is locked by another process")]
    Locked {
        /// The database.
        path: PathBuf,
    },
    /// The copy could not be checked.
    #[error("cannot check the copy {path}: {error}")]
    Unchecked {
        /// The copy.
        path: PathBuf,
        /// The error.
        error: StorageError,
    },
    /// The copy is damaged, because the database is.
    #[error("the database is damaged: {}", summary(.findings))]
    Damaged {
        /// What SQLite's checks have found.
        findings: Vec<Discrepancy>,
    },
    /// It was ended by the function that watches the progress.
    #[error("the backup was stopped")]
    Stopped,
}
