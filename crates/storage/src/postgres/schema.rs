//! The schema's versions, and bringing a database to the latest one.

use postgres::Client;

use super::url::PostgresUrl;
use crate::OpenError;

/// What leads from each version to the next; the first makes version 1. Once released, one never changes.
const MIGRATIONS: [&str; 1] = [include_str!("migrations/0001_initial.sql")];

/// The oldest server that is known to do, as `server_version_num` has it.
const SERVER_VERSION_MIN: i32 = 140_000;

/// Held while migrating, so that of several processes that start at once one does it: "HEADROOM" in ASCII.
const MIGRATION_LOCK: i64 = 0x4845_4144_524F_4F4D;

/// Brings the database to the latest version, in one transaction.
pub(crate) fn migrate(client: &mut Client, url: &PostgresUrl) -> Result<(), OpenError> {
    let failed = |error: postgres::Error| OpenError::postgres(url, &error);
    let server: i32 = client
        .query_one("SELECT current_setting('server_version_num')::integer", &[])
        .and_then(|row| row.try_get(0))
        .map_err(failed)?;
    if server < SERVER_VERSION_MIN {
        return Err(OpenError::OldServer { found: server / 10_000, needed: SERVER_VERSION_MIN / 10_000 });
    }
    let mut tx = client.transaction().map_err(failed)?;
    // The others wait here for as long as it takes.
    tx.batch_execute(
        "SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0; SET LOCAL client_min_messages = warning",
    )
    .map_err(failed)?;
    tx.execute("SELECT pg_advisory_xact_lock($1)", &[&MIGRATION_LOCK]).map_err(failed)?;
    let found = version(&mut tx).map_err(failed)?;
    if found > latest() {
        return Err(newer(found));
    }
    for (number, migration) in (1_i32..).zip(MIGRATIONS).filter(|(number, _)| *number > found) {
        tx.batch_execute(migration).map_err(failed)?;
        tx.execute("INSERT INTO headroom_migrations (version) VALUES ($1)", &[&number]).map_err(failed)?;
    }
    tx.commit().map_err(failed)
}

/// Whether the database has the latest version, without writing anything; an error if it is newer than this program.
pub(crate) fn is_latest(client: &mut Client, url: &PostgresUrl) -> Result<bool, OpenError> {
    let failed = |error: postgres::Error| OpenError::postgres(url, &error);
    let is_there = client.query_one("SELECT to_regclass('headroom_migrations') IS NOT NULL", &[]);
    if !is_there.and_then(|row| row.try_get(0)).map_err(failed)? {
        return Ok(false);
    }
    let found = client.query_one("SELECT coalesce(max(version), 0) FROM headroom_migrations", &[]);
    let (found, known): (i32, i32) = (found.and_then(|row| row.try_get(0)).map_err(failed)?, latest());
    if found > known { Err(newer(found)) } else { Ok(found == known) }
}

/// The version that the last migration leads to.
fn latest() -> i32 {
    i32::try_from(MIGRATIONS.len()).unwrap_or(i32::MAX)
}

fn newer(found: i32) -> OpenError {
    OpenError::NewerSchema { found: found.into(), known: latest().into() }
}

/// The version of the database, 0 if it has none of Headroom's tables.
fn version(tx: &mut postgres::Transaction<'_>) -> Result<i32, postgres::Error> {
    tx.batch_execute(
        "CREATE TABLE IF NOT EXISTS headroom_migrations
             (version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())",
    )?;
    tx.query_one("SELECT coalesce(max(version), 0) FROM headroom_migrations", &[])?.try_get(0)
}
