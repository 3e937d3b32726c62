//! Compares what the database keeps twice, on one snapshot.

use domain::error::StorageError;
use domain::ports::Discrepancy;
use domain::{AccountId, Uuid};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::booking_list::{BookingList, Listed, Summary};
use super::journal::Journal;
use super::row;
use crate::error::storage_error;

/// Counters beside what they count, added up: a join of the two would look for each in all of the others.
const STAFF: &str = "
    SELECT account_id, sum(counter), sum(active)
    FROM (SELECT account_id, active AS counter, 0 AS active FROM staff_counters
          UNION ALL SELECT account_id, 0, 1 FROM staff_members WHERE deleted_at IS NULL)
    GROUP BY account_id HAVING sum(counter) <> sum(active)";

const BOOKINGS: &str = "
    SELECT account_id, sum(counter), sum(counted), day
    FROM (SELECT day, account_id, bookings AS counter, 0 AS counted FROM booking_counters
          UNION ALL
          SELECT json_extract(d.value, '$[0]'), a.id, json_extract(d.value, '$[1]'), 0
          FROM accounts a, json_each(a.day_counts) d
          UNION ALL SELECT day, account_id, 0, 1 FROM bookings WHERE is_counted)
    GROUP BY day, account_id HAVING sum(counter) <> sum(counted)";

/// No foreign key says it: the entries outlive what they are about.
const AUDIT: &str = "
    SELECT a.id FROM accounts a LEFT JOIN audit_entries e ON e.id = a.audit_head
    WHERE a.audit_head IS NOT NULL AND e.account_id IS NOT a.id";

/// The lists of bookings, each account's pages in their order and then its row.
const LISTS: &str = "
    SELECT account_id, number, bookings, first_day, last_day, marks FROM booking_pages
    UNION ALL SELECT id, 9223372036854775807, recent_bookings, NULL, NULL, NULL FROM accounts
    ORDER BY 1, 2";

/// Accounts with pages that have what their groups, if they are complete, are not said to have.
const GROUPS: &str = "
    SELECT DISTINCT p.account_id
    FROM booking_pages p
    JOIN (SELECT account_id, max(number) AS last FROM booking_pages GROUP BY account_id) a ON a.account_id = p.account_id
    JOIN (SELECT 1 AS level, 64 AS size UNION ALL SELECT 2, 4096 UNION ALL SELECT 3, 262144) l
    LEFT JOIN booking_page_groups g ON g.account_id = p.account_id AND g.level = l.level AND g.number = p.number / l.size
    WHERE (p.number / l.size + 1) * l.size <= a.last
        AND (g.number IS NULL OR g.first_day > p.first_day OR g.last_day < p.last_day OR p.marks & ~g.marks <> 0)";

/// How many bookings there are, by their accounts and by themselves.
const COUNTS: &str = "SELECT (SELECT coalesce(sum(bookings), 0) FROM accounts), (SELECT count(*) FROM bookings)";

/// Accounts of which other tables say more, and whose row does not say so.
const MORE: &str = "
    SELECT a.id FROM accounts a WHERE NOT a.has_more
        AND (a.id IN (SELECT account_id FROM scheduled_changes) OR a.id IN (SELECT account_id FROM overrides))";

/// Accounts whose row does not say what their members may.
const ROLES: &str = "
    SELECT a.id FROM accounts a LEFT JOIN roles_of_accounts r ON r.account_id = a.id
    WHERE a.roles IS NOT iif(r.account_id IS NULL, x'', r.roles)";

/// Everything that is wrong: with the file, with references, with counters, with lists, with the audit.
pub(crate) fn verify(connection: &mut Connection) -> Result<Vec<Discrepancy>, StorageError> {
    let snapshot = connection.transaction().map_err(storage_error)?;
    Journal::show(&snapshot)?;
    compare(&snapshot)
}

/// As [`verify`], within a transaction.
pub(super) fn compare(snapshot: &Connection) -> Result<Vec<Discrepancy>, StorageError> {
    let mut found = collect(snapshot, "PRAGMA integrity_check", |row| {
        let complaint: String = row.get(0).map_err(storage_error)?;
        Ok(Some(complaint).filter(|complaint| complaint != "ok").map(Discrepancy::Database))
    })?;
    found.extend(collect(snapshot, "PRAGMA foreign_key_check", |row| {
        let (child, parent): (String, String) =
            (row.get(0).map_err(storage_error)?, row.get(2).map_err(storage_error)?);
        Ok(Some(Discrepancy::Database(format!("a row of {child} refers to a row of {parent} that is not there"))))
    })?);
    found.extend(collect(snapshot, STAFF, |row| {
        let (account_id, counter, rows) = counted(row)?;
        Ok(Some(Discrepancy::ActiveStaff { account_id, counter, rows }))
    })?);
    found.extend(collect(snapshot, BOOKINGS, |row| {
        let (account_id, counter, rows) = counted(row)?;
        let day = row::day(row.get(3).map_err(storage_error)?)?;
        Ok(Some(Discrepancy::BookingsOnDay { account_id, day, counter, rows }))
    })?);
    for (sql, what, fault) in [
        (AUDIT, "audit", "begins at no entry of its own"),
        (MORE, "row", "does not say that there is more about it"),
        (ROLES, "row", "does not say what its members may"),
        (GROUPS, "list", "has what its groups are not said to have"),
    ] {
        found.extend(collect(snapshot, sql, |row| {
            let account = AccountId::from_uuid(row::uuid(row, 0)?);
            Ok(Some(Discrepancy::Database(format!("the {what} of {account} {fault}"))))
        })?);
    }
    found.extend(lists(snapshot)?);
    Ok(found)
}

