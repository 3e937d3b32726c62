//! The schema of a PostgreSQL database: its version, and migrating it to the latest.

use domain::{FoldedName, Uuid};
use postgres::Client;

use super::error::message;
use super::url::PostgresUrl;
use crate::OpenError;
use crate::migrations::{FOLD_NAME, HISTORY, POSTGRES, SchemaState, UNFOLDED_NAMES, failed};

/// The oldest supported server, as in `server_version_num`.
const SERVER_VERSION_MIN: i32 = 140_000;

/// The advisory lock of a migration, so that of several processes that start at once one migrates:
/// "HEADROOM" in ASCII.
const MIGRATION_LOCK: i64 = 0x4845_4144_524F_4F4D;

/// Migrates the database to the latest version. If it is the latest, the role needs no permission
/// to change the schema.
pub(crate) fn migrate(client: &mut Client, url: &PostgresUrl) -> Result<(), OpenError> {
    let failed_with = |error: postgres::Error| url.open_error(&message(&error));
    let server: i32 =
        query_one(client, "SELECT current_setting('server_version_num')::integer").map_err(failed_with)?;
    if server < SERVER_VERSION_MIN {
        return Err(OpenError::OldServer { found: server / 10_000, needed: SERVER_VERSION_MIN / 10_000 });
    }
    if check(client, url)? == SchemaState::Latest {
        return fold_names(client).map_err(failed_with);
    }
    // Other processes wait for the lock, without a timeout.
    client
        .batch_execute("SET lock_timeout = 0; SET statement_timeout = 0; SET client_min_messages = warning")
        .map_err(failed_with)?;
    client.execute("SELECT pg_advisory_lock($1)", &[&MIGRATION_LOCK]).map_err(failed_with)?;
    let result = POSTGRES.runner()?.run(client).map_err(|error| failed(&error));
    client.execute("SELECT pg_advisory_unlock($1)", &[&MIGRATION_LOCK]).map_err(failed_with)?;
    result?;
    fold_names(client).map_err(failed_with)
}

/// Folds the names that a migration could not fold.
fn fold_names(client: &mut Client) -> Result<(), postgres::Error> {
    let mut after = Uuid::nil();
    loop {
        let names = client.query(UNFOLDED_NAMES, &[&after])?;
        let Some(last) = names.last() else { return Ok(()) };
        after = last.try_get(0)?;
        let mut batch = client.transaction()?;
        for row in names {
            let (id, name): (Uuid, String) = (row.try_get(0)?, row.try_get(1)?);
            batch.execute(FOLD_NAME, &[&FoldedName::new(&name).as_str(), &id])?;
        }
        batch.commit()?;
    }
}

/// The state of the schema, or the reason why [`migrate`] would refuse the database. Writes
/// nothing.
pub(crate) fn check(client: &mut Client, url: &PostgresUrl) -> Result<SchemaState, OpenError> {
    let failed_with = |error: postgres::Error| url.open_error(&message(&error));
    if !query_one(client, &format!("SELECT to_regclass('{HISTORY}') IS NOT NULL")).map_err(failed_with)? {
        // The history of migrations before the first release.
        return if query_one(client, "SELECT to_regclass('headroom_migrations') IS NOT NULL").map_err(failed_with)? {
            Err(OpenError::PreRelease { url: url.to_string() })
        } else {
            Ok(SchemaState::Missing)
        };
    }
    let rows =
        client.query(&format!("SELECT version, checksum FROM {HISTORY} ORDER BY version"), &[]).map_err(failed_with)?;
    let history = rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
    POSTGRES.compare(&history.collect::<Result<Vec<_>, postgres::Error>>().map_err(failed_with)?)
}

/// Checks that the schema is the latest. Writes nothing.
pub(crate) fn check_latest(client: &mut Client, url: &PostgresUrl) -> Result<(), OpenError> {
    check(client, url)?.require_latest(|| url.to_string())
}

fn query_one<T: for<'row> postgres::types::FromSql<'row>>(
    client: &mut Client,
    sql: &str,
) -> Result<T, postgres::Error> {
    client.query_one(sql, &[])?.try_get(0)
}
