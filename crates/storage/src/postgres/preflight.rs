//! What is looked at before a database is used: whether Headroom can keep its promises there.

use std::time::{Duration, Instant};

use r2d2::ManageConnection;
use tokio_postgres::SimpleQueryMessage;
use tokio_postgres::error::SqlState;

use super::connections::SessionManager;
use super::error::{SessionError, open_error};
use super::session::Session;
use super::url::PostgresUrl;
use crate::OpenError;

/// How long each question may take.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The one encoding that holds every text.
const ENCODING: &str = "UTF8";

/// Refuses a database of another encoding than UTF-8, and one behind a pooler that gives each transaction another
/// connection.
pub(crate) fn check(manager: &SessionManager, url: &PostgresUrl) -> Result<(), OpenError> {
    let failed = |error: SessionError| open_error(url, &error);
    let (mut one, mut other) = (manager.connect().map_err(failed)?, manager.connect().map_err(failed)?);
    let encoding = ask(&mut one, "SHOW server_encoding").map_err(failed)?;
    if encoding != ENCODING {
        return Err(OpenError::Encoding { found: encoding });
    }
    if is_pooled_by_transaction(&mut one, &mut other).map_err(failed)? {
        return Err(OpenError::TransactionPooling);
    }
    Ok(())
}

/// Whether the server's process behind a connection is another one's as well, or is replaced while that is in a transaction.
/// Prepared statements, settings and locks would be on a connection that somebody else has by the next transaction.
fn is_pooled_by_transaction(one: &mut Session, other: &mut Session) -> Result<bool, SessionError> {
    const PROCESS: &str = "SELECT pg_backend_pid()";
    let before = ask(one, PROCESS)?;
    let other_process = match ask(other, "BEGIN; SELECT pg_backend_pid()") {
        // One that gives each statement another connection refuses transactions, and hangs up.
        Err(SessionError::Postgres(error))
            if error.is_closed() || error.code() == Some(&SqlState::PROTOCOL_VIOLATION) =>
        {
            return Ok(true);
        }
        process => process?,
    };
    let is_pooled = before == other_process || before != ask(one, PROCESS)?;
    ask(other, "COMMIT")?;
    Ok(is_pooled)
}

/// The one value that statements answer; empty if they answer nothing. Nothing is prepared for it, which may not work.
fn ask(session: &mut Session, sql: &str) -> Result<String, SessionError> {
    let deadline = Some(Instant::now() + TIMEOUT);
    let answers = session.with_client_until(deadline, async |client| client.simple_query(sql).await)?;
    let value = answers.iter().find_map(|answer| match answer {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    Ok(value.unwrap_or_default().to_owned())
}
