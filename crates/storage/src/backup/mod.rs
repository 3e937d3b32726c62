//! Copies an SQLite database into a file while servers use it, and puts a copy in the place of a
//! database.
//!
//! The pages are copied by SQLite's backup API, from one snapshot that is held until all of them
//! are copied. So commits of other connections do not make the copy start again. The copy is
//! checked after the snapshot has been released, and gets its name as the last step. Why it is done
//! this way: `docs/adr/0023-backups.md`.

mod claim;
mod error;
mod partial;

use std::ops::ControlFlow;
use std::path::Path;
use std::thread;
use std::time::Duration;

use domain::error::StorageError;
use domain::ports::Discrepancy;
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use crate::OpenError;
use crate::migrations::SchemaState;
use crate::sqlite::schema;
use crate::sqlite::verify::check_file;
use crate::sqlite::{PAGE_BYTES, configure_reader, identity, reader_flags};
use crate::verify::{self, Verification};
use claim::ClaimedDatabase;
pub use error::BackupError;
use partial::PartialFile;

/// How many pages are copied at a time: 1 MiB.
const PAGES_PER_STEP: i32 = 256;
/// How many bytes of a copy are written to the disk at a time, if that is paced.
const BYTES_PER_WRITE: u64 = 256 * 1024;
/// The pause between two such writes: 50 MiB a second at most.
const PAUSE_BETWEEN_WRITES: Duration = Duration::from_millis(5);

/// A step of a backup.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BackupStep {
    /// Copies the pages of the database.
    Copying,
    /// Writes the copy to the disk. The database is not read any more.
    Writing,
    /// Checks the copy.
    Checking,
}

/// The progress of a backup.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct BackupProgress {
    /// The current step.
    pub step: BackupStep,
    /// How many pages have been copied, or written.
    pub done: u64,
    /// How many pages the database has.
    pub total: u64,
}

/// A function that receives the progress, and may end the backup.
pub type WatchProgress<'a> = dyn FnMut(BackupProgress) -> ControlFlow<()> + 'a;

/// Whether a file of the same name is replaced.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Overwrite {
    /// It is refused.
    No,
    /// It is replaced, unless a process has it open, or it is the database of another program.
    Yes,
}

/// How a copy is written to the disk.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WriteBack {
    /// In small parts with pauses, so that the commits of a server wait little for the disk.
    Paced,
    /// At once.
    AtOnce,
}

/// A complete, checked and synced copy of a database, without its name yet. Dropping it removes it.
pub struct Draft {
    partial: PartialFile,
    /// The file that will be replaced: no process can open it meanwhile.
    claimed: Option<ClaimedDatabase>,
    bytes: u64,
    verification: Option<Verification>,
}

impl Draft {
    /// Copies the database `from` for a file `to`, and checks the copy. Servers may use the
    /// database meanwhile: they wait for nothing, but their write-ahead log grows until the pages
    /// are copied.
    ///
    /// # Errors
    /// [`BackupError`]. The file does not exist, or is as it was.
    pub fn copy(
        from: &Path,
        to: &Path,
        overwrite: Overwrite,
        write_back: WriteBack,
        watch: &mut WatchProgress<'_>,
    ) -> Result<Self, BackupError> {
        if is_same_file(from, to) {
            return Err(BackupError::Same { path: to.into() });
        }
        let source = open_source(from)?;
        let claimed = ClaimedDatabase::claim(to, overwrite)?;
        let to = claimed.as_ref().map_or(to, ClaimedDatabase::path);
        let partial = PartialFile::create(to)?;
        copy_pages(&source, from, &partial, watch)?;
        drop(source);
        if write_back == WriteBack::Paced {
            write_in_parts(&partial, watch)?;
        }
        partial.sync()?;
        let verification = check(&partial, watch)?;
        let bytes = partial.bytes()?;
        Ok(Self { partial, claimed, bytes, verification })
    }

    /// The size of the copy.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// What the comparison of the counters with their rows has found in the copy. `None` if the
    /// schema is older than this program's, which can compare its own only.
    #[must_use]
    pub const fn verification(&self) -> Option<&Verification> {
        self.verification.as_ref()
    }

    /// Gives the copy its name, durably.
    ///
    /// # Errors
    /// [`BackupError`], also if a file of this name was created meanwhile.
    pub fn publish(self) -> Result<(), BackupError> {
        let Self { partial, claimed, .. } = self;
        let Some(claimed) = claimed else { return partial.publish(Overwrite::No) };
        claimed.remove_logs()?;
        partial.publish(Overwrite::Yes)
        // The claim ends here: a process that waits to open the replaced file notices that it has
        // been replaced.
    }
}

/// Removes what a killed process has left of a backup to `to`.
///
/// # Errors
/// [`BackupError`], also while a process writes it.
pub fn remove_abandoned(to: &Path) -> Result<(), BackupError> {
    partial::remove_abandoned(to)
}

