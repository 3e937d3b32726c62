//! The schema's versions, and bringing a database to the latest one.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use crate::OpenError;

/// Marks a file as one of Headroom's: "HEAD" in the header's `application_id`.
const APPLICATION_ID: i64 = 0x4845_4144;

/// What leads from each version to the next; the first makes version 1. Once released, one never changes.
const MIGRATIONS: [&str; 10] = [
    include_str!("migrations/0001_initial.sql"),
    include_str!("migrations/0002_subscription_in_account.sql"),
    include_str!("migrations/0003_users.sql"),
    include_str!("migrations/0004_day_counts.sql"),
    include_str!("migrations/0005_lifecycle.sql"),
    include_str!("migrations/0006_asked_at_start.sql"),
    include_str!("migrations/0007_idempotency.sql"),
    include_str!("migrations/0008_roles_in_account.sql"),
    include_str!("migrations/0009_booking_page_groups.sql"),
    include_str!("migrations/0010_account_journal.sql"),
];

/// Brings the database to the latest version, in one transaction: of several processes that start at once, one does it.
pub(crate) fn migrate(connection: &mut Connection, path: &Path) -> Result<(), OpenError> {
    if check(connection, path)? == latest() {
        return Ok(());
    }
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = version(&tx, path)?;
    for migration in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        tx.execute_batch(migration)?;
    }
    tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    tx.pragma_update(None, "user_version", latest())?;
    tx.commit()?;
    Ok(())
}

/// The database's version, or why [`migrate`] would refuse it, without writing anything.
pub(crate) fn check(connection: &Connection, path: &Path) -> Result<i64, OpenError> {
    version(&*connection.unchecked_transaction()?, path)
}

/// The version that the last migration leads to.
pub(crate) fn latest() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// The version of the database, 0 if it is empty; an error if it is something else's or newer than this program.
fn version(tx: &Connection, path: &Path) -> Result<i64, OpenError> {
    let header = |pragma| tx.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let tables: i64 = tx.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let (application, found, known) = (header("application_id")?, header("user_version")?, latest());
    match (application, tables) {
        (APPLICATION_ID, _) if found > known => Err(OpenError::NewerSchema { found, known }),
        (APPLICATION_ID, _) => Ok(found),
        (_, 0) => Ok(0),
        (_, _) => Err(OpenError::Foreign { path: path.into() }),
    }
}

#[cfg(test)]
mod tests {
    use domain::ports::{Bookings, ReadBookings, ReadMembers};
    use domain::{AccountId, BookingFilter, BookingId, Date, Role, UserId, Uuid};
    use testkit::fixtures::booking;

    use super::*;
    use crate::sqlite::tx::SqliteTx;
    use crate::sqlite::verify::verify;

    fn migrated() -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, Path::new("test.db")).unwrap();
        connection
    }

    #[test]
    fn migrating_again_changes_nothing() {
        let mut connection = migrated();
        let schema = |connection: &Connection| {
            connection
                .query_row("SELECT group_concat(sql) FROM sqlite_schema", [], |row| row.get::<_, String>(0))
                .unwrap()
        };
        let before = schema(&connection);
        migrate(&mut connection, Path::new("test.db")).unwrap();
        assert_eq!(schema(&connection), before);
    }

    #[test]
    fn every_table_is_strict() {
        let lax: i64 = migrated()
            .query_row("SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT strict AND name NOT LIKE 'sqlite_%'", [], |row| row.get(0))
            .unwrap();
        assert_eq!(lax, 0);
    }

    #[test]
    fn a_subscription_of_the_first_version_is_kept() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(MIGRATIONS[0]).unwrap();
        connection
            .execute_batch(
                "INSERT INTO accounts VALUES (zeroblob(16), 'Free', 'UTC', 1), (randomblob(16), 'Paying', 'UTC', 2);
                 INSERT INTO subscriptions SELECT id, randomblob(16), 'pro', 3, 4 FROM accounts WHERE name = 'Paying';",
            )
            .unwrap();
        connection.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
        connection.pragma_update(None, "user_version", 1).unwrap();
        migrate(&mut connection, Path::new("test.db")).unwrap();
        let found = |name: &str| {
            let sql = "SELECT plan, subscribed_at, plan_since FROM accounts WHERE name = ?1";
            connection.query_row(sql, [name], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap()
        };
        assert_eq!(found("Paying"), (Some("pro".to_owned()), Some(3), Some(4)));
        assert_eq!(found("Free"), (None, None, None));
    }

    #[test]
    fn bookings_of_the_fourth_version_are_listed_and_counted_and_members_have_their_roles() {
        let mut connection = Connection::open_in_memory().unwrap();
        MIGRATIONS[..4].iter().for_each(|migration| connection.execute_batch(migration).unwrap());
        connection
            .execute_batch(
                "INSERT INTO accounts (id, name, time_zone, created_at) VALUES (zeroblob(16), 'Salon', 'UTC', 1);
                 INSERT INTO users VALUES (zeroblob(16), 'ann', 'x', 0, 0, 1);
                 INSERT INTO members VALUES (zeroblob(16), zeroblob(16), 'manager', 1);
                 INSERT INTO staff_members VALUES (zeroblob(16), zeroblob(16), 'Ann', NULL, 1);
                 INSERT INTO staff_counters VALUES (zeroblob(16), 1);
                 INSERT INTO bookings (id, account_id, day, starts_at, staff_id, created_at)
                 WITH RECURSIVE n(n) AS (VALUES (0) UNION ALL SELECT n + 1 FROM n WHERE n < 59)
                 SELECT unhex(printf('%032x', 59 - n)), zeroblob(16), 3 - n, 0, iif(n % 2, zeroblob(16), NULL), 1 FROM n;
                 INSERT INTO booking_counters SELECT day, account_id, 1 FROM bookings;",
            )
            .unwrap();
        connection.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
        connection.pragma_update(None, "user_version", 4).unwrap();
        migrate(&mut connection, Path::new("test.db")).unwrap();
        assert_eq!(verify(&mut connection), Ok(Vec::new()));
        let (mut tx, account) = (SqliteTx::new(&connection), AccountId::from_uuid(Uuid::nil()));
        assert_eq!(tx.find_role(account, UserId::from_uuid(Uuid::nil())), Ok(Some(Role::Manager)));
        let new = BookingId::from_uuid(Uuid::from_u128(60));
        tx.insert_booking(&booking(account, new, Date::constant(2026, 3, 29))).unwrap();
        let listed = tx.list_bookings(account, &BookingFilter::default(), None, 99).unwrap();
        assert!(listed.iter().map(|booking| booking.id.uuid().as_u128()).eq((0..=60).rev()));
        tx.finish().unwrap();
        assert_eq!(verify(&mut connection), Ok(Vec::new()));
    }

    #[test]
    fn a_newer_schema_is_refused() {
        let mut connection = migrated();
        connection.pragma_update(None, "user_version", 99).unwrap();
        let refusal = migrate(&mut connection, Path::new("test.db")).unwrap_err();
        assert!(matches!(refusal, OpenError::NewerSchema { found: 99, known } if known == latest()), "{refusal}");
        assert!(refusal.to_string().contains("schema version 99"), "{refusal}");
    }

    #[test]
    fn a_database_of_something_else_is_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE customers (id INTEGER)").unwrap();
        let refusal = migrate(&mut connection, Path::new("crm.db")).unwrap_err();
        assert_eq!(refusal.to_string(), "crm.db is an SQLite database, but not one of Headroom's");
    }
}
