//! The schema of a PostgreSQL database: which one it has, and bringing it to the latest.

use postgres::Client;

use super::error::client_error;
use super::url::PostgresUrl;
use crate::OpenError;
use crate::migrations::{HISTORY, POSTGRES, SchemaState, failed};

/// The oldest server that is known to do, as `server_version_num` has it.
const SERVER_VERSION_MIN: i32 = 140_000;

/// Held while migrating, so that of several processes that start at once one does it: "HEADROOM" in ASCII.
const MIGRATION_LOCK: i64 = 0x4845_4144_524F_4F4D;

/// Brings the database to the latest version. A role that may not change the schema is enough if it is the latest.
pub(crate) fn migrate(client: &mut Client, url: &PostgresUrl) -> Result<(), OpenError> {
    let wrong = |error: postgres::Error| client_error(url, &error);
    let server: i32 = ask(client, "SELECT current_setting('server_version_num')::integer").map_err(wrong)?;
    if server < SERVER_VERSION_MIN {
        return Err(OpenError::OldServer { found: server / 10_000, needed: SERVER_VERSION_MIN / 10_000 });
    }
    if check(client, url)? == SchemaState::Latest {
        return Ok(());
    }
    // The others wait here for as long as it takes.
    client
        .batch_execute("SET lock_timeout = 0; SET statement_timeout = 0; SET client_min_messages = warning")
        .map_err(wrong)?;
    client.execute("SELECT pg_advisory_lock($1)", &[&MIGRATION_LOCK]).map_err(wrong)?;
    let result = POSTGRES.runner()?.run(client).map_err(|error| failed(&error));
    client.execute("SELECT pg_advisory_unlock($1)", &[&MIGRATION_LOCK]).map_err(wrong)?;
    result.map(drop)
}

/// What the schema is, or why [`migrate`] would refuse the database, without writing anything.
pub(crate) fn check(client: &mut Client, url: &PostgresUrl) -> Result<SchemaState, OpenError> {
    let wrong = |error: postgres::Error| client_error(url, &error);
    if !ask(client, &format!("SELECT to_regclass('{HISTORY}') IS NOT NULL")).map_err(wrong)? {
        // What the migrations of old were noted in.
        return if ask(client, "SELECT to_regclass('headroom_migrations') IS NOT NULL").map_err(wrong)? {
            Err(OpenError::PreRelease { url: url.to_string() })
        } else {
            Ok(SchemaState::Missing)
        };
    }
    let rows =
        client.query(&format!("SELECT version, checksum FROM {HISTORY} ORDER BY version"), &[]).map_err(wrong)?;
    let history = rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
    POSTGRES.compare(&history.collect::<Result<Vec<_>, postgres::Error>>().map_err(wrong)?)
}

/// Makes sure that the schema is the latest, without writing anything.
pub(crate) fn check_latest(client: &mut Client, url: &PostgresUrl) -> Result<(), OpenError> {
    check(client, url)?.require_latest(|| url.to_string())
}

fn ask<T: for<'row> postgres::types::FromSql<'row>>(client: &mut Client, sql: &str) -> Result<T, postgres::Error> {
    client.query_one(sql, &[])?.try_get(0)
}
