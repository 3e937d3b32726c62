//! The rows of the journal.

use domain::error::StorageError;
use domain::{AccountId, Uuid};
use rusqlite::{Connection, OptionalExtension};

use crate::error::storage_error;
use crate::sqlite::row;
use crate::sqlite::state::State;

/// How many rows the journal has. The oldest is written over.
pub(super) const ROWS: i64 = if cfg!(test) { 4 } else { 16_384 };
/// How many bytes of states a row has: a page is full of them.
pub(super) const BYTES: usize = 4000;
/// How many bytes a row has of a state besides the state.
pub(super) const STATE_HEAD: usize = 16 + 2;

/// Takes an account and its state off the beginning of a row's states, if there are more.
pub(super) fn take_state<'row>(states: &mut &'row [u8]) -> Result<Option<(AccountId, &'row [u8])>, StorageError> {
    let corrupt = || StorageError::Corrupt("a row of the journal of accounts is no list of states".into());
    let Some(length) = row::take(states).map(u16::from_be_bytes).filter(|length| *length > 0) else { return Ok(None) };
    let id = row::take(states).map(Uuid::from_bytes).ok_or_else(corrupt)?;
    let state = states.split_off(..usize::from(length)).ok_or_else(corrupt)?;
    Ok(Some((AccountId::from_uuid(id), state)))
}

/// Visits what a row has folded and its states, if there is such a row.
pub(super) fn read_row<T>(
    connection: &Connection,
    seq: i64,
    visit: impl FnOnce(i64, &[u8]) -> Result<T, StorageError>,
) -> Result<Option<T>, StorageError> {
    let sql = "SELECT seq, folded, states FROM account_journal WHERE slot = ?1";
    let mut statement = connection.prepare_cached(sql).map_err(storage_error)?;
    let mut rows = statement.query([seq % ROWS]).map_err(storage_error)?;
    match rows.next().map_err(storage_error)? {
        Some(found) if row::column::<i64>(found, 0)? == seq => {
            visit(row::column(found, 1)?, row::blob(found, 2)?).map(Some)
        }
        _ => Ok(None),
    }
}

/// What is wrong when a row is not there that has to be.
pub(super) fn no_row(seq: i64) -> StorageError {
    StorageError::Corrupt(format!("the journal of accounts has no row {seq}"))
}

pub(super) fn has_row(connection: &Connection, seq: i64) -> Result<bool, StorageError> {
    Ok(seq_in_slot(connection, seq % ROWS)? == Some(seq))
}

/// Which row is in a slot, if any is.
pub(super) fn seq_in_slot(connection: &Connection, slot: i64) -> Result<Option<i64>, StorageError> {
    let mut statement =
        connection.prepare_cached("SELECT seq FROM account_journal WHERE slot = ?1").map_err(storage_error)?;
    statement.query_row([slot], |row| row.get(0)).optional().map_err(storage_error)
}

/// The newest row after `known` and before `end`, which are no more than the journal has rows apart; or `known` if there is none.
pub(super) fn newest_row(connection: &Connection, known: i64, end: i64) -> Result<i64, StorageError> {
    let (mut newest, mut missing) = (known, end);
    while missing - newest > 1 {
        let middle = i64::midpoint(newest, missing);
        *(if has_row(connection, middle)? { &mut newest } else { &mut missing }) = middle;
    }
    Ok(newest)
}

/// Looks for an account's state in the rows of a snapshot, the newest first: for one that others write just now, it is soon
/// found.
pub(super) fn find_state(connection: &Connection, newest: i64, id: AccountId) -> Result<Option<State>, StorageError> {
    let Some(folded) = read_row(connection, newest, |folded, _| Ok(folded))? else { return Ok(None) };
    for seq in (folded + 1..=newest).rev() {
        let found = read_row(connection, seq, |_, mut states| {
            while let Some((account, state)) = take_state(&mut states)? {
                if account == id {
                    return State::parse(state).map(Some);
                }
            }
            Ok(None)
        })?;
        if let Some(state) = found.flatten() {
            return Ok(Some(state));
        }
    }
    Ok(None)
}
