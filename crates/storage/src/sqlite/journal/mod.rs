//! What changed of accounts lately: written in the order in which it was committed, known to this process, and carried on or
//! brought into the accounts' rows before it is written over (docs/adr/0018-account-journal.md).

mod batch;
mod rows;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::AccountId;
use domain::error::StorageError;
use rusqlite::{Connection, params};

use super::booking_list::RECENT_MAX;
use super::row;
use super::state::State;
use crate::OpenError;
use crate::error::storage_error;
pub(super) use batch::{Batch, Fold};
use rows::{ROWS, find_state, has_row, newest_row, no_row, read_row, seq_in_slot, take_state};

/// How many accounts are known, before those are forgotten whose rows have long been up to date.
const KNOWN_MAX: usize = if cfg!(test) { 8 } else { 1 << 17 };
/// How long that is: so many rows of the journal. Nobody's snapshot is likely to be older.
const LONG: i64 = ROWS / 4;

/// An account's newest state, and the row that has it.
#[derive(Clone, Debug)]
struct Entry {
    seq: i64,
    state: Box<[u8]>,
}

/// How far the accounts' rows are up to date.
#[derive(Clone, Copy, Debug, Default)]
struct Folded {
    /// They have all that rows of the journal up to this one say.
    until: i64,
    /// For snapshots that have this row.
    at: i64,
}

/// What this process knows of the journal: all up to a row, or to a later one than a snapshot has.
#[derive(Debug, Default)]
pub(super) struct Journal {
    states: HashMap<AccountId, Entry>,
    /// The newest row that is known.
    end: i64,
    folded: Folded,
    /// What `folded` was some time ago.
    folded_before: Folded,
    /// For snapshots that have this row, the row of an account that is not among the states is up to date.
    floor: i64,
}

/// A journal that the writer and the readers of a process share.
pub(super) type Shared = Arc<Mutex<Journal>>;

