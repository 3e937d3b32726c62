//! The repositories over one SQLite transaction.

mod audit;
mod counts;
mod members;
mod users;

use domain::error::StorageError;
use domain::ports::{Accounts, Bookings, ReadAccounts, ReadBookings, ReadStaff, Staff};
use domain::{Account, AccountId, Booking, BookingId, Date, StaffId, StaffMember, Subscription, Uuid};
use rusqlite::{Connection, OptionalExtension, Params, Row, Statement, StatementStatus, params};

use super::day_counts::DayCounts;
use super::row;
use crate::error::storage_error;

/// Greater than every id: where a list begins that has no `after`.
const END: [u8; 16] = [0xff; 16];

/// What a unit of work sees of the database: the repositories, inside the transaction that `connection` is in.
pub struct SqliteTx<'connection> {
    connection: &'connection Connection,
    wrote: bool,
    /// What the row of the account that was looked up last holds besides the account: whoever changes it looks it up first.
    known: Option<Known>,
}

/// What an account's row holds besides the account.
struct Known {
    account_id: AccountId,
    audit_head: Option<Uuid>,
    day_counts: DayCounts,
}

impl<'connection> SqliteTx<'connection> {
    /// The repositories inside the transaction that `connection` is in. Whoever began it commits it or rolls it back.
    #[must_use]
    pub const fn new(connection: &'connection Connection) -> Self {
        Self { connection, wrote: false, known: None }
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
        let mut statement = self.connection.prepare_cached(sql).map_err(storage_error)?;
        let mut rows = statement.query(params).map_err(storage_error)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next().map_err(storage_error)? {
            found.push(read(row)?);
        }
        drop(rows);
        debug_assert_indexed(&statement, sql);
        Ok(found)
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

/// Every look-up goes by an index, in the index's order: no statement walks through a table or sorts what it found.
fn debug_assert_indexed(statement: &Statement<'_>, sql: &str) {
    debug_assert_eq!(statement.get_status(StatementStatus::FullscanStep), 0, "walks through a table: {sql}");
    debug_assert_eq!(statement.get_status(StatementStatus::Sort), 0, "sorts: {sql}");
}

impl ReadAccounts for SqliteTx<'_> {
    fn find_account(&mut self, id: AccountId) -> Result<Option<Account>, StorageError> {
        let found = self.find(
            "SELECT name, time_zone, created_at, subscription_id, plan, subscribed_at, plan_since, audit_head, day_counts
             FROM accounts WHERE id = ?1",
            [row::id(id.uuid())],
            |found| {
                let (audit_head, day_counts) = (row::optional_uuid(found, 7)?, row::parse(found, 8, DayCounts::parse)?);
                Ok((row::account(id, found)?, Known { account_id: id, audit_head, day_counts }))
            },
        )?;
        let Some((account, known)) = found else { return Ok(None) };
        self.known = Some(known);
        Ok(Some(account))
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
        self.change(
            "account",
            "UPDATE accounts SET subscription_id = ?2, plan = ?3, subscribed_at = ?4, plan_since = ?5 WHERE id = ?1",
            params![
                row::id(account.uuid()),
                row::id(subscription.id.uuid()),
                subscription.plan.as_str(),
                subscription.created_at.as_microsecond(),
                subscription.plan_since.as_microsecond()
            ],
        )
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
        let day = row::day_number(day);
        match self.know(account)?.and_then(|known| known.day_counts.get(day)) {
            Some(count) => Ok(count),
            None => self.count_in_table(account, day),
        }
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
        self.count_booking(booking)
    }
}

impl SqliteTx<'_> {
    /// What the account's row holds besides the account.
    fn know(&mut self, account: AccountId) -> Result<Option<&mut Known>, StorageError> {
        if self.known.as_ref().is_none_or(|known| known.account_id != account) && self.find_account(account)?.is_none()
        {
            return Ok(None);
        }
        Ok(self.known.as_mut())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use domain::ports::{Members, ReadMembers, ReadUsers, Users};
    use domain::{
        ApiKeyId, PasswordHash, Role, SecretHash, Session, SessionId, Timestamp, User, UserId, Username, Uuid,
    };

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
        assert_eq!(tx.list_accounts(Some(users[1]), after_account, 3).unwrap().len(), 3);
        assert_eq!(tx.list_accounts(None, after_account, 3).unwrap().len(), 3);
        assert_eq!(tx.list_api_keys(users[1], Some(ApiKeyId::from_uuid(uuid(1))), 3).unwrap().len(), 0);
        assert_eq!(tx.count_owners(accounts[1]), Ok(10));
        assert!(tx.find_user_named(&Username::parse("user7").unwrap()).unwrap().is_some());
        assert!(tx.find_member(accounts[7], users[7]).unwrap().is_some());
        tx.delete_user(users[7]).unwrap();
        let left = (tx.find_session(SessionId::from_uuid(uuid(7))), tx.find_refresh_token(&SecretHash([7; 32])));
        assert_eq!(left, (Ok(None), Ok(None)));
        assert_eq!(tx.find_role(accounts[7], users[7]), Ok(None));
    }
}
