//! Compares what the database keeps twice, on one snapshot. References and uniqueness are PostgreSQL's own to keep.

use domain::AccountId;
use domain::error::StorageError;
use domain::ports::Discrepancy;
use postgres::Row;

use super::error::Fault;
use super::row;
use super::session::Session;

/// Counters beside what they count, added up: a join of the two would look for each in all of the others.
const STAFF: &str = "
    SELECT account_id, sum(counter)::bigint, sum(active)::bigint
    FROM (SELECT id AS account_id, active_staff AS counter, 0 AS active FROM accounts
          UNION ALL SELECT account_id, 0, 1 FROM staff_members WHERE deleted_at IS NULL) AS staff
    GROUP BY account_id HAVING sum(counter) <> sum(active)";

const BOOKINGS: &str = "
    SELECT account_id, sum(counter)::bigint, sum(counted)::bigint, day
    FROM (SELECT day, account_id, bookings AS counter, 0 AS counted FROM booking_counters
          UNION ALL SELECT day, account_id, 0, 1 FROM bookings WHERE is_counted) AS days
    GROUP BY day, account_id HAVING sum(counter) <> sum(counted)";

/// No foreign key says it: the entries outlive what they are about.
const AUDIT: &str = "
    SELECT a.id FROM accounts a LEFT JOIN audit_entries e ON e.id = a.audit_head
    WHERE a.audit_head IS NOT NULL AND e.account_id IS DISTINCT FROM a.id";

/// Accounts of which other tables say more, and whose row does not say so.
const MORE: &str = "
    SELECT a.id FROM accounts a WHERE NOT a.has_more
        AND a.id IN (SELECT account_id FROM scheduled_changes UNION ALL SELECT account_id FROM overrides)";

/// The lists of bookings: how many there are by their account, how many places they take, and how many there are. No two
/// have one place, so nothing is missing in between if these agree.
const LISTS: &str = "
    SELECT account_id, sum(counter)::bigint, coalesce(max(position) + 1, 0), count(position)
    FROM (SELECT id AS account_id, bookings AS counter, NULL::bigint AS position FROM accounts
          UNION ALL SELECT account_id, 0, position FROM bookings) AS lists
    GROUP BY account_id
    HAVING sum(counter) <> count(position) OR coalesce(max(position) + 1, 0) <> count(position)";

/// Everything that is wrong: with counters, with lists, with the audit. The session is in a transaction that has a snapshot.
pub(crate) fn verify(session: &mut Session) -> Result<Vec<Discrepancy>, StorageError> {
    // However much there is to compare, it takes its time.
    session.batch("SET LOCAL statement_timeout = 0").map_err(|error| Fault::of(&error).error)?;
    let mut found = collect(session, STAFF, |row| {
        let (account_id, counter, rows) = counted(row)?;
        Ok(Discrepancy::ActiveStaff { account_id, counter, rows })
    })?;
    found.extend(collect(session, BOOKINGS, |row| {
        let (account_id, counter, rows) = counted(row)?;
        Ok(Discrepancy::BookingsOnDay { account_id, day: row::day(row, 3)?, counter, rows })
    })?);
    found.extend(collect(session, AUDIT, |row| {
        let account = AccountId::from_uuid(row::uuid(row, 0)?);
        Ok(Discrepancy::Database(format!("the audit of {account} begins at no entry of its own")))
    })?);
    found.extend(collect(session, MORE, |row| {
        let account = AccountId::from_uuid(row::uuid(row, 0)?);
        Ok(Discrepancy::Database(format!("the row of {account} does not say that there is more about it")))
    })?);
    found.extend(collect(session, LISTS, |row| {
        let (account, counter, places) = counted(row)?;
        let bookings = row::count(row, 3)?;
        let complaint =
            format!("the list of {account} has {places} places, it counts {counter} bookings, there are {bookings}");
        Ok(Discrepancy::Database(complaint))
    })?);
    Ok(found)
}

fn collect(
    session: &mut Session,
    sql: &'static str,
    read: impl Fn(&Row) -> Result<Discrepancy, StorageError>,
) -> Result<Vec<Discrepancy>, StorageError> {
    session.query(sql, &[]).map_err(|error| Fault::of(&error).error)?.iter().map(read).collect()
}

fn counted(row: &Row) -> Result<(AccountId, u32, u32), StorageError> {
    Ok((AccountId::from_uuid(row::uuid(row, 0)?), row::count(row, 1)?, row::count(row, 2)?))
}

#[cfg(test)]
mod tests {
    use domain::ports::{Store, WriteTx};
    use domain::{Date, ScheduledChange, StaffMember, Subscription, Wish};
    use postgres::error::DbError;
    use r2d2::ManageConnection;
    use r2d2_postgres::PostgresConnectionManager;
    use testkit::block_on;
    use testkit::fixtures::{CountingIds, NOW, account, audit_entry, booking, staff_member, subscription};
    use testkit::postgres::Database;

    use super::*;
    use crate::postgres::session::SessionManager;
    use crate::postgres::url::PostgresUrl;
    use crate::postgres::{PostgresOptions, PostgresStore, tls};

    const DAY: Date = Date::constant(2026, 3, 29);

