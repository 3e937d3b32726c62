//! The versions of the schema, and the migrations between them.
//!
//! `refinery` runs the migrations of both databases and keeps their history, with checksums, in the
//! table `schema_history`. A migration that cannot be written in SQL is a step in Rust between two
//! runs: `Runner::set_target` runs the migrations up to a version, the step follows, and another
//! run does the rest. A released migration never changes.

use refinery::{Migration, Runner};

use crate::OpenError;

/// The table of applied migrations.
pub(crate) const HISTORY: &str = "schema_history";

/// A version of the schema, and the statements that migrate a database from the version before.
struct Version {
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

/// All versions, the oldest first. A migration of a few statements is written here.
const VERSIONS: [Version; 4] = [
    Version {
        name: "V1__initial",
        sqlite: include_str!("migrations/V1__initial.sqlite.sql"),
        postgres: include_str!("migrations/V1__initial.postgres.sql"),
    },
    Version {
        name: "V2__metrics",
        sqlite: include_str!("migrations/V2__metrics.sqlite.sql"),
        postgres: include_str!("migrations/V2__metrics.postgres.sql"),
    },
    Version {
        name: "V3__erasure",
        sqlite: include_str!("migrations/V3__erasure.sqlite.sql"),
        postgres: include_str!("migrations/V3__erasure.postgres.sql"),
    },
    Version {
        name: "V4__account_search",
        sqlite: include_str!("migrations/V4__account_search.sqlite.sql"),
        postgres: include_str!("migrations/V4__account_search.postgres.sql"),
    },
];

/// The accounts after `$1` whose names only Rust can fold: version 4 of the schema leaves them empty,
/// which no folded name is. They are looked for at each start, so that a start that is interrupted
/// leaves none.
pub(crate) const UNFOLDED_NAMES: &str =
    "SELECT id, name FROM accounts WHERE folded_name = '' AND id > $1 ORDER BY id LIMIT 1000";
/// Sets the folded name `$1` of the account `$2`.
pub(crate) const FOLD_NAME: &str = "UPDATE accounts SET folded_name = $1 WHERE id = $2";

/// The migrations of one database.
pub(crate) struct Migrations(fn(&Version) -> &'static str);

/// The migrations of an SQLite database.
pub(crate) const SQLITE: Migrations = Migrations(|version| version.sqlite);
/// The migrations of a PostgreSQL database.
pub(crate) const POSTGRES: Migrations = Migrations(|version| version.postgres);

/// The state of a database's schema.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum SchemaState {
    /// The database has no schema.
    Missing,
    /// The schema is older than the latest version.
    Older,
    /// The schema is the latest version.
    Latest,
}

impl SchemaState {
    /// Checks that the schema is the latest. `url` returns the database's URL without its password.
    pub(crate) fn require_latest(self, url: impl FnOnce() -> String) -> Result<(), OpenError> {
        match self {
            Self::Latest => Ok(()),
            Self::Missing => Err(OpenError::NoSchema { url: url() }),
            Self::Older => Err(OpenError::OldSchema { url: url() }),
        }
    }
}

impl Migrations {
    fn list(&self) -> Result<Vec<Migration>, OpenError> {
        let migration = |version: &Version| Migration::unapplied(version.name, (self.0)(version));
        VERSIONS.iter().map(|version| migration(version).map_err(|error| failed(&error))).collect()
    }

    /// Runs all missing migrations in one transaction.
    pub(crate) fn runner(&self) -> Result<Runner, OpenError> {
        let mut runner = Runner::new(&self.list()?).set_grouped(true);
        runner.set_migration_table_name(HISTORY);
        Ok(runner)
    }