/// What is wrong with the lists of bookings: each has its account's, as they are, at their positions.
fn lists(snapshot: &Connection) -> Result<Vec<Discrepancy>, StorageError> {
    let (mut found, mut listed, mut at) = (Vec::new(), 0, (Uuid::nil(), 0));
    let mut statement = snapshot.prepare(LISTS).map_err(storage_error)?;
    let mut rows = statement.query([]).map_err(storage_error)?;
    while let Some(row) = rows.next().map_err(storage_error)? {
        let account = row::uuid(row, 0)?;
        if at.0 != account {
            at = (account, 0);
        }
        let list = BookingList::parse(row::blob(row, 2)?)?;
        let said = Summary::read(row, 3)?;
        if said.is_some_and(|said| list.summary().is_some_and(|its| its.and(said) != said)) {
            let complaint =
                format!("a page of the list of {} has what it is not said to have", AccountId::from_uuid(account));
            found.push(Discrepancy::Database(complaint));
        }
        for booking in list.0 {
            if !is_listed_right(snapshot, account, at.1, &booking).map_err(storage_error)? {
                let complaint =
                    format!("the list of {} has {} as it is not", AccountId::from_uuid(account), booking.id);
                found.push(Discrepancy::Database(complaint));
            }
            (at.1, listed) = (at.1 + 1, listed + 1);
        }
    }
    // Nothing is listed that there is not, and nothing twice: so nothing is missing if there are as many.
    found.extend(collect(snapshot, COUNTS, |row| {
        let (counted, bookings): (i64, i64) = (row::column(row, 0)?, row::column(row, 1)?);
        let complaint = format!("the lists have {listed} bookings, the accounts count {counted}, there are {bookings}");
        Ok(Some(Discrepancy::Database(complaint)).filter(|_| (listed, counted) != (bookings, bookings)))
    })?);
    Ok(found)
}

fn is_listed_right(snapshot: &Connection, account: Uuid, position: i64, booking: &Listed) -> rusqlite::Result<bool> {
    let mut statement = snapshot.prepare_cached(
        "SELECT (account_id, position, deleted_at IS NOT NULL, day, staff_id) IS (?2, ?3, ?4, ?5, ?6)
         FROM bookings WHERE id = ?1",
    )?;
    let staff_id = booking.staff_id.map(|id| row::id(id.uuid()));
    let params =
        params![row::id(booking.id.uuid()), row::id(account), position, booking.is_deleted, booking.day, staff_id];
    Ok(statement.query_row(params, |row| row.get(0)).optional()?.unwrap_or(false))
}

