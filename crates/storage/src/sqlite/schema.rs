//! The schema of an SQLite database: its version, and migrating it to the latest.

use std::path::Path;

use domain::FoldedName;
use rusqlite::{Connection, OptionalExtension};

use crate::OpenError;
use crate::migrations::{FOLD_NAME, HISTORY, SQLITE, SchemaState, UNFOLDED_NAMES, failed};

/// Marks a file as Headroom's: "HEAD" in the header's `application_id`, written by the first
/// migration.
const APPLICATION_ID: i64 = 0x4845_4144;

/// Migrates the database to the latest version. Of several processes that start at once, one does.
pub(crate) fn migrate(connection: &mut Connection, path: &Path) -> Result<(), OpenError> {
    if check(connection, path)? != SchemaState::Latest
        && let Err(error) = SQLITE.runner()?.run(connection)
        // Another process may have migrated it meanwhile.
        && check(connection, path)? != SchemaState::Latest
    {
        return Err(failed(&error));
    }
    Ok(fold_names(connection)?)
}

/// Folds the names that a migration could not fold.
fn fold_names(connection: &Connection) -> rusqlite::Result<()> {
    let mut unfolded = connection.prepare(UNFOLDED_NAMES)?;
    let mut after = vec![];
    loop {
        let names = unfolded.query_map([&after], |row| Ok((row.get(0)?, row.get(1)?)));
        let names: Vec<(Vec<u8>, String)> = names?.collect::<Result<_, _>>()?;
        let Some((last, _)) = names.last() else { return Ok(()) };
        after.clone_from(last);
        let batch = connection.unchecked_transaction()?;
        for (id, name) in names {
            batch.execute(FOLD_NAME, (FoldedName::new(&name).as_str(), id))?;
        }
        batch.commit()?;
    }
}

/// The state of the schema, or the reason why [`migrate`] would refuse the database. Writes
/// nothing.
pub(crate) fn check(connection: &Connection, path: &Path) -> Result<SchemaState, OpenError> {
    let snapshot = connection.unchecked_transaction()?;
    let application: i64 = snapshot.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: i64 =
        snapshot.query_row("SELECT count(*) FROM sqlite_schema WHERE type = 'table'", [], |row| row.get(0))?;
    if tables == 0 {
        return Ok(SchemaState::Missing);
    }
    let sql = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1";
    let has_history = snapshot.query_row(sql, [HISTORY], |_| Ok(())).optional()?.is_some();
    match (application, has_history) {
        (APPLICATION_ID, true) => SQLITE.compare(&history(&snapshot)?),
        // Another process runs the first migration: it has created the history and no other table
        // yet.
        (0, true) if tables == 1 => Ok(SchemaState::Missing),
        (APPLICATION_ID, false) => Err(OpenError::PreRelease { url: format!("sqlite://{}", path.display()) }),
        _ => Err(OpenError::Foreign { path: path.into() }),
    }
}

/// Checks that the schema is the latest. Writes nothing.
pub(crate) fn check_latest(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    check(connection, path)?.require_latest(|| format!("sqlite://{}", path.display()))
}

fn history(connection: &Connection) -> rusqlite::Result<Vec<(i32, String)>> {
    let mut statement = connection.prepare(&format!("SELECT version, checksum FROM {HISTORY} ORDER BY version"))?;
    statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::tables::{Column, Kind, TABLES, WRITE_PROBE};

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
    fn names_of_older_versions_are_folded_as_the_domain_folds_them() {
        let mut connection = Connection::open_in_memory().unwrap();
        SQLITE.runner().unwrap().set_target(refinery::Target::Version(3)).run(&mut connection).unwrap();
        let names = ["My Salon", "Über Straße", "ΣΊΣΥΦΟΣ", "e\u{301}clair", "~ #1"];
        for (number, name) in (0_u8..).zip(names) {
            let insert = "INSERT INTO accounts (id, name, time_zone, created_at, version) VALUES (?1, ?2, 'UTC', 0, 1)";
            connection.execute(insert, ([number; 16], name)).unwrap();
        }
        migrate(&mut connection, Path::new("test.db")).unwrap();
        let mut statement = connection.prepare("SELECT name, folded_name FROM accounts").unwrap();
        let folded = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        let folded: Vec<(String, String)> = folded.map(Result::unwrap).collect();
        assert_eq!(folded.len(), names.len());
        for (name, folded) in folded {
            assert_eq!(folded, FoldedName::new(&name).as_str(), "{name}");
        }
    }

    #[test]
    fn every_table_is_strict() {
        let lax: i64 = migrated()
            .query_row(
                "SELECT count(*) FROM pragma_table_list
                 WHERE schema = 'main' AND type = 'table' AND NOT strict AND name NOT IN (?1, 'sqlite_schema')",
                [HISTORY],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(lax, 0);
    }

    fn described(column: &Column) -> (String, &'static str, bool) {
        let kind = match column.kind {
            Kind::Bytes | Kind::Uuid => "BLOB",
            Kind::Text => "TEXT",
            Kind::Bool | Kind::Day | Kind::Instant | Kind::Integer => "INTEGER",
        };
        (column.name.to_owned(), kind, column.is_nullable)
    }

    #[test]
    fn the_tables_have_the_columns_that_are_described() {
        let connection = migrated();
        let mut names: BTreeSet<String> = BTreeSet::from([HISTORY.to_owned()]);
        for table in TABLES.into_iter().chain([&WRITE_PROBE]) {
            let mut statement =
                connection.prepare("SELECT name, type, \"notnull\" FROM pragma_table_info(?1)").unwrap();
            let found =
                statement.query_map([table.name], |row| Ok((row.get(0)?, row.get(1)?, !row.get::<_, bool>(2)?)));
            let found: Vec<(String, String, bool)> = found.unwrap().map(Result::unwrap).collect();
            let described: Vec<_> = table.columns.iter().map(described).collect();
            let found: Vec<_> = found.iter().map(|(name, kind, null)| (name.clone(), kind.as_str(), *null)).collect();
            assert_eq!(found, described, "{}", table.name);
            names.insert(table.name.to_owned());
        }
        let sql =
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name <> 'sqlite_schema'";
        let mut statement = connection.prepare(sql).unwrap();
        let found: BTreeSet<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        assert_eq!(found, names);
    }

    #[test]
    fn a_newer_schema_is_refused() {
        let mut connection = migrated();
        let latest = history(&connection).unwrap().last().unwrap().0;
        let sql = format!("INSERT INTO {HISTORY} VALUES (99, 'later', '2026-11-28T00:00:00Z', '1')");
        connection.execute(&sql, []).unwrap();
        let refusal = migrate(&mut connection, Path::new("test.db")).unwrap_err();
        assert!(matches!(refusal, OpenError::NewerSchema { found: 99, known } if known == latest), "{refusal}");
        assert!(refusal.to_string().contains("schema version 99"), "{refusal}");
    }

    #[test]
    fn a_database_of_something_else_is_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE customers (id INTEGER)").unwrap();
        let refusal = migrate(&mut connection, Path::new("crm.db")).unwrap_err();
        assert_eq!(refusal.to_string(), "crm.db is an SQLite database, but not one of Headroom's");
    }

    #[test]
    fn a_database_from_before_the_first_release_is_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE accounts (id BLOB); PRAGMA user_version = 10").unwrap();
        connection.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
        let refusal = migrate(&mut connection, Path::new("old.db")).unwrap_err();
        assert!(matches!(refusal, OpenError::PreRelease { .. }), "{refusal}");
        assert!(refusal.to_string().contains("before the first release"), "{refusal}");
    }
}
