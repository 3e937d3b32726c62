//! The schema's versions: which one a database has, and bringing it to the latest.
//!
//! `refinery` runs the migrations of both databases and keeps their history, with checksums, in the table
//! `schema_history`. A migration that cannot be written in SQL is a step in Rust between two runs: `Runner::set_target`
//! runs the migrations up to a version, the step follows, and another run does the rest. Once released, a migration never
//! changes.

use refinery::{Migration, Runner};

use crate::OpenError;

/// The table of the migrations that were applied.
pub(crate) const HISTORY: &str = "schema_history";

/// The migrations of one database.
pub(crate) struct Migrations(&'static [(&'static str, &'static str)]);

/// What leads a SQLite database from each version to the next.
pub(crate) const SQLITE: Migrations = Migrations(&[("V1__initial", include_str!("migrations/V1__initial.sqlite.sql"))]);
/// What leads a PostgreSQL database from each version to the next.
pub(crate) const POSTGRES: Migrations =
    Migrations(&[("V1__initial", include_str!("migrations/V1__initial.postgres.sql"))]);

/// What a database's history says of its schema.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum SchemaState {
    /// There is none yet.
    Missing,
    /// It is older than this program.
    Older,
    /// It is the one that this program knows.
    Latest,
}

impl SchemaState {
    /// Makes sure that it is the latest; `url` names the database, without its password.
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
        self.0.iter().map(|(name, sql)| Migration::unapplied(name, sql).map_err(|error| failed(&error))).collect()
    }

    /// What runs them: all that are missing in one transaction.
    pub(crate) fn runner(&self) -> Result<Runner, OpenError> {
        let mut runner = Runner::new(&self.list()?).set_grouped(true);
        runner.set_migration_table_name(HISTORY);
        Ok(runner)
    }

    /// What the history, as (version, checksum) by rising version, says of the schema.
    ///
    /// # Errors
    /// [`OpenError::NewerSchema`], and [`OpenError::ChangedMigration`] for a migration that is not the one that was
    /// applied.
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

/// Why a run of the migrations failed.
pub(crate) fn failed(error: &refinery::Error) -> OpenError {
    use std::error::Error;
    // What the database said is the last of them.
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
    fn a_history_tells_missing_latest_newer_and_changed() {
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
    fn both_databases_have_the_same_versions() {
        let versions =
            |migrations: &Migrations| applied(migrations).into_iter().map(|(version, _)| version).collect::<Vec<_>>();
        assert_eq!(versions(&SQLITE), versions(&POSTGRES));
    }
}