fn collect(
    connection: &Connection,
    sql: &str,
    read: impl Fn(&Row<'_>) -> Result<Option<Discrepancy>, StorageError>,
) -> Result<Vec<Discrepancy>, StorageError> {
    let mut statement = connection.prepare(sql).map_err(storage_error)?;
    let mut rows = statement.query([]).map_err(storage_error)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(storage_error)? {
        found.extend(read(row)?);
    }
    Ok(found)
}

fn counted(row: &Row<'_>) -> Result<(AccountId, u32, u32), StorageError> {
    let read = || {
        let account_id = AccountId::from_uuid(Uuid::from_bytes(row.get(0)?));
        Ok((account_id, row.get(1)?, row.get(2)?))
    };
    read().map_err(storage_error)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use domain::ports::{Accounts, Audit, Bookings, Members, Users};
    use domain::{Date, Role};
    use testkit::fixtures::{CountingIds, account, audit_entry, booking};

    use super::*;
    use crate::sqlite::schema::migrate;
    use crate::sqlite::tx::SqliteTx;

    /// A database of two accounts, each with two entries in its audit.
    fn audited() -> (Connection, [AccountId; 2]) {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, Path::new("test.db")).unwrap();
        let ids = CountingIds::default();
        let accounts = [(); 2].map(|()| ids.account());
        let mut tx = SqliteTx::new(&connection);
        for id in accounts {
            tx.insert_account(&account(id)).unwrap();
            for _ in 0..2 {
                tx.append_audit(&audit_entry(ids.audit_entry(), Some(id), ids.user())).unwrap();
            }
        }
        tx.finish().unwrap();
        (connection, accounts)
    }

    #[test]
    fn an_audit_that_begins_at_no_entry_of_its_own_account_is_reported() {
        for head in [
            "randomblob(16)",
            "(SELECT audit_head FROM accounts ORDER BY id DESC LIMIT 1)",
            "(SELECT id FROM audit_entries WHERE account_id IS NULL)",
        ] {
            let (mut connection, [broken, _]) = audited();
            let ids = CountingIds::new(1);
            SqliteTx::new(&connection).append_audit(&audit_entry(ids.audit_entry(), None, ids.user())).unwrap();
            assert_eq!(verify(&mut connection), Ok(Vec::new()));
            let sql = format!("UPDATE accounts SET audit_head = {head} WHERE id = ?1");
            assert_eq!(connection.execute(&sql, [row::id(broken.uuid())]).unwrap(), 1);
            let complaint = format!("the audit of {broken} begins at no entry of its own");
            assert_eq!(verify(&mut connection), Ok(vec![Discrepancy::Database(complaint)]), "{head}");
        }
    }

    #[test]
    fn a_row_that_does_not_say_what_its_members_may_is_reported() {
        for (sql, complaints) in [
            ("UPDATE accounts SET roles = x''", 1),
            ("UPDATE accounts SET roles = NULL", 2),
            ("UPDATE accounts SET roles = CAST(substr(roles, 1, 16) || x'00' AS BLOB) WHERE roles <> x''", 1),
        ] {
            let (mut connection, [account, _]) = audited();
            let user = testkit::fixtures::user(CountingIds::default().user(), "ann");
            let mut tx = SqliteTx::new(&connection);
            tx.insert_user(&user).unwrap();
            tx.put_member(account, user.id, Role::Owner, user.created_at).unwrap();
            assert_eq!(verify(&mut connection), Ok(Vec::new()));
            assert!(connection.execute(sql, []).unwrap() > 0, "{sql}");
            assert_eq!(verify(&mut connection).unwrap().len(), complaints, "{sql}");
        }
    }

    #[test]
    fn a_list_that_differs_from_the_bookings_is_reported() {
        for (sql, complaints) in [
            ("UPDATE accounts SET recent_bookings = x'' WHERE bookings > 0", 1),
            ("UPDATE accounts SET bookings = bookings + 1", 1),
            ("UPDATE accounts SET recent_bookings = CAST(x'01' || zeroblob(20) AS BLOB) WHERE bookings > 0", 2),
            ("UPDATE bookings SET day = day + 1 WHERE position IN (3, 18)", 4),
            ("UPDATE bookings SET deleted_at = 1 WHERE position IN (3, 18)", 2),
            ("UPDATE bookings SET position = 20 WHERE position = 5", 1),
            (
                "UPDATE booking_pages SET bookings = CAST(substr(bookings, 1, 16 * 21) || substr(bookings, 1, 21) AS BLOB)",
                6,
            ),
            ("DELETE FROM booking_pages", 5),
            ("UPDATE booking_pages SET marks = 0", 1),
            ("UPDATE booking_pages SET first_day = first_day - 1, last_day = first_day - 1", 1),
        ] {
            let (mut connection, [account, _]) = audited();
            let (ids, mut tx) = (CountingIds::new(2), SqliteTx::new(&connection));
            for _ in 0..20 {
                tx.insert_booking(&booking(account, ids.booking(), Date::constant(2026, 3, 29))).unwrap();
            }
            tx.finish().unwrap();
            assert_eq!(verify(&mut connection), Ok(Vec::new()));
            assert!(connection.execute(sql, []).unwrap() > 0, "{sql}");
            assert_eq!(verify(&mut connection).unwrap().len(), complaints, "{sql}");
        }
    }

    #[test]
    fn a_group_of_pages_that_is_said_to_have_too_little_is_reported() {
        for sql in [
            "UPDATE booking_page_groups SET marks = 0",
            "UPDATE booking_page_groups SET last_day = first_day - 1, first_day = first_day - 1",
            "DELETE FROM booking_page_groups",
        ] {
            let (mut connection, [account, _]) = audited();
            let (ids, mut tx) = (CountingIds::new(2), SqliteTx::new(&connection));
            for _ in 0..=24 * 65 {
                tx.insert_booking(&booking(account, ids.booking(), Date::constant(2026, 3, 29))).unwrap();
            }
            tx.finish().unwrap();
            assert_eq!(verify(&mut connection), Ok(Vec::new()));
            assert!(connection.execute(sql, []).unwrap() > 0, "{sql}");
            assert_eq!(verify(&mut connection).unwrap().len(), 1, "{sql}");
        }
    }

    #[test]
    fn the_database_itself_refuses_to_change_and_to_remove_audit_entries() {
        let (connection, _) = audited();
        let entries = || {
            let sql = "SELECT group_concat(hex(id) || action, ' ') FROM audit_entries";
            connection.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap()
        };
        let before = entries();
        for sql in [
            "UPDATE audit_entries SET action = 'user.deleted'",
            "UPDATE audit_entries SET id = id",
            "DELETE FROM audit_entries",
            "DELETE FROM audit_entries WHERE id = (SELECT max(id) FROM audit_entries)",
        ] {
            let refusal = connection.execute(sql, []).unwrap_err();
            assert!(refusal.to_string().contains("the audit is append-only"), "{sql}: {refusal}");
            assert_eq!(entries(), before, "{sql}");
        }
    }
}
