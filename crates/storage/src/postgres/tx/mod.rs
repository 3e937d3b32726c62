//! The repositories over one PostgreSQL transaction.

mod accounts;
mod audit;
mod bookings;
mod idempotency;
mod members;
mod pending;
mod plans;
mod staff;
mod subscriptions;
mod users;

use domain::AccountId;
use domain::error::StorageError;
use postgres::Row;

use super::error::Fault;
use super::gates::Gates;
use super::session::{Params, Session};
use crate::unit::UnitTx;
use accounts::Known;
use pending::Pending;

/// What a unit of work sees of the database: the repositories, inside the transaction that the session is in.
pub(crate) struct PgTx<'a> {
    session: &'a mut Session,
    /// How accounts are held; nothing is held by who only reads.
    holding: Option<Holding<'a>>,
    /// The account that was looked up last.
    known: Option<Known>,
    /// What is to be written with the next statement.
    pending: Pending,
    fault: Option<Fault>,
}

/// How a unit of work holds accounts.
struct Holding<'a> {
    gates: &'a Gates,
    /// The account whose gate this unit has passed.
    held: Option<AccountId>,
    /// The account whose gate was shut.
    shut_out_of: Option<AccountId>,
}

/// How a unit of work has left its transaction.
pub(crate) struct Left {
    /// What went wrong, if anything did. Whatever the unit answered, nothing of it is to be kept then.
    pub(crate) fault: Option<Fault>,
    /// The account whose gate it has passed.
    pub(crate) held: Option<AccountId>,
    /// The account that another unit has, for which this one has to wait. It has seen nothing yet that it could decide on.
    pub(crate) shut_out_of: Option<AccountId>,
}

impl<'a> PgTx<'a> {
    /// The repositories inside a transaction that only reads.
    pub(crate) fn reading(session: &'a mut Session) -> Self {
        Self { session, holding: None, known: None, pending: Pending::default(), fault: None }
    }

    /// The repositories inside a transaction that writes, of a unit that has passed the gate of the account `held` already.
    pub(crate) fn writing(session: &'a mut Session, gates: &'a Gates, held: Option<AccountId>) -> Self {
        let holding = Some(Holding { gates, held, shut_out_of: None });
        Self { holding, ..Self::reading(session) }
    }

    /// Ends it.
    pub(crate) fn leave(self) -> Left {
        let (held, shut_out_of) = self.holding.map_or((None, None), |holding| (holding.held, holding.shut_out_of));
        Left { fault: self.fault, held, shut_out_of }
    }

    fn find<T>(
        &mut self,
        sql: &'static str,
        params: Params<'_>,
        read: impl FnOnce(&Row) -> Result<T, StorageError>,
    ) -> Result<Option<T>, StorageError> {
        self.query(sql, params)?.first().map(read).transpose()
    }

    fn list<T>(
        &mut self,
        sql: &'static str,
        params: Params<'_>,
        read: impl Fn(&Row) -> Result<T, StorageError>,
    ) -> Result<Vec<T>, StorageError> {
        self.query(sql, params)?.iter().map(read).collect()
    }

    fn query(&mut self, sql: &'static str, params: Params<'_>) -> Result<Vec<Row>, StorageError> {
        self.write_pending()?;
        self.run(|session| session.query(sql, params))
    }

    /// Runs a statement that has to change one row.
    fn change(&mut self, what: &str, sql: &'static str, params: Params<'_>) -> Result<(), StorageError> {
        match self.execute(sql, params)? {
            1 => Ok(()),
            _ => Err(StorageError::Backend(format!("there is no such {what}"))),
        }
    }

    /// Runs a statement; answers how many rows it changed.
    fn execute(&mut self, sql: &'static str, params: Params<'_>) -> Result<u64, StorageError> {
        self.write_pending()?;
        self.run(|session| session.execute(sql, params))
    }

    /// Does something with the session. After a fault the transaction is over: nothing more is done in it.
    fn run<T>(&mut self, act: impl FnOnce(&mut Session) -> Result<T, postgres::Error>) -> Result<T, StorageError> {
        if let Some(fault) = &self.fault {
            return Err(fault.error.clone());
        }
        act(self.session).map_err(|error| self.fault.insert(Fault::of(&error)).error.clone())
    }
}

impl UnitTx for PgTx<'_> {
    fn finish(&mut self) -> Result<(), StorageError> {
        self.write_pending()?;
        match &self.fault {
            Some(fault) => Err(fault.error.clone()),
            None => Ok(()),
        }
    }
}
