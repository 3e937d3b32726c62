//! What the writer adds to the journal, and how it brings the journal into the accounts' rows.

use std::collections::BTreeMap;
use std::ops::Bound;

use domain::AccountId;
use domain::error::StorageError;
use rusqlite::{Connection, params};

use super::rows::{BYTES, ROWS, STATE_HEAD};
use super::{Entry, Shared, lock};
use crate::error::storage_error;
use crate::sqlite::booking_list::RECENT_MAX;
use crate::sqlite::row;
use crate::sqlite::state::State;
use crate::sqlite::tx::SqliteTx;

/// After how many rows the accounts' rows are brought up to date, and within how many that is done: so there are never
/// many more than twice as many rows that somebody needs.
const SWEEP: i64 = ROWS / 4;

/// What a batch of units does to accounts.
pub(in crate::sqlite) struct Batch {
    journal: Shared,
    /// What the units so far have left.
    kept: BTreeMap<AccountId, Box<[u8]>>,
    /// What the unit that runs has.
    of_unit: Vec<(AccountId, Box<[u8]>)>,
    sweep: Option<Sweep>,
    /// What becomes true when the batch is committed.
    written: Vec<Written>,
    sweep_then: Option<Sweep>,
}

/// A row of the journal.
struct Written {
    seq: i64,
    folded: i64,
    states: Vec<(AccountId, Box<[u8]>)>,
}

/// A walk through the states, in the order in which the accounts' rows stand.
#[derive(Clone, Copy, Debug)]
struct Sweep {
    /// The account that it has come to.
    at: Option<AccountId>,
    /// Up to which row of the journal it brings accounts' rows up to date.
    until: i64,
    /// The states up to this row were in the accounts' rows before, and are forgotten.
    forgotten: i64,
}

/// How much of the journal a batch brings into the accounts' rows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::sqlite) enum Fold {
    /// As much as the batch adds.
    InStep,
    All,
}

impl Batch {
    pub(in crate::sqlite) fn new(journal: Shared) -> Self {
        let (kept, of_unit, written) = (BTreeMap::new(), Vec::new(), Vec::new());
        Self { journal, kept, of_unit, sweep: None, written, sweep_then: None }
    }

