//! Copies all rows of a database into an empty one, of the same kind or the other.
//!
//! The source is read on one snapshot. The target is written in one transaction, and read back and
//! compared in it before it is committed. So the target holds all rows or none, and a copy that was
//! stopped starts again from the beginning.

mod checksum;
mod postgres;
mod sqlite;

use std::fmt;

use domain::error::StorageError;
use domain::ports::Discrepancy;
use thiserror::Error;

use crate::tables::{TABLES, Table};
use crate::verify::{Verification, summary};
use crate::{DatabaseUrl, OpenError};
pub use checksum::Checksum;
use checksum::{ChecksumBuilder, CopyRow};
use postgres::PostgresDatabase;
use sqlite::SqliteDatabase;

/// How many rows are written at a time.
const BATCH: usize = 10_000;

/// The progress of a copy.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Progress {
    /// The current step.
    pub step: CopyStep,
    /// How many rows of all tables have been copied or compared.
    pub done: u64,
    /// How many rows are to be copied or compared: twice the number of rows.
    pub total: u64,
}

/// A step of a copy.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CopyStep {
    /// Writes the rows of a table into the target.
    Copying(&'static str),
    /// Prepares the target for reads.
    Completing,
    /// Reads the rows of a table back.
    Comparing(&'static str),
    /// Compares the target's usage counters with its rows, as `headroom verify` does.
    Verifying,
}

impl fmt::Display for CopyStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Copying(table) => write!(f, "copying {table}"),
            Self::Completing => f.write_str("completing"),
            Self::Comparing(table) => write!(f, "comparing {table}"),
            Self::Verifying => f.write_str("verifying"),
        }
    }
}

/// A table that was copied.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CopiedTable {
    /// Its name.
    pub name: &'static str,
    /// How many rows it has.
    pub rows: u64,
    /// The checksum of its rows.
    pub checksum: Checksum,
}

/// Why a copy failed. The target has no rows then, but it may have empty tables.
#[derive(Debug, Error)]
pub enum CopyError {
    /// The source is a file that does not exist.
    #[error("there is no database at {0}")]
    Missing(String),
    /// The source and the target are the same database.
    #[error("{0} is both the source and the target")]
    Same(String),
    /// The target has rows.
    #[error(
        "{url} is not empty, there are rows in {table}: a copy goes into a new database, \
         on which Headroom has not been started yet"
    )]
    NotEmpty {
        /// The target, without its password.
        url: String,
        /// A table that has rows.
        table: String,
    },
    /// A database could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A database failed, or a stored value is invalid.
    #[error("cannot copy: {url}: {error}")]
    Failed {
        /// The database, without its password.
        url: String,
        /// The failure.
        error: StorageError,
    },
    /// The rows that were read back differ from those of the source.
    #[error(
        "{table} differs: the source has {from} rows with checksum {from_checksum}, the target {to} with {to_checksum}"
    )]
    Differs {
        /// The table.
        table: &'static str,
        /// How many rows the source has.
        from: u64,
        /// The checksum of the source.
        from_checksum: Checksum,
        /// How many rows the target has.
        to: u64,
        /// The checksum of the target.
        to_checksum: Checksum,
    },
    /// Usage counters of the source differ from the rows that they count.
    #[error("the source is inconsistent, run headroom verify on it: {}", summary(.0))]
    Inconsistent(Vec<Discrepancy>),
}

/// Converts a failure of the database at `url`.
fn failed_at(url: &str) -> impl Fn(StorageError) -> CopyError + use<> {
    let url = url.to_owned();
    move |error| CopyError::Failed { url: url.clone(), error }
}

/// A function that is called with each row of a table.
type VisitRow<'a> = dyn FnMut(CopyRow) -> Result<(), CopyError> + 'a;

