//! Checks of a database before it is used: its encoding, and that no pooler shares its sessions.

use std::time::{Duration, Instant};

use r2d2::ManageConnection;
use tokio_postgres::SimpleQueryMessage;
use tokio_postgres::error::SqlState;

use super::connections::SessionManager;
use super::error::SessionError;
use super::session::PgSession;
use super::url::PostgresUrl;
use crate::OpenError;

/// How long each statement may take.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The encoding that can store every text.
const ENCODING: &str = "UTF8";

/// Refuses a database with another encoding than UTF-8, and one behind a pooler that runs each
/// transaction on another connection.
pub(crate) fn check(manager: &SessionManager, url: &PostgresUrl) -> Result<(), OpenError> {
    let failed = |error: SessionError| url.open_error(&error);
    let (mut one, mut other) = (manager.connect().map_err(failed)?, manager.connect().map_err(failed)?);
    let encoding = query_one(&mut one, "SHOW server_encoding").map_err(failed)?;
    if encoding != ENCODING {
        return Err(OpenError::Encoding { found: encoding });
    }
    if is_pooled_by_transaction(&mut one, &mut other).map_err(failed)? {
        return Err(OpenError::TransactionPooling);
    }
    Ok(())
}

/// Whether two connections share a process of the server, or one gets another process while the
/// other is in a transaction. Prepared statements, settings and locks would then be lost after each
/// transaction.
fn is_pooled_by_transaction(one: &mut PgSession, other: &mut PgSession) -> Result<bool, SessionError> {
    const PROCESS: &str = "SELECT pg_backend_pid()";
    let before = query_one(one, PROCESS)?;
    let other_process = match query_one(other, "BEGIN; SELECT pg_backend_pid()") {
        // A pooler that runs each statement on another connection refuses transactions and
        // disconnects.
        Err(SessionError::Postgres(error))
            if error.is_closed() || error.code() == Some(&SqlState::PROTOCOL_VIOLATION) =>
        {
            return Ok(true);
        }
        process => process?,
    };
    let is_pooled = before == other_process || before != query_one(one, PROCESS)?;
    query_one(other, "COMMIT")?;
    Ok(is_pooled)
}

/// The one value that statements return, or an empty text. Prepares no statement, which a pooler
/// may not support.
fn query_one(session: &mut PgSession, sql: &str) -> Result<String, SessionError> {
    let deadline = Some(Instant::now() + TIMEOUT);
    let answers = session.with_client_until(deadline, async |client| client.simple_query(sql).await)?;
    let value = answers.iter().find_map(|answer| match answer {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    Ok(value.unwrap_or_default().to_owned())
}
