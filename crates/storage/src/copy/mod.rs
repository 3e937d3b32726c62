//! Copies everything that a database holds into an empty one, of the other kind or of the same.
//!
//! The source is read on one snapshot. The target is written in one transaction, in which it is read again and compared
//! before it is committed: so it holds all of it or nothing, and whoever was stopped begins anew.

mod value;

use std::fmt;

use domain::error::StorageError;
use domain::ports::Discrepancy;
use thiserror::Error;

use crate::tables::{TABLES, Table};
use crate::verify::Verification;
use crate::{DatabaseUrl, OpenError};
pub use value::Checksum;
pub(crate) use value::Row;
use value::Summer;

/// How many rows are written at a time.
const BATCH: usize = 10_000;

/// How far a copy is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Progress {
    /// What is being done.
    pub step: Step,
    /// How many rows were copied or compared, of all tables together.
    pub done: u64,
    /// How many rows have to be: each is copied once and compared once.
    pub total: u64,
}

/// What is being done.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Step {
    /// The rows of a table are written into the target.
    Copying(&'static str),
    /// The target gets ready to be read.
    Completing,
    /// The rows of a table are read back.
    Comparing(&'static str),
    /// What the target keeps twice is compared, as `headroom verify` does.
    Verifying,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Copying(table) => write!(f, "copying {table}"),
            Self::Completing => f.write_str("completing"),
            Self::Comparing(table) => write!(f, "comparing {table}"),
            Self::Verifying => f.write_str("verifying"),
        }
    }
}

/// What a table held, in the source as in the target.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CopiedTable {
    /// Its name.
    pub name: &'static str,
    /// How many rows it has.
    pub rows: u64,
    /// The checksum of them all.
    pub checksum: Checksum,
}

/// Why there is no copy. Nothing was written then, but for a target's empty tables.
#[derive(Debug, Error)]
pub enum CopyError {
    /// There is no file to copy from.
    #[error("there is no database at {0}")]
    Missing(String),
    /// A database cannot be copied into itself.
    #[error("{0} is both what to copy from and what to copy to")]
    Same(String),
    /// A copy would mix with what is there.
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
    /// A database failed, or holds what Headroom never wrote.
    #[error("cannot copy, {url} says: {error}")]
    Failed {
        /// The database, without its password.
        url: String,
        /// What happened.
        error: StorageError,
    },
    /// What was read back is not what was written.
    #[error("{table} differs: {from} rows with checksum {from_checksum} became {to} with {to_checksum}")]
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
    /// What the source keeps twice does not agree.
    #[error("what would be copied does not agree with itself, see headroom verify on the source: {}", listed(.0))]
    Unsound(Vec<Discrepancy>),
}

/// The first of what is wrong, and how many more there are.
fn listed(found: &[Discrepancy]) -> String {
    let first: Vec<String> = found.iter().take(3).map(ToString::to_string).collect();
    let more =
        if found.len() > first.len() { format!("; and {} more", found.len() - first.len()) } else { String::new() };
    format!("{}{more}", first.join("; "))
}

/// What is done with each row that is read.
pub(crate) type Take<'a> = dyn FnMut(Row) -> Result<(), CopyError> + 'a;

/// A database to copy from, on one snapshot.
pub(crate) trait Source {
    /// How many rows a table has.
    fn count(&mut self, table: &'static Table) -> Result<u64, CopyError>;

    /// Hands over a table's rows in the order of its key.
    fn read(&mut self, table: &'static Table, take: &mut Take<'_>) -> Result<(), CopyError>;
}

/// A database to copy to, in a transaction that nobody else writes beside. Without [`Target::commit`] it stays empty.
pub(crate) trait Target: Source {
    /// Writes rows of a table, in the order of its key.
    fn write(&mut self, table: &'static Table, rows: &[Row]) -> Result<(), CopyError>;

    /// Makes what is made of the rows, and gets ready to be read.
    fn complete(&mut self) -> Result<(), CopyError>;

    /// What is kept twice and does not agree.
    fn verify(&mut self) -> Result<Verification, CopyError>;

    /// Makes it durable.
    fn commit(&mut self) -> Result<(), CopyError>;
}

/// Copies everything in the database at `from` into the empty one at `to`, compares the two, and tells `progress` now and
/// then. Not from async code: it waits.
///
/// What is written to the source after this begins is not in the copy.
///
/// # Errors
/// [`CopyError`]: then `to` is as empty as it was.
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
        DatabaseUrl::Sqlite(path) => Box::new(crate::sqlite::copy::File::source(path)?),
        DatabaseUrl::Postgres(url) => Box::new(crate::postgres::copy::Database::source(url)?),
    };
    let mut target: Box<dyn Target> = match to {
        DatabaseUrl::Sqlite(path) => Box::new(crate::sqlite::copy::File::target(path)?),
        DatabaseUrl::Postgres(url) => Box::new(crate::postgres::copy::Database::target(url)?),
    };
    run(source.as_mut(), target.as_mut(), progress)
}

