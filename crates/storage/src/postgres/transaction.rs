//! A session with PostgreSQL inside a transaction, and the representation of values in PostgreSQL.

use std::error::Error;
use std::ops::ControlFlow;

use bytes::BytesMut;
use domain::error::StorageError;
use domain::{AccountId, Date, Timestamp, Uuid};
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, accepts, to_sql_checked};

use super::account_lock_queue::AccountLockQueue;
use super::error::{SessionError, StatementFailure};
use super::job::Job;
use super::session::PgSession;
use crate::tables::{Kind, Sql, SqlRow, Value};
use crate::tx::{Dialect, SqlConnection, SqlTx, Visit};
use crate::unit::{Outcome, WriteUnit};

/// One unit of work inside a transaction, which may be shared with other units.
pub(crate) struct Transaction<'a> {
    session: &'a mut PgSession,
    /// How accounts are locked. `None` in a read-only transaction.
    locking: Option<Locking<'a>>,
    end: UnitEnd,
}

/// How a unit of work locks accounts.
struct Locking<'a> {
    queue: &'a AccountLockQueue<Job>,
    /// Whether the next statement locks the row of the account that the worker holds.
    next_locks_account: bool,
}

/// The state of a unit of work after a run.
#[derive(Default)]
pub(crate) struct UnitEnd {
    /// The first fault. With a fault the unit must be rolled back, regardless of its result.
    pub(crate) fault: Option<StatementFailure>,
    /// Whether the fault is a timeout of the lock on the account's row.
    pub(crate) is_account_locked: bool,
    /// Whether a statement wrote or tried to write.
    pub(crate) has_written: bool,
    /// The account that the worker holds in the account lock queue.
    pub(crate) held: Option<AccountId>,
    /// The account for which this unit must wait, because another worker holds it. The unit has
    /// read nothing yet that it could decide on.
    pub(crate) waits_for: Option<AccountId>,
}

impl<'a> Transaction<'a> {
    /// A read-only transaction.
    pub(crate) fn reading(session: &'a mut PgSession) -> Self {
        Self { session, locking: None, end: UnitEnd::default() }
    }

    /// A transaction that may write, of a worker that holds the account `held`.
    pub(crate) fn writing(
        session: &'a mut PgSession,
        queue: &'a AccountLockQueue<Job>,
        held: Option<AccountId>,
    ) -> Self {
        let locking = Some(Locking { queue, next_locks_account: false });
        Self { session, locking, end: UnitEnd { held, ..UnitEnd::default() } }
    }

    /// Runs a unit of work in the transaction.
    pub(crate) fn run_unit(mut self, unit: &mut dyn WriteUnit) -> (Outcome, UnitEnd) {
        let outcome = unit.run(&mut SqlTx::new(&mut self));
        (outcome, self.end)
    }

    /// Runs a statement. After a fault no more statements run in the transaction.
    fn run<T>(
        &mut self,
        sql: &'static Sql,
        run: impl FnOnce(&mut PgSession, &'static str) -> Result<T, SessionError>,
    ) -> Result<T, StorageError> {
        if let Some(fault) = &self.end.fault {
            return Err(fault.error.clone());
        }
        let locks_account =
            self.locking.as_mut().is_some_and(|locking| std::mem::take(&mut locking.next_locks_account));
        self.end.has_written |= !sql.postgres.starts_with("SELECT");
        run(self.session, &sql.postgres).map_err(|error| {
            self.end.is_account_locked = locks_account && error.is_lock_timeout();
            self.end.fault.insert(StatementFailure::of(&error)).error.clone()
        })
    }
}

/// The values as parameters of the client.
fn params<'v>(values: &'v [Value<'_>]) -> Vec<&'v (dyn ToSql + Sync)> {
    values.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

impl SqlConnection for Transaction<'_> {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn query(&mut self, sql: &'static Sql, values: &[Value<'_>], visit: &mut Visit<'_>) -> Result<(), StorageError> {
        for row in self.run(sql, |session, sql| session.query(sql, &params(values)))? {
            if visit(&row)? == ControlFlow::Break(()) {
                break;
            }
        }
        Ok(())
    }

    fn execute(&mut self, sql: &'static Sql, values: &[Value<'_>]) -> Result<u64, StorageError> {
        self.run(sql, |session, sql| session.execute(sql, &params(values)))
    }

    /// Acquires the first account of the unit in the account lock queue. A unit that uses a second
    /// account waits for it in the database, which detects deadlocks.
    fn enter_account(&mut self, account: AccountId) -> Result<bool, StorageError> {
        let Some(locking) = self.locking.as_mut() else { return Ok(false) };
        if self.end.held.is_none() {
            if self.end.waits_for.is_some() || !locking.queue.acquire(account) {
                self.end.waits_for.get_or_insert(account);
                return Err(StorageError::Unavailable(format!("another unit holds account {account}")));
            }
            self.end.held = Some(account);
        }
        locking.next_locks_account = self.end.held == Some(account);
        Ok(true)
    }
}

type Failure = Box<dyn Error + Sync + Send>;

/// The type of a column in the binary protocol.
pub(crate) const fn type_of(kind: Kind) -> Type {
    match kind {
        Kind::Bool => Type::BOOL,
        Kind::Bytes => Type::BYTEA,
        Kind::Day => Type::DATE,
        Kind::Instant => Type::TIMESTAMPTZ,
        Kind::Integer => Type::INT8,
        Kind::Text => Type::TEXT,
        Kind::Uuid => Type::UUID,
    }
}

/// An instant in the binary protocol: microseconds since 2000-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Instant(Timestamp);

/// 2000-01-01T00:00:00Z in microseconds since 1970-01-01T00:00:00Z.
const INSTANT_EPOCH: i64 = 946_684_800_000_000;

impl ToSql for Instant {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        (self.0.as_microsecond() - INSTANT_EPOCH).to_sql(&Type::INT8, out)
    }