fn lock(journal: &Mutex<Journal>) -> MutexGuard<'_, Journal> {
    journal.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Journal {
    /// What the database has, to be shared.
    pub(super) fn open(connection: &Connection) -> Result<Shared, OpenError> {
        let snapshot = connection.unchecked_transaction()?;
        Ok(Arc::new(Mutex::new(Self::load(&snapshot)?)))
    }

    /// Reads what a snapshot has of the journal and the accounts' rows do not.
    pub(super) fn load(connection: &Connection) -> Result<Self, StorageError> {
        // The first slot tells how often the journal has gone round.
        let Some(first) = seq_in_slot(connection, 1)? else { return Ok(Self::default()) };
        let end = newest_row(connection, first, first + ROWS)?;
        let until = read_row(connection, end, |folded, _| Ok(folded))?.unwrap_or_default();
        let folded = Folded { until, at: end };
        let mut journal = Self { states: HashMap::new(), end, folded, folded_before: folded, floor: end };
        for seq in folded.until + 1..=end {
            if !journal.take_row(connection, seq)? {
                return Err(no_row(seq));
            }
        }
        Ok(journal)
    }

    /// The newest row of a snapshot; all rows up to it are known from now on.
    fn catch_up(&mut self, connection: &Connection) -> Result<i64, StorageError> {
        // Mostly it is the newest that is known, or one that was written since.
        if has_row(connection, self.end)? {
            while self.take_row(connection, self.end + 1)? {
                self.end += 1;
            }
            self.forget_folded();
            return Ok(self.end);
        }
        // Or this process has committed since the snapshot: of the rows that it could have, it has all up to the newest.
        let oldest = (self.end - ROWS).max(0);
        let newest = newest_row(connection, oldest, self.end)?;
        if newest > oldest {
            return Ok(newest);
        }
        let snapshot = Self::load(connection)?;
        let newest = snapshot.end;
        if newest > self.end {
            *self = snapshot;
        }
        Ok(newest)
    }

    /// Notes the states of a row; says whether there is such a row.
    fn take_row(&mut self, connection: &Connection, seq: i64) -> Result<bool, StorageError> {
        let taken = read_row(connection, seq, |folded, mut states| {
            while let Some((account, state)) = take_state(&mut states)? {
                self.states.insert(account, Entry { seq, state: state.into() });
            }
            self.note_folded(folded, seq);
            Ok(())
        })?;
        Ok(taken.is_some())
    }

    fn note_folded(&mut self, until: i64, at: i64) {
        if until > self.folded.until {
            self.folded = Folded { until, at };
        }
    }

    /// Forgets accounts whose rows have long been up to date, if many are known.
    fn forget_folded(&mut self) {
        if self.folded.until - self.folded_before.until < LONG {
            return;
        }
        let long = std::mem::replace(&mut self.folded_before, self.folded);
        if self.states.len() > KNOWN_MAX {
            self.states.retain(|_, entry| entry.seq > long.until);
            self.floor = long.at;
        }
    }

    /// Puts the states into a table, and in place of the accounts a view that has them, both of this connection and its
    /// transaction alone: for SQL that reads all accounts as they are.
    pub(super) fn show(connection: &Connection) -> Result<(), StorageError> {
        let journal = Self::load(connection)?;
        // Of a file that is opened only to be read, its temporary tables are written all the same.
        let is_reader: bool =
            connection.pragma_query_value(None, "query_only", |row| row.get(0)).map_err(storage_error)?;
        connection.pragma_update(None, "query_only", false).map_err(storage_error)?;
        connection.execute_batch(VIEW).map_err(storage_error)?;
        let sql = "INSERT INTO temp.states VALUES (?1, ?2, ?3, ?4, ?5)";
        let mut statement = connection.prepare(sql).map_err(storage_error)?;
        for (account, entry) in &journal.states {
            let state = State::parse(&entry.state)?;
            let (id, head) = (row::id(account.uuid()), state.audit_head.map(row::id));
            let (days, recent) = (state.day_counts.to_json(), state.recent.to_bytes(RECENT_MAX));
            statement.execute(params![id, head, days, state.bookings, recent]).map_err(storage_error)?;
        }
        connection.pragma_update(None, "query_only", is_reader).map_err(storage_error)
    }
}

const VIEW: &str = "
    CREATE TEMP TABLE states (
        account_id BLOB NOT NULL PRIMARY KEY,
        audit_head BLOB,
        day_counts TEXT NOT NULL,
        bookings INTEGER NOT NULL,
        recent_bookings BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TEMP VIEW accounts AS
    SELECT a.id, a.name, a.time_zone, a.created_at, a.deleted_at, a.subscription_id, a.plan, a.subscribed_at, a.plan_since,
        a.has_more, a.roles,
        iif(s.account_id IS NULL, a.audit_head, s.audit_head) AS audit_head,
        coalesce(s.day_counts, a.day_counts) AS day_counts,
        coalesce(s.bookings, a.bookings) AS bookings,
        coalesce(s.recent_bookings, a.recent_bookings) AS recent_bookings
    FROM main.accounts a LEFT JOIN temp.states s ON s.account_id = a.id;";

/// What a snapshot says of accounts.
pub(super) struct Snapshot<'store> {
    journal: &'store Mutex<Journal>,
    newest: Option<i64>,
}

impl<'store> Snapshot<'store> {
    pub(super) const fn new(journal: &'store Mutex<Journal>) -> Self {
        Self { journal, newest: None }
    }

    /// The account's state, unless its row has it.
    pub(super) fn state(&mut self, connection: &Connection, id: AccountId) -> Result<Option<State>, StorageError> {
        let mut journal = lock(self.journal);
        let newest = match self.newest {
            Some(newest) => newest,
            None => *self.newest.insert(journal.catch_up(connection)?),
        };
        match journal.states.get(&id) {
            Some(entry) if entry.seq <= newest => State::parse(&entry.state).map(Some),
            None if journal.floor <= newest => Ok(None),
            // What is known is newer than the snapshot.
            _ => {
                drop(journal);
                find_state(connection, newest, id)
            }
        }
    }
}
