//! Compares what the database keeps twice, on one snapshot.

use domain::error::StorageError;
use domain::ports::Discrepancy;
use domain::{AccountId, Uuid};
use rusqlite::{Connection, Row};

use super::row;
use crate::error::storage_error;

const STAFF: &str = "
    SELECT account_id, coalesce(c.active, 0), coalesce(r.active, 0)
    FROM staff_counters c
    FULL JOIN (SELECT account_id, count(*) AS active FROM staff_members GROUP BY account_id) r USING (account_id)
    WHERE coalesce(c.active, 0) <> coalesce(r.active, 0)";

const BOOKINGS: &str = "
    SELECT account_id, coalesce(c.bookings, 0), coalesce(r.bookings, 0), day
    FROM (SELECT day, account_id, bookings FROM booking_counters
          UNION ALL
          SELECT json_extract(d.value, '$[0]'), a.id, json_extract(d.value, '$[1]')
          FROM accounts a, json_each(a.day_counts) d) c
    FULL JOIN (SELECT day, account_id, count(*) AS bookings FROM bookings GROUP BY day, account_id) r
        USING (day, account_id)
    WHERE coalesce(c.bookings, 0) <> coalesce(r.bookings, 0)";

/// No foreign key says it: the entries outlive what they are about.
const AUDIT: &str = "
    SELECT a.id FROM accounts a LEFT JOIN audit_entries e ON e.id = a.audit_head
    WHERE a.audit_head IS NOT NULL AND e.account_id IS NOT a.id";

/// Everything that is wrong: with the file, with references, with counters, with the audit.
pub(crate) fn verify(connection: &mut Connection) -> Result<Vec<Discrepancy>, StorageError> {
    let snapshot = connection.transaction().map_err(storage_error)?;
    let mut found = collect(&snapshot, "PRAGMA integrity_check", |row| {
        let complaint: String = row.get(0).map_err(storage_error)?;
        Ok(Some(complaint).filter(|complaint| complaint != "ok").map(Discrepancy::Database))
    })?;
    found.extend(collect(&snapshot, "PRAGMA foreign_key_check", |row| {
        let (child, parent): (String, String) =
            (row.get(0).map_err(storage_error)?, row.get(2).map_err(storage_error)?);
        Ok(Some(Discrepancy::Database(format!("a row of {child} refers to a row of {parent} that is not there"))))
    })?);
    found.extend(collect(&snapshot, STAFF, |row| {
        let (account_id, counter, rows) = counted(row)?;
        Ok(Some(Discrepancy::ActiveStaff { account_id, counter, rows }))
    })?);
    found.extend(collect(&snapshot, BOOKINGS, |row| {
        let (account_id, counter, rows) = counted(row)?;
        let day = row::day(row.get(3).map_err(storage_error)?)?;
        Ok(Some(Discrepancy::BookingsOnDay { account_id, day, counter, rows }))
    })?);
    found.extend(collect(&snapshot, AUDIT, |row| {
        let account = AccountId::from_uuid(row::uuid(row, 0)?);
        Ok(Some(Discrepancy::Database(format!("the audit of {account} begins at no entry of its own"))))
    })?);
    Ok(found)
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

    use domain::ports::{Accounts, Audit};
    use testkit::fixtures::{CountingIds, account, audit_entry};

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