    accepts!(TIMESTAMPTZ);
    to_sql_checked!();
}

impl<'a> FromSql<'a> for Instant {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Failure> {
        let microsecond = i64::from_sql(&Type::INT8, raw)?.checked_add(INSTANT_EPOCH).ok_or("not an instant")?;
        Ok(Self(Timestamp::from_microsecond(microsecond)?))
    }

    accepts!(TIMESTAMPTZ);
}

/// A date in the binary protocol: days since 2000-01-01.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Day(Date);

const DAY_EPOCH: Date = Date::constant(2000, 1, 1);

impl ToSql for Day {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        let days = self.0.duration_since(DAY_EPOCH).as_hours() / 24;
        i32::try_from(days)?.to_sql(&Type::INT4, out)
    }

    accepts!(DATE);
    to_sql_checked!();
}

impl<'a> FromSql<'a> for Day {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Failure> {
        let days = i32::from_sql(&Type::INT4, raw)?;
        Ok(Self(DAY_EPOCH.checked_add(jiff::SignedDuration::from_hours(i64::from(days) * 24))?))
    }

    accepts!(DATE);
}

impl ToSql for Value<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Bool(is) => is.to_sql(kind, out),
            Self::Bytes(bytes) => bytes.as_ref().to_sql(kind, out),
            Self::Day(day) => Day(*day).to_sql(kind, out),
            Self::Instant(instant) => Instant(*instant).to_sql(kind, out),
            Self::Integer(number) => number.to_sql(kind, out),
            Self::Text(text) => text.as_ref().to_sql(kind, out),
            Self::Uuid(uuid) => uuid.to_sql(kind, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Value<'static> {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, Failure> {
        Ok(match *kind {
            Type::BOOL => Self::Bool(bool::from_sql(kind, raw)?),
            Type::BYTEA => Self::Bytes(raw.to_vec().into()),
            Type::DATE => Self::Day(Day::from_sql(kind, raw)?.0),
            Type::TIMESTAMPTZ => Self::Instant(Instant::from_sql(kind, raw)?.0),
            Type::INT8 => Self::Integer(i64::from_sql(kind, raw)?),
            Type::TEXT => Self::Text(String::from_sql(kind, raw)?.into()),
            Type::UUID => Self::Uuid(Uuid::from_sql(kind, raw)?),
            _ => return Err(format!("columns of type {kind} are not supported").into()),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Failure> {
        Ok(Self::Null)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

fn column<'row, T: FromSql<'row>>(row: &'row Row, index: usize) -> Result<T, StorageError> {
    row.try_get(index).map_err(|error| StatementFailure::of(&error.into()).error)
}

/// A value of any type that is not null.
struct Present;

impl<'a> FromSql<'a> for Present {
    fn from_sql(_: &Type, _: &'a [u8]) -> Result<Self, Failure> {
        Ok(Self)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

impl SqlRow for Row {
    fn is_null(&self, index: usize) -> Result<bool, StorageError> {
        Ok(column::<Option<Present>>(self, index)?.is_none())
    }

    fn bool(&self, index: usize) -> Result<bool, StorageError> {
        column(self, index)
    }

    fn bytes(&self, index: usize) -> Result<&[u8], StorageError> {
        column(self, index)
    }

    fn day(&self, index: usize) -> Result<Date, StorageError> {
        column::<Day>(self, index).map(|day| day.0)
    }

    fn instant(&self, index: usize) -> Result<Timestamp, StorageError> {
        column::<Instant>(self, index).map(|instant| instant.0)
    }

    fn integer(&self, index: usize) -> Result<i64, StorageError> {
        column(self, index)
    }

    fn text(&self, index: usize) -> Result<&str, StorageError> {
        column(self, index)
    }

    fn uuid(&self, index: usize) -> Result<Uuid, StorageError> {
        column(self, index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_a_number_from_2000() {
        for (date, number) in [
            (Date::constant(2000, 1, 1), 0_i32),
            (Date::constant(1999, 12, 31), -1),
            (Date::constant(1970, 1, 1), -10_957),
            (Date::constant(2000, 3, 1), 60),
            (Date::constant(2200, 1, 1), 73_049),
        ] {
            let mut bytes = BytesMut::new();
            Day(date).to_sql(&Type::DATE, &mut bytes).unwrap();
            assert_eq!(bytes[..], number.to_be_bytes(), "{date}");
            assert_eq!(Day::from_sql(&Type::DATE, &bytes).unwrap(), Day(date));
        }
    }

    #[test]
    fn an_instant_is_a_number_of_microseconds_from_2000() {
        for (instant, number) in [("2000-01-01T00:00:00Z", 0), ("1999-12-31T23:59:59.999999Z", -1_i64)] {
            let (mut bytes, instant) = (BytesMut::new(), Instant(instant.parse().unwrap()));
            instant.to_sql(&Type::TIMESTAMPTZ, &mut bytes).unwrap();
            assert_eq!(bytes[..], number.to_be_bytes());
            assert_eq!(Instant::from_sql(&Type::TIMESTAMPTZ, &bytes).unwrap(), instant);
        }
        assert!(Instant::from_sql(&Type::TIMESTAMPTZ, &i64::MAX.to_be_bytes()).is_err());
    }
}