/// Whether the URLs are the same, as far as they tell. That a database which has rows is no target is what protects it.
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
            progress(Progress { step: Step::Copying(table.name), done, total });
        })?;
        copied.push(CopiedTable { name: table.name, rows, checksum });
    }
    progress(Progress { step: Step::Completing, done, total });
    target.complete()?;
    for (table, from) in TABLES.into_iter().zip(&copied) {
        let (rows, checksum) = sum(target, table, &mut |rows| {
            done += rows;
            progress(Progress { step: Step::Comparing(table.name), done, total });
        })?;
        if (rows, checksum) != (from.rows, from.checksum) {
            let (from, from_checksum) = (from.rows, from.checksum);
            return Err(CopyError::Differs { table: table.name, from, from_checksum, to: rows, to_checksum: checksum });
        }
    }
    progress(Progress { step: Step::Verifying, done, total });
    let found = target.verify()?;
    if found.findings_total > 0 {
        return Err(CopyError::Unsound(found.findings));
    }
    target.commit()?;
    Ok(copied)
}

/// Copies a table; tells how many rows it copied since it last did.
fn copy_table(
    source: &mut dyn Source,
    target: &mut dyn Target,
    table: &'static Table,
    progress: &mut dyn FnMut(u64),
) -> Result<(u64, Checksum), CopyError> {
    let (mut summer, mut batch) = (Summer::new(), Vec::with_capacity(BATCH));
    progress(0);
    source.read(table, &mut |row| {
        summer.add(&row);
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
    Ok(summer.finish())
}

/// Reads a table back; tells how many rows it read since it last did.
fn sum(
    target: &mut dyn Target,
    table: &'static Table,
    progress: &mut dyn FnMut(u64),
) -> Result<(u64, Checksum), CopyError> {
    let (mut summer, mut read) = (Summer::new(), 0);
    progress(0);
    target.read(table, &mut |row| {
        summer.add(&row);
        read += 1;
        if read == BATCH {
            progress(BATCH as u64);
            read = 0;
        }
        Ok(())
    })?;
    progress(read as u64);
    Ok(summer.finish())
}

#[cfg(test)]
mod tests {
    use domain::error::StorageError;
    use domain::{Date, Role};
    use testkit::block_on;
    use testkit::fixtures::{CountingIds, NOW, account, audit_entry, booking, user};

    use super::*;
    use crate::sqlite::copy::File;
    use crate::{AnyStore, StoreOptions};

    /// A target to which something happens before it is compared.
    struct Struck(File, &'static str);

    impl Source for Struck {
        fn count(&mut self, table: &'static Table) -> Result<u64, CopyError> {
            self.0.count(table)
        }

        fn read(&mut self, table: &'static Table, take: &mut Take<'_>) -> Result<(), CopyError> {
            self.0.read(table, take)
        }
    }

    impl Target for Struck {
        fn write(&mut self, table: &'static Table, rows: &[Row]) -> Result<(), CopyError> {
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
    fn any_difference_is_found_before_the_copy_counts() {
        for (sql, table) in [
            ("UPDATE bookings SET notes = 'x' WHERE rowid = 7", "bookings"),
            ("UPDATE bookings SET starts_at = starts_at + 1 WHERE rowid = 29", "bookings"),
            ("UPDATE bookings SET request_id = 'another' WHERE rowid = 29", "bookings"),
            ("UPDATE accounts SET version = 2", "accounts"),
            ("UPDATE usage_counters SET used = 1", "usage_counters"),
            ("INSERT INTO usage_counters SELECT id, 'staff', 0, 1 FROM accounts", "usage_counters"),
            ("UPDATE members SET role = 'viewer'", "members"),
            ("UPDATE users SET is_operator = 1", "users"),
            ("DELETE FROM members", "members"),
        ] {
            let dir = tempfile::tempdir().unwrap();
            let [from, to] = urls(&dir);
            fill(&from);
            let [mut source, target] =
                [File::source(&dir.path().join("from.db")), File::target(&dir.path().join("to.db"))]
                    .map(Result::unwrap);
            let refusal = run(&mut source, &mut Struck(target, sql), &mut |_| ()).unwrap_err();
            assert!(matches!(refusal, CopyError::Differs { table: differs, .. } if differs == table), "{refusal}");
            // It is as empty as it was.
            copy(&from, &to, &mut |_| ()).unwrap();
        }
    }

    #[test]
    fn a_source_whose_counters_are_not_those_of_its_rows_is_not_copied() {
        for sql in [
            "UPDATE usage_counters SET used = 31",
            "DELETE FROM usage_counters",
            "DELETE FROM bookings WHERE rowid = 3",
            "INSERT INTO usage_counters SELECT id, 'staff', 0, 1 FROM accounts",
        ] {
            let dir = tempfile::tempdir().unwrap();
            let [from, to] = urls(&dir);
            fill(&from);
            rusqlite::Connection::open(dir.path().join("from.db")).unwrap().execute_batch(sql).unwrap();
            let refusal = copy(&from, &to, &mut |_| ()).unwrap_err();
            assert!(matches!(refusal, CopyError::Unsound(_)), "{refusal}");
        }
    }
}
