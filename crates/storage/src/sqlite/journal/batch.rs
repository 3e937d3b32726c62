//! What the writer adds to the journal, and what becomes of the rows that it writes over.

use std::collections::BTreeMap;

use domain::AccountId;
use domain::error::StorageError;
use rusqlite::{Connection, params};

use super::rows::{BYTES, ROWS, STATE_HEAD, no_row, read_row, take_state};
use super::{Entry, Shared, lock};
use crate::error::storage_error;
use crate::sqlite::account_rows::AccountRows;
use crate::sqlite::booking_list::RECENT_MAX;
use crate::sqlite::row;
use crate::sqlite::state::State;
use crate::sqlite::tx::SqliteTx;

/// Accounts and their states.
type States = Vec<(AccountId, Box<[u8]>)>;

/// What a batch of units does to accounts.
pub(in crate::sqlite) struct Batch {
    journal: Shared,
    pub(in crate::sqlite) rows: AccountRows,
    /// What SQLite's `data_version` is in this transaction: it differs once another connection has committed.
    data_version: i64,
    /// What it was in the last transaction, if that was committed.
    known_version: Option<i64>,
    /// What the units so far have left.
    kept: BTreeMap<AccountId, Box<[u8]>>,
    /// What the unit that runs has.
    of_unit: States,
    /// What becomes known when the batch is committed.
    written: Vec<Written>,
}

/// A row of the journal.
struct Written {
    seq: i64,
    folded: i64,
    states: States,
}

/// How much of the journal a batch brings into the accounts' rows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::sqlite) enum Fold {
    /// No more than it takes to write its own.
    InStep,
    All,
}

/// How many bytes of a row a state takes.
fn size(state: &[u8]) -> usize {
    STATE_HEAD + state.len()
}

/// Brings an account's row up to date; or makes its newest bookings few enough for that, to be done another time, and answers
/// its state.
fn fold(connection: &Connection, account: AccountId, state: &[u8]) -> Result<Option<Box<[u8]>>, StorageError> {
    let mut state = State::parse(state)?;
    let mut tx = SqliteTx::new(connection);
    if state.recent.0.len() <= RECENT_MAX {
        tx.write_state(account, &state)?;
        return Ok(None);
    }
    let full = std::mem::take(&mut state.recent);
    tx.append_to_pages(account, state.bookings, &full)?;
    Ok(Some(state.to_bytes().into()))
}

/// The rows that a batch writes, in the making.
struct Packing {
    /// The accounts that the batch's own units changed, in order.
    changed: Vec<AccountId>,
    rows: Vec<Packed>,
}

#[derive(Default)]
struct Packed {
    bytes: Vec<u8>,
    states: States,
}

impl Packing {
    fn of(kept: BTreeMap<AccountId, Box<[u8]>>) -> Self {
        let mut packing = Self { changed: kept.keys().copied().collect(), rows: Vec::new() };
        for (account, state) in kept {
            packing.add(account, state);
        }
        packing
    }

    /// Adds a state, to the last row if it has room for it, else to another.
    fn add(&mut self, account: AccountId, state: Box<[u8]>) {
        if size(&state) > self.free() {
            self.rows.push(Packed { bytes: Vec::with_capacity(BYTES), states: States::new() });
        }
        if let Some(Packed { bytes, states }) = self.rows.last_mut() {
            bytes.extend_from_slice(&u16::try_from(state.len()).unwrap_or(u16::MAX).to_be_bytes());
            bytes.extend_from_slice(account.uuid().as_bytes());
            bytes.extend_from_slice(&state);
            states.push((account, state));
        }
    }

    /// How many bytes more the last row takes.
    fn free(&self) -> usize {
        self.rows.last().map_or(0, |row| BYTES.saturating_sub(row.bytes.len()))
    }

    fn bytes(&self) -> usize {
        self.rows.iter().map(|row| row.bytes.len()).sum()
    }
}

impl Batch {
    pub(in crate::sqlite) fn new(journal: Shared) -> Self {
        let (rows, data_version, known_version, kept, of_unit, written) = Default::default();
        Self { journal, rows, data_version, known_version, kept, of_unit, written }
    }

    /// Begins with what is committed: the transaction has begun, and nobody else writes until it ends.
    pub(in crate::sqlite) fn begin(&mut self, connection: &Connection) -> Result<(), StorageError> {
        self.kept.clear();
        self.of_unit.clear();
        self.written.clear();
        let mut statement = connection.prepare_cached("PRAGMA data_version").map_err(storage_error)?;
        self.data_version = statement.query_row([], |row| row.get(0)).map_err(storage_error)?;
        let is_known = self.known_version.take() == Some(self.data_version);
        self.rows.begin(is_known);
        if !is_known {
            lock(&self.journal).catch_up(connection)?;
        }
        Ok(())
    }

    /// The account's state, unless its row has it.
    pub(in crate::sqlite) fn state(&self, id: AccountId) -> Result<Option<State>, StorageError> {
        let of_unit = self.of_unit.iter().rev().find(|(account, _)| *account == id).map(|(_, state)| state);
        if let Some(state) = of_unit.or_else(|| self.kept.get(&id)) {
            return State::parse(state).map(Some);
        }
        lock(&self.journal).states.get(&id).map(|entry| State::parse(&entry.state)).transpose()
    }

    /// Notes what the unit that runs makes of an account.
    pub(in crate::sqlite) fn note(&mut self, id: AccountId, state: &State) {
        self.of_unit.push((id, state.to_bytes().into()));
    }

