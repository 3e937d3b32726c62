//! The repositories over one SQLite transaction.

use domain::error::StorageError;
use domain::ports::{Accounts, Bookings, ReadAccounts, ReadBookings, ReadStaff, Staff};
use domain::{Account, AccountId, Booking, BookingId, Date, StaffId, StaffMember, Subscription};
use rusqlite::{Connection, OptionalExtension, Params, Row, params};

use super::row;
use crate::error::storage_error;

/// What a unit of work sees of the database: the repositories, inside the transaction that `connection` is in.
pub struct SqliteTx<'connection> {
    connection: &'connection Connection,
    wrote: bool,
}

impl<'connection> SqliteTx<'connection> {
    /// The repositories inside the transaction that `connection` is in. Whoever began it commits it or rolls it back.
    #[must_use]
    pub const fn new(connection: &'connection Connection) -> Self {
        Self { connection, wrote: false }
    }

    /// Whether anything has been written, or tried to be.
    pub(crate) const fn wrote(&self) -> bool {
        self.wrote
    }

    fn find<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> Result<T, StorageError>,
    ) -> Result<Option<T>, StorageError> {
        let mut statement = self.connection.prepare_cached(sql).map_err(storage_error)?;
        let mut rows = statement.query(params).map_err(storage_error)?;
        rows.next().map_err(storage_error)?.map(read).transpose()
    }

    fn count(&self, sql: &str, params: impl Params) -> Result<u32, StorageError> {
        let mut statement = self.connection.prepare_cached(sql).map_err(storage_error)?;
        let count = statement.query_row(params, |row| row.get(0)).optional().map_err(storage_error)?;
        Ok(count.unwrap_or(0))
    }

    /// Runs a statement; answers how many rows it changed.
    fn execute(&mut self, sql: &str, params: impl Params) -> Result<usize, StorageError> {
        self.wrote = true;
        let mut statement = self.connection.prepare_cached(sql).map_err(storage_error)?;
        statement.execute(params).map_err(storage_error)
    }
}

impl ReadAccounts for SqliteTx<'_> {
    fn find_account(&mut self, id: AccountId) -> Result<Option<Account>, StorageError> {
        self.find(
            "SELECT name, time_zone, created_at, subscription_id, plan, subscribed_at, plan_since
             FROM accounts WHERE id = ?1",
            [row::id(id.uuid())],
            |found| row::account(id, found),
        )
    }
}

impl Accounts for SqliteTx<'_> {
    /// The whole database is locked already: the transaction began with `BEGIN IMMEDIATE`.
    fn lock_account(&mut self, id: AccountId) -> Result<Option<Account>, StorageError> {
        self.find_account(id)
    }

    fn insert_account(&mut self, account: &Account) -> Result<(), StorageError> {
        self.execute(
            "INSERT INTO accounts (id, name, time_zone, created_at) VALUES (?1, ?2, ?3, ?4)",
            params![
                row::id(account.id.uuid()),
                account.name.as_str(),
                account.zone.name(),
                account.created_at.as_microsecond()
            ],
        )
        .map(drop)
    }

    fn put_subscription(&mut self, account: AccountId, subscription: &Subscription) -> Result<(), StorageError> {
        self.execute(
            "UPDATE accounts SET subscription_id = ?2, plan = ?3, subscribed_at = ?4, plan_since = ?5 WHERE id = ?1",
            params![
                row::id(account.uuid()),
                row::id(subscription.id.uuid()),
                subscription.plan.as_str(),
                subscription.created_at.as_microsecond(),
                subscription.plan_since.as_microsecond()
            ],
        )
        .map(drop)
    }
}

impl ReadStaff for SqliteTx<'_> {
    fn find_staff_member(&mut self, account: AccountId, id: StaffId) -> Result<Option<StaffMember>, StorageError> {
        self.find(
            "SELECT name, email, created_at FROM staff_members WHERE account_id = ?1 AND id = ?2",
            [row::id(account.uuid()), row::id(id.uuid())],
            |found| row::staff_member(account, id, found),
        )
    }

    fn count_active_staff(&mut self, account: AccountId) -> Result<u32, StorageError> {
        self.count("SELECT active FROM staff_counters WHERE account_id = ?1", [row::id(account.uuid())])
    }
}

impl Staff for SqliteTx<'_> {
    fn insert_staff_member(&mut self, member: &StaffMember) -> Result<(), StorageError> {
        let account = row::id(member.account_id.uuid());
        self.execute(
            "INSERT INTO staff_members (account_id, id, name, email, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                account,
                row::id(member.id.uuid()),
                member.name.as_str(),
                member.email.as_ref().map(domain::EmailAddress::as_str),
                member.created_at.as_microsecond()
            ],
        )?;
        self.execute(
            "INSERT INTO staff_counters (account_id, active) VALUES (?1, 1)
             ON CONFLICT (account_id) DO UPDATE SET active = active + 1",
            [account],
        )
        .map(drop)
    }
}

impl ReadBookings for SqliteTx<'_> {
    fn find_booking(&mut self, account: AccountId, id: BookingId) -> Result<Option<Booking>, StorageError> {
        self.find(
            "SELECT day, starts_at, customer_name, staff_id, notes, created_at
             FROM bookings WHERE id = ?1 AND account_id = ?2",
            [row::id(id.uuid()), row::id(account.uuid())],
            |found| row::booking(account, id, found),
        )
    }

    fn count_bookings_on(&mut self, account: AccountId, day: Date) -> Result<u32, StorageError> {
        self.count(
            "SELECT bookings FROM booking_counters WHERE day = ?1 AND account_id = ?2",
            params![row::day_number(day), row::id(account.uuid())],
        )
    }
}

impl Bookings for SqliteTx<'_> {
    fn insert_booking(&mut self, booking: &Booking) -> Result<(), StorageError> {
        let account = row::id(booking.account_id.uuid());
        let day = row::day_number(booking.day);
        self.execute(
            "INSERT INTO bookings (id, account_id, day, starts_at, customer_name, staff_id, notes, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                row::id(booking.id.uuid()),
                account,
                day,
                booking.starts_at.as_microsecond(),
                booking.customer_name.as_ref().map(domain::Name::as_str),
                booking.staff_id.map(|id| row::id(id.uuid())),
                booking.notes.as_ref().map(domain::Notes::as_str),
                booking.created_at.as_microsecond()
            ],
        )?;
        let counted = self.execute(
            "UPDATE booking_counters SET bookings = bookings + 1 WHERE day = ?1 AND account_id = ?2",
            params![day, account],
        )?;
        if counted == 0 {
            self.execute(
                "INSERT INTO booking_counters (day, account_id, bookings) VALUES (?1, ?2, 1)",
                params![day, account],
            )?;
        }
        Ok(())
    }
}