/// A database to copy from, on one snapshot.
trait Source {
    /// How many rows a table has.
    fn count(&mut self, table: &'static Table) -> Result<u64, CopyError>;

    /// Reads a table's rows in the order of its key.
    fn read(&mut self, table: &'static Table, visit: &mut VisitRow<'_>) -> Result<(), CopyError>;
}

/// A database to copy to, in a transaction that excludes other writers. Without [`Target::commit`]
/// it stays empty.
trait Target: Source {
    /// Writes rows of a table, in the order of its key.
    fn write(&mut self, table: &'static Table, rows: &[CopyRow]) -> Result<(), CopyError>;

    /// Prepares the target for reads, when all rows are written.
    fn complete(&mut self) -> Result<(), CopyError>;

    /// Compares usage counters with the rows that they count.
    fn verify(&mut self) -> Result<Verification, CopyError>;

    /// Commits all rows.
    fn commit(&mut self) -> Result<(), CopyError>;
}

/// Copies all rows of the database at `from` into the empty one at `to`, compares the two, and
/// calls `progress` now and then. Blocks: do not call it from async code.
///
/// The copy is the source as it is when the copy begins. Later writes to the source are not in it.
///
/// # Errors
/// [`CopyError`]. The target is as empty as it was.
pub fn copy(
    from: &DatabaseUrl,
    to: &DatabaseUrl,
    progress: &mut dyn FnMut(Progress),
) -> Result<Vec<CopiedTable>, CopyError> {
    if is_same(from, to) {
        return Err(CopyError::Same(from.to_string()));
    }
    if from.is_missing_file() {
        return Err(CopyError::Missing(from.to_string()));
    }
    let mut source: Box<dyn Source> = match from {
        DatabaseUrl::Sqlite(path) => Box::new(SqliteDatabase::source(path)?),
        DatabaseUrl::Postgres(url) => Box::new(PostgresDatabase::source(url)?),
    };
    let mut target: Box<dyn Target> = match to {
        DatabaseUrl::Sqlite(path) => Box::new(SqliteDatabase::target(path)?),
        DatabaseUrl::Postgres(url) => Box::new(PostgresDatabase::target(url)?),
    };
    run(source.as_mut(), target.as_mut(), progress)
}

/// Whether both URLs name the same database, as far as the URLs show. What protects the
/// source in any case is that a target must be empty.
fn is_same(from: &DatabaseUrl, to: &DatabaseUrl) -> bool {
    match (from, to) {
        (DatabaseUrl::Sqlite(from), DatabaseUrl::Sqlite(to)) => {
            from == to || from.canonicalize().is_ok_and(|from| to.canonicalize().is_ok_and(|to| from == to))
        }
        (DatabaseUrl::Postgres(from), DatabaseUrl::Postgres(to)) => from.to_string() == to.to_string(),
        _ => false,
    }
}

fn run(
    source: &mut dyn Source,
    target: &mut dyn Target,
    progress: &mut dyn FnMut(Progress),
) -> Result<Vec<CopiedTable>, CopyError> {
    let mut total = 0;
    for table in TABLES {
        total += 2 * source.count(table)?;
    }
    let mut done = 0;
    let mut copied = Vec::with_capacity(TABLES.len());
    for table in TABLES {
        let (rows, checksum) = copy_table(source, target, table, &mut |rows| {
            done += rows;
            progress(Progress { step: CopyStep::Copying(table.name), done, total });
        })?;
        copied.push(CopiedTable { name: table.name, rows, checksum });
    }
    progress(Progress { step: CopyStep::Completing, done, total });
    target.complete()?;
    for (table, from) in TABLES.into_iter().zip(&copied) {
        let (rows, checksum) = read_back(target, table, &mut |rows| {
            done += rows;
            progress(Progress { step: CopyStep::Comparing(table.name), done, total });
        })?;
        if (rows, checksum) != (from.rows, from.checksum) {
            let (from, from_checksum) = (from.rows, from.checksum);
            return Err(CopyError::Differs { table: table.name, from, from_checksum, to: rows, to_checksum: checksum });
        }
    }
    progress(Progress { step: CopyStep::Verifying, done, total });
    let verification = target.verify()?;
    if verification.findings_total > 0 {
        return Err(CopyError::Inconsistent(verification.findings));
    }
    target.commit()?;
    Ok(copied)
}

/// Copies a table. Calls `progress` with the number of rows copied since the last call.
fn copy_table(
    source: &mut dyn Source,
    target: &mut dyn Target,
    table: &'static Table,
    progress: &mut dyn FnMut(u64),
) -> Result<(u64, Checksum), CopyError> {
    let (mut builder, mut batch) = (ChecksumBuilder::new(), Vec::with_capacity(BATCH));
    progress(0);
    source.read(table, &mut |row| {
        builder.add(&row);
        batch.push(row);
        if batch.len() == BATCH {
            target.write(table, &batch)?;
            batch.clear();
            progress(BATCH as u64);
        }
        Ok(())
    })?;
    target.write(table, &batch)?;
    progress(batch.len() as u64);
    Ok(builder.finish())
}

/// Reads a table back. Calls `progress` with the number of rows read since the last call.
fn read_back(
    target: &mut dyn Target,
    table: &'static Table,
    progress: &mut dyn FnMut(u64),
) -> Result<(u64, Checksum), CopyError> {
    let (mut builder, mut read) = (ChecksumBuilder::new(), 0);
    progress(0);
    target.read(table, &mut |row| {
        builder.add(&row);
        read += 1;
        if read == BATCH {
            progress(BATCH as u64);
            read = 0;
        }
        Ok(())
    })?;
    progress(read as u64);
    Ok(builder.finish())
}

#[cfg(test)]
mod tests {
    use domain::error::StorageError;
    use domain::{Charge, Date, Role};
    use testkit::block_on;
    use testkit::fixtures::{
        CountingIds, NOW, account, allocation, audit_entry, booking, metric_key, usage_record, user,
    };

    use super::*;
    use crate::{AnyStore, StoreOptions};

