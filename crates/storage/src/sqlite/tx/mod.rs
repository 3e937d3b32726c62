//! The repositories over one SQLite transaction.

mod accounts;
mod audit;
mod booking_pages;
mod bookings;
mod counts;
mod idempotency;
mod members;
mod plans;
mod staff;
mod subscriptions;
mod users;

use std::ops::ControlFlow;

use domain::error::StorageError;
use rusqlite::{Connection, OptionalExtension, Params, Row, Statement, StatementStatus};

use crate::error::storage_error;
use crate::sqlite::journal::{Batch, Snapshot};
use crate::unit::UnitTx;
use accounts::Known;
pub(super) use booking_pages::PAGE;

/// Greater than every id: where a list begins that has no `after`.
const END: [u8; 16] = [0xff; 16];

/// What a unit of work sees of the database: the repositories, inside the transaction that `connection` is in.
pub struct SqliteTx<'connection> {
    connection: &'connection Connection,
    wrote: bool,
    /// The account that was looked up last.
    known: Option<Known>,
    states: States<'connection>,
}

/// Where accounts' states are.
enum States<'connection> {
    /// In their rows: nobody has written the journal since it was last brought into them.
    Rows,
    Snapshot(Snapshot<'connection>),
    Batch(&'connection mut Batch),
}

impl<'connection> SqliteTx<'connection> {
    /// The repositories inside the transaction that `connection` is in. Whoever began it finishes each unit of work and
    /// commits, or rolls it back. No [`SqliteStore`](super::SqliteStore) has the database open, nor has one been left
    /// without being closed.
    #[must_use]
    pub const fn new(connection: &'connection Connection) -> Self {
        Self { connection, wrote: false, known: None, states: States::Rows }
    }

    /// The repositories as a snapshot has them.
    pub(super) const fn of_snapshot(connection: &'connection Connection, snapshot: Snapshot<'connection>) -> Self {
        Self { connection, wrote: false, known: None, states: States::Snapshot(snapshot) }
    }

    /// The repositories for a unit of a batch.
    pub(super) const fn of_batch(connection: &'connection Connection, batch: &'connection mut Batch) -> Self {
        Self { connection, wrote: false, known: None, states: States::Batch(batch) }
    }

    /// Whether anything has been written, or tried to be.
    pub(crate) const fn wrote(&self) -> bool {
        self.wrote
    }

    /// Writes down what the unit of work so far has left for its end.
    ///
    /// # Errors
    /// [`StorageError`].
    pub fn finish(&mut self) -> Result<(), StorageError> {
        self.write_back()
    }

    fn find<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> Result<T, StorageError>,
    ) -> Result<Option<T>, StorageError> {
        let mut statement = self.connection.prepare_cached(sql).map_err(storage_error)?;
        let found = {
            let mut rows = statement.query(params).map_err(storage_error)?;
            rows.next().map_err(storage_error)?.map(read).transpose()
        };
        debug_assert_indexed(&statement, sql);
        found
    }

    fn list<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl Fn(&Row<'_>) -> Result<T, StorageError>,
    ) -> Result<Vec<T>, StorageError> {
        let mut found = Vec::new();
        self.walk(sql, params, |row| {
            found.push(read(row)?);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(found)
    }

    /// Visits one row after the other, until `visit` has seen enough.
    fn walk(
        &self,
        sql: &str,
        params: impl Params,
        mut visit: impl FnMut(&Row<'_>) -> Result<ControlFlow<()>, StorageError>,
    ) -> Result<(), StorageError> {
        let mut statement = self.connection.prepare_cached(sql).map_err(storage_error)?;
        let mut rows = statement.query(params).map_err(storage_error)?;
        while let Some(row) = rows.next().map_err(storage_error)? {
            if visit(row)?.is_break() {
                break;
            }
        }
        drop(rows);
        debug_assert_indexed(&statement, sql);
        Ok(())
    }

    fn count(&self, sql: &str, params: impl Params) -> Result<u32, StorageError> {
        let mut statement = self.connection.prepare_cached(sql).map_err(storage_error)?;
        let count = statement.query_row(params, |row| row.get(0)).optional().map_err(storage_error)?;
        debug_assert_indexed(&statement, sql);
        Ok(count.unwrap_or(0))
    }

    /// Runs a statement that has to change one row.
    fn change(&mut self, what: &str, sql: &str, params: impl Params) -> Result<(), StorageError> {
        match self.execute(sql, params)? {
            1 => Ok(()),
            _ => Err(StorageError::Backend(format!("there is no such {what}"))),
        }
    }

    /// Runs a statement; answers how many rows it changed.
    fn execute(&mut self, sql: &str, params: impl Params) -> Result<usize, StorageError> {
        self.wrote = true;
        let mut statement = self.connection.prepare_cached(sql).map_err(storage_error)?;
        statement.execute(params).map_err(storage_error)
    }
}

impl UnitTx for SqliteTx<'_> {
    fn finish(&mut self) -> Result<(), StorageError> {
        SqliteTx::finish(self)
    }
}

/// Every look-up goes by an index, in the index's order: no statement walks through a table or sorts what it found.
fn debug_assert_indexed(statement: &Statement<'_>, sql: &str) {
    debug_assert_eq!(statement.get_status(StatementStatus::FullscanStep), 0, "walks through a table: {sql}");
    debug_assert_eq!(statement.get_status(StatementStatus::Sort), 0, "sorts: {sql}");
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use domain::ports::{
        Accounts, Bookings, Members, ReadAccounts, ReadBookings, ReadMembers, ReadStaff, ReadUsers, Staff,
        Subscriptions, Users,
    };
    use domain::{
        AccountId, ApiKeyId, Booking, BookingFilter, BookingId, Date, PasswordHash, Role, SecretHash, Session,
        SessionId, StaffId, StaffMember, Subscription, SubscriptionId, Timestamp, User, UserId, Username, Uuid,
    };
    use testkit::fixtures::{NOW, booking, staff_member, subscription};

    use super::*;
    use crate::sqlite::schema;

    fn uuid(number: usize) -> Uuid {
        Uuid::from_u128(number as u128)
    }

    /// The statements themselves assert it; here they have something to walk through.
    #[test]
    fn every_list_goes_by_an_index() {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::migrate(&mut connection, Path::new("test.db")).unwrap();
        connection.pragma_update(None, "foreign_keys", "ON").unwrap();
        let insert = "
            WITH RECURSIVE n(n) AS (VALUES (0) UNION ALL SELECT n + 1 FROM n WHERE n < 9)
            INSERT INTO accounts (id, name, time_zone, created_at)
            SELECT unhex(printf('%032x', n)), 'Salon', 'UTC', 1 FROM n";
        connection.execute_batch(insert).unwrap();
        let mut tx = SqliteTx::new(&connection);
        let (created_at, expires_at) = (Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH);
        let accounts = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(|number| AccountId::from_uuid(uuid(number)));
        let users = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(|number| UserId::from_uuid(uuid(number)));
        for (number, id) in users.into_iter().enumerate() {
            let username = Username::parse(&format!("user{number}")).unwrap();
            let password = PasswordHash::from_phc("x".to_owned());
            tx.insert_user(&User { id, username, password, is_operator: false, is_disabled: false, created_at })
                .unwrap();
            let session = SessionId::from_uuid(uuid(number));
            tx.insert_session(&Session { id: session, user_id: id, created_at, expires_at }).unwrap();
            tx.insert_refresh_token(session, &SecretHash([u8::try_from(number).unwrap(); 32])).unwrap();
            for account in accounts {
                tx.put_member(account, id, Role::Owner, created_at).unwrap();
            }
        }
        let (after_user, after_account) = (Some(users[5]), Some(accounts[5]));
        assert_eq!(tx.list_users(after_user, 3).unwrap().len(), 3);
        assert_eq!(tx.list_members(accounts[1], after_user, 3).unwrap().len(), 3);
        for include_deleted in [false, true] {
            assert_eq!(tx.list_accounts(Some(users[1]), include_deleted, after_account, 3).unwrap().len(), 3);
            assert_eq!(tx.list_accounts(None, include_deleted, after_account, 3).unwrap().len(), 3);
        }
        assert_eq!(tx.list_api_keys(users[1], Some(ApiKeyId::from_uuid(uuid(1))), 3).unwrap().len(), 0);
        assert_eq!(tx.count_owners(accounts[1]), Ok(10));
        for (number, account) in accounts.into_iter().enumerate() {
            let plan = if number % 2 == 0 { "basic" } else { "pro" }.parse().unwrap();
            let id = SubscriptionId::from_uuid(uuid(number));
            let subscription = Subscription { plan_since: created_at, created_at, ..subscription(id, plan) };
            tx.put_subscription(account, Some(&subscription)).unwrap();
        }
        assert_eq!(tx.list_plans_in_use().unwrap().len(), 2);
        assert_eq!(tx.list_accounts_on(&"pro".parse().unwrap(), 3).unwrap(), [accounts[1], accounts[3], accounts[5]]);
        assert!(tx.find_user_named(&Username::parse("user7").unwrap()).unwrap().is_some());
        assert!(tx.find_member(accounts[7], users[7]).unwrap().is_some());
        tx.delete_user(users[7]).unwrap();
        let left = (tx.find_session(SessionId::from_uuid(uuid(7))), tx.find_refresh_token(&SecretHash([7; 32])));
        assert_eq!(left, (Ok(None), Ok(None)));
        assert_eq!(tx.find_role(accounts[7], users[7]), Ok(None));
    }

    /// The statements themselves assert it, as above.
    #[test]
    fn staff_and_bookings_are_listed_by_an_index() {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::migrate(&mut connection, Path::new("test.db")).unwrap();
        let mut tx = SqliteTx::new(&connection);
        let account = AccountId::from_uuid(uuid(1));
        tx.insert_account(&testkit::fixtures::account(account)).unwrap();
        let ids = [0, 1, 2].map(|number| StaffId::from_uuid(uuid(number)));
        for id in ids {
            tx.insert_staff_member(&staff_member(account, id)).unwrap();
        }
        let removed = StaffMember { deleted_at: Some(NOW), ..staff_member(account, ids[1]) };
        tx.update_staff_member(&removed).unwrap();
        let mut staff = |include_deleted| {
            let members = tx.list_staff(account, include_deleted, Some(ids[2]), 9).unwrap();
            members.into_iter().map(|member| member.id).collect::<Vec<_>>()
        };
        assert_eq!((staff(false), staff(true)), (vec![ids[0]], vec![ids[1], ids[0]]));
        // More than the account's row holds.
        for number in 0..40 {
            let booking = booking(account, BookingId::from_uuid(uuid(number)), Date::constant(2026, 3, 29));
            let day = booking.day.saturating_add(jiff::Span::new().days(i64::try_from(number % 4).unwrap()));
            let staff_id = Some(ids[number % 2]);
            let deleted_at = Some(NOW).filter(|_| number % 8 == 3);
            tx.insert_booking(&Booking { day, staff_id, deleted_at, ..booking }).unwrap();
        }
        let (from, to) = (Some(Date::constant(2026, 3, 30)), Some(Date::constant(2026, 4, 1)));
        for (filter, expected) in [
            (BookingFilter::default(), vec![34, 33, 32]),
            (BookingFilter { include_deleted: true, ..BookingFilter::default() }, vec![35, 34, 33]),
            (BookingFilter { from, to, ..BookingFilter::default() }, vec![34, 33, 31]),
            (BookingFilter { from, include_deleted: true, ..BookingFilter::default() }, vec![35, 34, 33]),
            (BookingFilter { staff_id: Some(ids[0]), ..BookingFilter::default() }, vec![34, 32, 30]),
            (BookingFilter { from, to, staff_id: Some(ids[1]), include_deleted: false }, vec![33, 31, 29]),
        ] {
            for (after, skipped) in [(36, 0), (12, 1)] {
                let after = Some(BookingId::from_uuid(uuid(after)));
                let found = tx.list_bookings(account, &filter, after, 3).unwrap();
                let found: Vec<u128> = found.iter().map(|booking| booking.id.uuid().as_u128()).collect();
                let expected: Vec<u128> = expected.iter().map(|id| id - 24 * skipped).collect();
                assert_eq!(found, expected, "{filter:?}");
            }
        }
    }
}