    /// Begins with what is committed: the transaction has begun, and nobody else writes until it ends.
    pub(in crate::sqlite) fn begin(&mut self, connection: &Connection) -> Result<(), StorageError> {
        self.kept.clear();
        self.of_unit.clear();
        self.written.clear();
        lock(&self.journal).catch_up(connection).map(drop)
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

    /// Writes the journal, before the transaction is committed, and brings accounts' rows up to date.
    pub(in crate::sqlite) fn finish(&mut self, connection: &Connection, fold: Fold) -> Result<(), StorageError> {
        if self.kept.is_empty() && fold == Fold::InStep {
            return Ok(());
        }
        let (end, folded, known) = {
            let journal = lock(&self.journal);
            (journal.end, journal.folded, row::limit(journal.states.len()))
        };
        let rows = row::limit(self.kept.values().map(|state| STATE_HEAD + state.len()).sum::<usize>() / BYTES + 1);
        // Should others have written much that this process did not bring into the accounts' rows.
        let fold = if end + rows - folded > 3 * SWEEP { Fold::All } else { fold };
        let steps = match fold {
            Fold::InStep => usize::try_from(known * rows / SWEEP + 1).unwrap_or(usize::MAX),
            Fold::All => usize::MAX,
        };
        let begins = fold == Fold::All || self.sweep.is_none() && end - folded >= SWEEP;
        let sweep = if begins { Some(self.begin_sweep()) } else { self.sweep };
        self.sweep_then = sweep.map_or(Ok(None), |sweep| self.step(connection, sweep, steps))?;
        let folded = match (sweep, self.sweep_then) {
            (Some(done), None) => folded.max(done.until),
            _ => folded,
        };
        self.write(connection, end, folded)
    }

    fn begin_sweep(&self) -> Sweep {
        let mut journal = lock(&self.journal);
        // Whoever's snapshot is older finds them in the journal.
        journal.floor = journal.folded_at;
        Sweep { at: None, until: journal.end, forgotten: journal.folded }
    }

    /// Brings the rows of so many accounts up to date; says how to go on, or nothing if that were the last.
    fn step(&mut self, connection: &Connection, sweep: Sweep, steps: usize) -> Result<Option<Sweep>, StorageError> {
        let (mut due, mut forgotten) = (Vec::new(), Vec::new());
        let mut journal = lock(&self.journal);
        let begin = sweep.at.map_or(Bound::Unbounded, Bound::Excluded);
        let mut at = None;
        let mut rest = journal.states.range((begin, Bound::Unbounded));
        for (account, entry) in rest.by_ref().take(steps) {
            at = Some(*account);
            if entry.seq <= sweep.forgotten {
                forgotten.push(*account);
            } else if entry.seq <= sweep.until && !self.kept.contains_key(account) {
                due.push((*account, entry.state.clone()));
            }
        }
        let is_last = rest.next().is_none();
        for account in forgotten {
            journal.states.remove(&account);
        }
        drop(journal);
        for (account, state) in due {
            self.fold(connection, account, &state)?;
        }
        Ok(if is_last { None } else { Some(Sweep { at, ..sweep }) })
    }

    /// Brings an account's row up to date; or makes its newest bookings few enough for that, to be done another time.
    fn fold(&mut self, connection: &Connection, account: AccountId, state: &[u8]) -> Result<(), StorageError> {
        let mut state = State::parse(state)?;
        let mut tx = SqliteTx::new(connection);
        if state.recent.0.len() <= RECENT_MAX {
            return tx.write_state(account, &state);
        }
        let full = std::mem::take(&mut state.recent);
        tx.append_to_pages(account, state.bookings, &full)?;
        self.kept.insert(account, state.to_bytes().into());
        Ok(())
    }

    fn write(&mut self, connection: &Connection, end: i64, folded: i64) -> Result<(), StorageError> {
        let sql = "INSERT INTO account_journal (slot, seq, folded, states) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (slot) DO UPDATE SET seq = excluded.seq, folded = excluded.folded, states = excluded.states";
        let mut statement = connection.prepare_cached(sql).map_err(storage_error)?;
        let mut rest = std::mem::take(&mut self.kept).into_iter().peekable();
        for seq in end + 1.. {
            let (mut bytes, mut states) = (Vec::with_capacity(BYTES), Vec::new());
            while let Some((account, state)) =
                rest.next_if(|(_, state)| bytes.len() + STATE_HEAD + state.len() <= BYTES)
            {
                bytes.extend_from_slice(&u16::try_from(state.len()).unwrap_or(u16::MAX).to_be_bytes());
                bytes.extend_from_slice(account.uuid().as_bytes());
                bytes.extend_from_slice(&state);
                states.push((account, state));
            }
            // A row that has no states is as good as folded.
            let folded = if states.is_empty() && folded == seq - 1 { seq } else { folded };
            // The row that it is written over must not be needed any more; nor can a state be longer than a row.
            if seq - folded > ROWS || states.is_empty() && rest.peek().is_some() {
                return Err(StorageError::Backend("the journal of accounts is full".into()));
            }
            bytes.resize(BYTES, 0);
            statement.execute(params![seq % ROWS, seq, folded, bytes]).map_err(storage_error)?;
            self.written.push(Written { seq, folded, states });
            if rest.peek().is_none() {
                break;
            }
        }
        Ok(())
    }

    /// Notes that the transaction was committed.
    pub(in crate::sqlite) fn committed(&mut self) {
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
        self.sweep = self.sweep_then;
    }

    /// Whether the accounts' rows have all that the journal says, as of the last commit that is known.
    pub(in crate::sqlite) fn is_folded(&self) -> bool {
        let journal = lock(&self.journal);
        journal.folded == journal.end
    }
}