    /// Keeps what the unit made, or not.
    pub(in crate::sqlite) fn end_unit(&mut self, is_kept: bool) {
        if is_kept { self.kept.extend(self.of_unit.drain(..)) } else { self.of_unit.clear() }
    }

    /// Writes the journal, before the transaction is committed.
    pub(in crate::sqlite) fn finish(&mut self, connection: &Connection, fold: Fold) -> Result<(), StorageError> {
        if self.kept.is_empty() && fold == Fold::InStep {
            return Ok(());
        }
        let (end, folded) = {
            let journal = lock(&self.journal);
            (journal.end, journal.folded.until)
        };
        let mut packing = Packing::of(std::mem::take(&mut self.kept));
        let folded = match fold {
            Fold::InStep => self.make_room(connection, end, folded, &mut packing)?,
            Fold::All => self.fold_all(connection, end, folded, &mut packing)?,
        };
        self.write(connection, end, folded, packing)
    }

    /// Takes what is still needed out of the oldest rows, as many as the batch writes over, and has the batch carry it on, or
    /// brings it into the accounts' rows; says up to which row nothing is needed.
    ///
    /// A page of an account's row costs some ten times as much as to carry a state on. So it carries three times as much as
    /// it adds, and what fills its rows: accounts stay in the journal for as long as they fill no more than three quarters of
    /// it.
    fn make_room(
        &self,
        connection: &Connection,
        end: i64,
        mut folded: i64,
        packing: &mut Packing,
    ) -> Result<i64, StorageError> {
        let mut to_carry = 3 * packing.bytes();
        while end + row::limit(packing.rows.len()) - folded > ROWS {
            folded += 1;
            for (account, state) in self.needed(connection, folded, &packing.changed)? {
                let is_carried = size(&state) <= packing.free().max(to_carry);
                let left = if is_carried { Some(state) } else { fold(connection, account, &state)? };
                if let Some(state) = left {
                    to_carry = to_carry.saturating_sub(size(&state));
                    packing.add(account, state);
                }
            }
        }
        Ok(folded)
    }

    /// The states of a row that no later row has another for, nor this batch.
    fn needed(&self, connection: &Connection, seq: i64, changed: &[AccountId]) -> Result<States, StorageError> {
        let journal = lock(&self.journal);
        let needed = read_row(connection, seq, |_, mut states| {
            let mut needed = States::new();
            while let Some((account, state)) = take_state(&mut states)? {
                let is_newest = journal.states.get(&account).is_some_and(|entry| entry.seq == seq);
                if is_newest && changed.binary_search(&account).is_err() {
                    needed.push((account, state.into()));
                }
            }
            Ok(needed)
        })?;
        needed.ok_or_else(|| no_row(seq))
    }

    /// Brings all accounts' rows up to date, and has the batch write what cannot be there yet; says up to which row nothing is
    /// needed.
    fn fold_all(
        &self,
        connection: &Connection,
        end: i64,
        folded: i64,
        packing: &mut Packing,
    ) -> Result<i64, StorageError> {
        let changed = &packing.changed;
        let is_due = |account, entry: &Entry| entry.seq > folded && changed.binary_search(account).is_err();
        let mut due: States = {
            let journal = lock(&self.journal);
            let due = journal.states.iter().filter(|(account, entry)| is_due(account, entry));
            due.map(|(account, entry)| (*account, entry.state.clone())).collect()
        };
        // In the order of the rows, so that a page is written once for all accounts on it.
        due.sort_unstable_by_key(|(account, _)| *account);
        for (account, state) in due {
            if let Some(state) = fold(connection, account, &state)? {
                packing.add(account, state);
            }
        }
        Ok(end)
    }

    /// Writes the rows after row `end`; if there are none, one that says what is folded.
    fn write(
        &mut self,
        connection: &Connection,
        end: i64,
        folded: i64,
        Packing { mut rows, .. }: Packing,
    ) -> Result<(), StorageError> {
        let sql = "INSERT INTO account_journal (slot, seq, folded, states) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (slot) DO UPDATE SET seq = excluded.seq, folded = excluded.folded, states = excluded.states";
        let mut statement = connection.prepare_cached(sql).map_err(storage_error)?;
        if rows.is_empty() {
            rows.push(Packed::default());
        }
        for (seq, Packed { mut bytes, states }) in (end + 1..).zip(rows) {
            // A row that has no states is as good as folded.
            let folded = if states.is_empty() && folded == seq - 1 { seq } else { folded };
            // The row that it is written over must not be needed any more; nor can a state be longer than a row.
            if seq - folded > ROWS || bytes.len() > BYTES {
                return Err(StorageError::Backend("the journal of accounts is full".into()));
            }
            bytes.resize(BYTES, 0);
            statement.execute(params![seq % ROWS, seq, folded, bytes]).map_err(storage_error)?;
            self.written.push(Written { seq, folded, states });
        }
        Ok(())
    }

    /// Notes that the transaction was committed.
    pub(in crate::sqlite) fn committed(&mut self) {
        self.known_version = Some(self.data_version);
        if self.written.is_empty() {
            return;
        }
        let mut journal = lock(&self.journal);
        for Written { seq, folded, states } in self.written.drain(..) {
            // Unless a reader was faster.
            if seq > journal.end {
                journal.states.extend(states.into_iter().map(|(account, state)| (account, Entry { seq, state })));
                journal.note_folded(folded, seq);
                journal.end = seq;
            }
        }
        journal.forget_folded();
    }

    /// Whether the accounts' rows have all that the journal says, as of the last commit that is known.
    pub(in crate::sqlite) fn is_folded(&self) -> bool {
        let journal = lock(&self.journal);
        journal.folded.until == journal.end
    }
}