/// Opens the database to copy, if it is one of Headroom's with a schema that this program knows.
fn open_source(path: &Path) -> Result<Connection, BackupError> {
    if !path.exists() {
        return Err(BackupError::Missing { path: path.into() });
    }
    let unreadable = |error| BackupError::Unreadable { path: path.into(), error };
    let connection = Connection::open_with_flags(path, reader_flags()).map_err(unreadable)?;
    configure_reader(&connection)?;
    match schema::check(&connection, path) {
        Ok(SchemaState::Missing) => Err(BackupError::NoSchema { path: path.into() }),
        Ok(SchemaState::Older | SchemaState::Latest) => Ok(connection),
        Err(OpenError::Sqlite(error)) => Err(unreadable(error)),
        Err(error) => Err(error.into()),
    }
}

/// Whether both paths name one file that exists, also by way of a link.
#[must_use]
pub fn is_same_file(path: &Path, other: &Path) -> bool {
    match (identity(path), identity(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

/// Copies all pages from one snapshot. The copy is not in WAL mode afterwards, so that it is one
/// file, which can be read from a read-only directory.
fn copy_pages(
    source: &Connection,
    from: &Path,
    partial: &PartialFile,
    watch: &mut WatchProgress<'_>,
) -> Result<(), BackupError> {
    let failed = |error| BackupError::Failed { from: from.into(), to: partial.target().into(), error };
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = |settings: &str| {
        let copy = Connection::open_with_flags(partial.path(), flags)?;
        copy.execute_batch(settings).map(|()| copy)
    };
    // A partial copy is discarded, so it needs no journal. It is synced as a file.
    let mut copy =
        open("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF").map_err(failed)?;
    // A transaction on the source, with a snapshot from its first read on.
    let snapshot = source.unchecked_transaction().map_err(failed)?;
    snapshot.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())).map_err(failed)?;
    let backup = Backup::new(&snapshot, &mut copy).map_err(failed)?;
    loop {
        match backup.step(PAGES_PER_STEP).map_err(failed)? {
            StepResult::Done => break,
            StepResult::More => {}
            // No other connection has the copy, and a snapshot of a database in WAL mode waits for
            // none.
            _ => return Err(BackupError::Locked { path: from.into() }),
        }
        let pages = backup.progress();
        let count = |pages: i32| u64::try_from(pages).unwrap_or(0);
        let (done, total) = (count(pages.pagecount - pages.remaining), count(pages.pagecount));
        if watch(BackupProgress { step: BackupStep::Copying, done, total }).is_break() {
            return Err(BackupError::Stopped);
        }
    }
    drop(backup);
    drop(snapshot);
    close(copy).map_err(failed)?;
    let copy = open("PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = OFF").map_err(failed)?;
    let mode: String = copy.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0)).map_err(failed)?;
    if mode != "delete" {
        return Err(OpenError::Pragma { pragma: "journal_mode", wanted: "delete", found: mode }.into());
    }
    close(copy).map_err(failed)
}

/// Writes the copy to the disk in small parts, with pauses. Its pages are in memory until then: to
/// write them while they are copied would hold the snapshot for longer, and to write them all with
/// one sync makes the commits of a server wait for as long as that takes.
fn write_in_parts(partial: &PartialFile, watch: &mut WatchProgress<'_>) -> Result<(), BackupError> {
    let bytes = partial.bytes()?;
    let mut written = 0;
    while written < bytes {
        partial.begin_write(written, BYTES_PER_WRITE);
        written = bytes.min(written + BYTES_PER_WRITE);
        let (done, total) = (written / PAGE_BYTES, bytes / PAGE_BYTES);
        if watch(BackupProgress { step: BackupStep::Writing, done, total }).is_break() {
            return Err(BackupError::Stopped);
        }
        thread::sleep(PAUSE_BETWEEN_WRITES);
    }
    Ok(())
}

fn close(connection: Connection) -> rusqlite::Result<()> {
    connection.close().map_err(|(_, error)| error)
}

/// Checks the file of the copy as a whole, and compares its counters with their rows.
fn check(partial: &PartialFile, watch: &mut WatchProgress<'_>) -> Result<Option<Verification>, BackupError> {
    let path = partial.path();
    let unreadable = |error| BackupError::Unreadable { path: path.into(), error };
    let mut copy = Connection::open_with_flags(path, reader_flags()).map_err(unreadable)?;
    configure_reader(&copy)?;
    let pages: u32 = copy.pragma_query_value(None, "page_count", |row| row.get(0)).map_err(unreadable)?;
    let pages = u64::from(pages);
    if watch(BackupProgress { step: BackupStep::Checking, done: pages, total: pages }).is_break() {
        return Err(BackupError::Stopped);
    }
    let mut file = Verification::default();
    // A page that the checks themselves need may be damaged.
    let failed = |error| match error {
        StorageError::Corrupt(message) => BackupError::Damaged { findings: vec![Discrepancy::Database(message)] },
        error => BackupError::Unchecked { path: path.into(), error },
    };
    check_file(&copy, &mut file).map_err(failed)?;
    if file.findings_total > 0 {
        return Err(BackupError::Damaged { findings: file.findings });
    }
    match schema::check(&copy, path)? {
        SchemaState::Latest => verify::compare(&mut &mut copy).map(Some).map_err(failed),
        SchemaState::Older | SchemaState::Missing => Ok(None),
    }
}

#[cfg(test)]
mod tests;