    /// A session on a database of two accounts, each with two entries in its audit; the first has more.
    fn populated() -> Option<(Session, [AccountId; 2], Database)> {
        let database = testkit::postgres::shared()?.create_database();
        let url: PostgresUrl = database.url().parse().unwrap();
        let store = PostgresStore::open(&url, PostgresOptions::default()).unwrap();
        let ids = CountingIds::default();
        let accounts = [(); 2].map(|()| ids.account());
        let populate = move |tx: &mut dyn WriteTx| {
            for id in accounts {
                tx.insert_account(&account(id))?;
                for _ in 0..2 {
                    tx.append_audit(&audit_entry(ids.audit_entry(), Some(id), ids.user()))?;
                }
            }
            tx.append_audit(&audit_entry(ids.audit_entry(), None, ids.user()))?;
            let wish = Wish { by: ids.user(), at: NOW, reason: None };
            let scheduled = Some(ScheduledChange { id: ids.change(), to: None, at: NOW, wish });
            let basic = subscription(ids.subscription(), "basic".parse().unwrap());
            tx.put_subscription(accounts[0], Some(&Subscription { scheduled, ..basic }))?;
            for deleted_at in [None, None, Some(NOW)] {
                tx.insert_staff_member(&StaffMember { deleted_at, ..staff_member(accounts[0], ids.staff()) })?;
            }
            for _ in 0..5 {
                tx.insert_booking(&booking(accounts[0], ids.booking(), DAY))?;
            }
            Ok::<_, StorageError>(())
        };
        block_on(store.write(populate)).unwrap();
        let connector = tls::connector(&url.trust).unwrap();
        let session = SessionManager::new(PostgresConnectionManager::new(url.config, connector)).connect().unwrap();
        Some((session, accounts, database))
    }

    /// What is found after `sql`, which is undone then.
    fn found_after(session: &mut Session, sql: &str) -> Vec<Discrepancy> {
        session.batch("BEGIN").unwrap();
        session.batch(sql).unwrap();
        let found = verify(session).unwrap();
        session.batch("ROLLBACK").unwrap();
        found
    }

    #[test]
    fn a_counter_that_differs_from_what_it_counts_is_reported() {
        let Some((mut session, [account_id, other], _database)) = populated() else { return };
        let staff = |account_id, counter, rows| Discrepancy::ActiveStaff { account_id, counter, rows };
        let on = |day, counter, rows| Discrepancy::BookingsOnDay { account_id, day, counter, rows };
        let other_staff = format!("UPDATE accounts SET active_staff = 3 WHERE id = '{}'", other.uuid());
        for (sql, discrepancies) in [
            ("SELECT", vec![]),
            ("UPDATE accounts SET active_staff = 7 WHERE active_staff > 0", vec![staff(account_id, 7, 2)]),
            (&other_staff, vec![staff(other, 3, 0)]),
            ("UPDATE staff_members SET deleted_at = NULL", vec![staff(account_id, 2, 3)]),
            ("UPDATE booking_counters SET bookings = 0", vec![on(DAY, 0, 5)]),
            ("UPDATE bookings SET is_counted = position > 1", vec![on(DAY, 5, 3)]),
            ("DELETE FROM booking_counters", vec![on(DAY, 0, 5)]),
            ("UPDATE booking_counters SET day = day + 1", vec![on(DAY, 0, 5), on(DAY.tomorrow().unwrap(), 5, 0)]),
            ("UPDATE bookings SET is_counted = false; UPDATE booking_counters SET bookings = 0", vec![]),
        ] {
            let mut found = found_after(&mut session, sql);
            found.sort_by_key(|discrepancy| format!("{discrepancy:?}"));
            assert_eq!(found, discrepancies, "{sql}");
        }
    }

    #[test]
    fn an_audit_that_begins_at_no_entry_of_its_own_account_is_reported() {
        let Some((mut session, [broken, other], _database)) = populated() else { return };
        let of_other = format!("(SELECT audit_head FROM accounts WHERE id = '{}')", other.uuid());
        for head in ["gen_random_uuid()", &of_other, "(SELECT id FROM audit_entries WHERE account_id IS NULL)"] {
            let sql = format!("UPDATE accounts SET audit_head = {head} WHERE id = '{}'", broken.uuid());
            let complaint = format!("the audit of {broken} begins at no entry of its own");
            assert_eq!(found_after(&mut session, &sql), [Discrepancy::Database(complaint)], "{head}");
        }
    }

    #[test]
    fn an_account_that_does_not_say_that_there_is_more_about_it_is_reported() {
        let Some((mut session, [account, _], _database)) = populated() else { return };
        let complaint = format!("the row of {account} does not say that there is more about it");
        let found = found_after(&mut session, "UPDATE accounts SET has_more = false");
        assert_eq!(found, [Discrepancy::Database(complaint)]);
    }

    #[test]
    fn a_list_that_differs_from_the_bookings_is_reported() {
        let Some((mut session, [account, _], _database)) = populated() else { return };
        for (sql, places, counted) in [
            ("UPDATE accounts SET bookings = 6 WHERE bookings = 5", 5, 6),
            ("UPDATE bookings SET position = 5 WHERE position = 0", 6, 5),
            ("UPDATE bookings SET position = 5 WHERE position = 4", 6, 5),
            (
                "UPDATE accounts SET bookings = 6 WHERE bookings = 5; UPDATE bookings SET position = 5 WHERE position = 2",
                6,
                6,
            ),
        ] {
            let complaint =
                format!("the list of {account} has {places} places, it counts {counted} bookings, there are 5");
            assert_eq!(found_after(&mut session, sql), [Discrepancy::Database(complaint)], "{sql}");
        }
    }

    #[test]
    fn the_database_itself_refuses_to_change_and_to_remove_history() {
        let Some((mut session, _, _database)) = populated() else { return };
        for (table, column) in [("audit_entries", "id"), ("subscription_changes", "at")] {
            for sql in [
                format!("UPDATE {table} SET {column} = {column}"),
                format!("DELETE FROM {table}"),
                format!("TRUNCATE {table}"),
            ] {
                let refusal = session.batch(&sql).unwrap_err();
                let said = refusal.as_db_error().map(DbError::message);
                assert_eq!(said, Some(format!("{table} is append-only").as_str()), "{sql}");
            }
        }
    }
}