    /// A target in which a statement changes rows before they are compared.
    struct ChangedTarget(SqliteDatabase, &'static str);

    impl Source for ChangedTarget {
        fn count(&mut self, table: &'static Table) -> Result<u64, CopyError> {
            self.0.count(table)
        }

        fn read(&mut self, table: &'static Table, visit: &mut VisitRow<'_>) -> Result<(), CopyError> {
            self.0.read(table, visit)
        }
    }

    impl Target for ChangedTarget {
        fn write(&mut self, table: &'static Table, rows: &[CopyRow]) -> Result<(), CopyError> {
            self.0.write(table, rows)
        }

        fn complete(&mut self) -> Result<(), CopyError> {
            self.0.complete()?;
            self.0.run(self.1)
        }

        fn verify(&mut self) -> Result<Verification, CopyError> {
            self.0.verify()
        }

        fn commit(&mut self) -> Result<(), CopyError> {
            self.0.commit()
        }
    }

    fn fill(url: &DatabaseUrl) {
        let store = AnyStore::open(url, StoreOptions::default()).unwrap();
        let fill = |tx: &mut dyn domain::ports::WriteTx| {
            let ids = CountingIds::default();
            let (ann, salon) = (ids.user(), ids.account());
            tx.insert_user(&user(ann, "ann"))?;
            tx.insert_account(&account(salon))?;
            tx.put_member(salon, ann, Role::Owner, NOW)?;
            let charge = Charge { metric: metric_key("sms"), window_start: NOW, quantity: 3 };
            let record = usage_record(salon, ids.usage_record(), "sms", 3);
            tx.insert_usage_record(&record)?;
            tx.charge(salon, record.id.uuid(), &[charge], true)?;
            tx.put_allocation(&allocation(salon, "disks", "a", 5))?;
            for _ in 0..30 {
                tx.insert_booking(&booking(salon, ids.booking(), Date::constant(2026, 3, 29)))?;
                tx.append_audit(&audit_entry(ids.audit_entry(), Some(salon), ann))?;
            }
            Ok::<_, StorageError>(())
        };
        block_on(domain::ports::Store::write(&store, fill)).unwrap();
        store.close();
    }

    fn urls(dir: &tempfile::TempDir) -> [DatabaseUrl; 2] {
        ["from.db", "to.db"].map(|name| DatabaseUrl::Sqlite(dir.path().join(name)))
    }

    #[test]
    fn any_difference_is_found_before_the_commit() {
        for (sql, table) in [
            ("UPDATE bookings SET notes = 'x' WHERE rowid = 7", "bookings"),
            ("UPDATE bookings SET starts_at = starts_at + 1 WHERE rowid = 29", "bookings"),
            ("UPDATE bookings SET request_id = 'another' WHERE rowid = 29", "bookings"),
            ("UPDATE accounts SET version = 2", "accounts"),
            ("UPDATE usage_counters SET used = 1", "usage_counters"),
            ("INSERT INTO usage_counters SELECT id, 'staff', 0, 1, 1 FROM accounts", "usage_counters"),
            ("UPDATE usage_counters SET is_recorded = 0", "usage_counters"),
            ("UPDATE charges SET source_id = randomblob(16)", "charges"),
            ("UPDATE allocations SET key = 'b'", "allocations"),
            ("UPDATE members SET role = 'viewer'", "members"),
            ("UPDATE users SET is_operator = 1", "users"),
            ("DELETE FROM members", "members"),
        ] {
            let dir = tempfile::tempdir().unwrap();
            let [from, to] = urls(&dir);
            fill(&from);
            let [mut source, target] = [
                SqliteDatabase::source(&dir.path().join("from.db")),
                SqliteDatabase::target(&dir.path().join("to.db")),
            ]
            .map(Result::unwrap);
            let refusal = run(&mut source, &mut ChangedTarget(target, sql), &mut |_| ()).unwrap_err();
            assert!(matches!(refusal, CopyError::Differs { table: differs, .. } if differs == table), "{refusal}");
            // The target is still empty.
            copy(&from, &to, &mut |_| ()).unwrap();
        }
    }

    #[test]
    fn a_source_with_wrong_counters_is_not_copied() {
        for sql in [
            "UPDATE usage_counters SET used = 31 WHERE metric = 'bookings_per_day'",
            "UPDATE charges SET quantity = 4",
            "DELETE FROM charges",
            "UPDATE allocations SET quantity = 4",
            "DELETE FROM allocations",
            "DELETE FROM usage_counters",
            "DELETE FROM bookings WHERE rowid = 3",
            "INSERT INTO usage_counters SELECT id, 'staff', 0, 1, 1 FROM accounts",
        ] {
            let dir = tempfile::tempdir().unwrap();
            let [from, to] = urls(&dir);
            fill(&from);
            rusqlite::Connection::open(dir.path().join("from.db")).unwrap().execute_batch(sql).unwrap();
            let refusal = copy(&from, &to, &mut |_| ()).unwrap_err();
            assert!(matches!(refusal, CopyError::Inconsistent(_)), "{refusal}");
        }
    }
}