    /// The state of a schema with this history: the applied (version, checksum), the oldest first.
    ///
    /// # Errors
    /// [`OpenError::NewerSchema`], and [`OpenError::ChangedMigration`] if an applied migration
    /// differs.
    pub(crate) fn compare(&self, history: &[(i32, String)]) -> Result<SchemaState, OpenError> {
        let known = self.list()?;
        for (version, checksum) in history {
            match known.iter().find(|migration| migration.version() == *version) {
                None => {
                    let known = known.last().map_or(0, Migration::version);
                    return Err(OpenError::NewerSchema { found: *version, known });
                }
                Some(migration) if migration.checksum().to_string() != *checksum => {
                    return Err(OpenError::ChangedMigration { name: migration.to_string() });
                }
                Some(_) => {}
            }
        }
        Ok(match history.len() {
            0 => SchemaState::Missing,
            applied if applied < known.len() => SchemaState::Older,
            _ => SchemaState::Latest,
        })
    }
}

/// Converts an error of a migration.
pub(crate) fn failed(error: &refinery::Error) -> OpenError {
    use std::error::Error;
    // The last cause is the database's message.
    let causes = std::iter::successors(error.source(), |cause: &&dyn Error| (*cause).source()).map(ToString::to_string);
    OpenError::Migration(std::iter::once(error.to_string()).chain(causes).collect::<Vec<_>>().join(": "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(migrations: &Migrations) -> Vec<(i32, String)> {
        let known = migrations.list().unwrap();
        known.iter().map(|migration| (migration.version(), migration.checksum().to_string())).collect()
    }

    #[test]
    fn a_history_shows_missing_latest_newer_and_changed_versions() {
        for migrations in [SQLITE, POSTGRES] {
            let mut history = applied(&migrations);
            assert_eq!(migrations.compare(&[]).unwrap(), SchemaState::Missing);
            assert_eq!(migrations.compare(&history).unwrap(), SchemaState::Latest);
            history.push((99, "1".to_owned()));
            let refusal = migrations.compare(&history).unwrap_err();
            assert!(matches!(refusal, OpenError::NewerSchema { found: 99, .. }), "{refusal}");
            let refusal = migrations.compare(&[(1, "1".to_owned())]).unwrap_err();
            assert!(matches!(refusal, OpenError::ChangedMigration { .. }), "{refusal}");
        }
    }

    #[test]
    fn overrides_and_counters_outlive_the_migrations() {
        let mut connection = rusqlite::Connection::open_in_memory().unwrap();
        let first = SQLITE.runner().unwrap().set_target(refinery::Target::Version(1));
        first.run(&mut connection).unwrap();
        let account =
            "INSERT INTO accounts (id, name, time_zone, created_at, version) VALUES (x'00', 'My Salon', 'UTC', 0, 1)";
        let rows = "INSERT INTO overrides VALUES (x'00', 'staff', 7, 'r', NULL, zeroblob(16), 1),
                        (x'00', 'bookings_per_day', NULL, 'r', 5, zeroblob(16), 1);
                    INSERT INTO usage_counters VALUES (x'00', 'staff', 0, 3);";
        connection.execute_batch(&format!("PRAGMA ignore_check_constraints = ON; {account}; {rows}")).unwrap();
        SQLITE.runner().unwrap().run(&mut connection).unwrap();
        let read = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
        let overrides =
            "SELECT group_concat(metric || ' ' || ifnull(at_most, '-') || ' ' || ifnull(expires_at, '-'), ', ')
             FROM (SELECT * FROM overrides ORDER BY metric)";
        assert_eq!(read(overrides), "bookings_per_day - 5, staff 7 -");
        assert_eq!(read("SELECT metric || used || is_recorded FROM usage_counters"), "staff31");
        assert_eq!(read("SELECT count(*) || ifnull(max(external_id), '-') FROM accounts"), "1-");
        assert_eq!(read("SELECT folded_name FROM accounts"), "my salon");
    }

    #[test]
    fn both_databases_have_the_same_versions() {
        let versions =
            |migrations: &Migrations| applied(migrations).into_iter().map(|(version, _)| version).collect::<Vec<_>>();
        assert_eq!(versions(&SQLITE), versions(&POSTGRES));
    }
}
