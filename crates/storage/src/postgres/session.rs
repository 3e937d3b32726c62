//! A session with PostgreSQL: its prepared statements, its transaction and its deadlines.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, Row, Statement};

use super::error::{SessionError, message};
use super::link::Link;
use super::record::PostgresRecord;

/// How long a statement may take. The server's `statement_timeout` is shorter.
const STATEMENT_TIMEOUT: Duration = Duration::from_millis(4500);
/// How long a `COMMIT` may take before its outcome is unknown.
const COMMIT_TIMEOUT: Duration = Duration::from_millis(4500);
/// How long a `ROLLBACK`, or the end of a read, may take before the connection is closed instead.
const END_TIMEOUT: Duration = Duration::from_secs(1);

/// The parameters `$1`, `$2`, … of a statement.
pub(crate) type Params<'a> = &'a [&'a (dyn ToSql + Sync)];

/// A connection and the state of its session.
pub(crate) struct PgSession {
    link: Link,
    statistics: Arc<PostgresRecord>,
    statements: HashMap<&'static str, Statement>,
    transaction: TransactionState,
    /// The deadline of the next answer.
    deadline: Option<Instant>,
    /// Whether it must not be used again: it is lost, or a transaction could not be begun or ended.
    is_broken: bool,
}

/// The state of a session's transaction.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum TransactionState {
    None,
    /// It begins with this command, sent together with its first statement. That saves a round
    /// trip, and a unit that must wait for an account before its first statement costs none.
    Due(&'static str),
    Begun,
}

impl PgSession {
    /// A session over `link`, which counts its timeouts in `statistics`.
    pub(crate) fn new(link: Link, statistics: Arc<PostgresRecord>) -> Self {
        let (statements, transaction) = (HashMap::new(), TransactionState::None);
        Self { link, statistics, statements, transaction, deadline: None, is_broken: false }
    }

    /// Begins a transaction with `command`. `deadline` is that of its first statement.
    pub(crate) fn begin(&mut self, command: &'static str, deadline: Option<Instant>) {
        self.transaction = TransactionState::Due(command);
        self.deadline = deadline;
    }

    /// Sets the deadline of the next answer, for another unit in the same transaction.
    pub(crate) const fn set_deadline(&mut self, deadline: Instant) {
        self.deadline = Some(deadline);
    }

    /// Removes the deadline until the transaction ends.
    pub(crate) const fn remove_deadline(&mut self) {
        self.deadline = None;
    }

    /// Commits the transaction. One without statements is begun first, to check that the database
    /// accepts writes.
    pub(crate) fn commit(&mut self) -> Result<(), SessionError> {
        self.ensure_begun()?;
        self.end("COMMIT", COMMIT_TIMEOUT)
    }

    /// Rolls the transaction back. If that fails, the connection is closed, which does the same.
    pub(crate) fn roll_back(&mut self) {
        self.end_quietly("ROLLBACK");
    }

    /// Ends a read-only transaction.
    pub(crate) fn end_reading(&mut self) {
        self.end_quietly("COMMIT");
    }

    fn end_quietly(&mut self, command: &str) {
        if std::mem::replace(&mut self.transaction, TransactionState::None) == TransactionState::Begun
            && !self.is_broken
            && let Err(error) = self.end(command, END_TIMEOUT)
        {
            log::debug!("cannot {command}: {error}");
        }
    }

    fn end(&mut self, command: &str, timeout: Duration) -> Result<(), SessionError> {
        self.transaction = TransactionState::None;
        self.deadline = Some(Instant::now() + timeout);
        let result = self.command(command);
        self.deadline = None;
        self.is_broken |= result.is_err();
        result
    }

    /// Runs a query and returns its rows.
    pub(crate) fn query(&mut self, sql: &'static str, params: Params<'_>) -> Result<Vec<Row>, SessionError> {
        self.run(sql, async |client, statement| client.query(statement, params).await)
    }

    /// Runs a statement and returns how many rows it changed.
    pub(crate) fn execute(&mut self, sql: &'static str, params: Params<'_>) -> Result<u64, SessionError> {
        self.run(sql, async |client, statement| client.execute(statement, params).await)
    }

    /// Runs statements without parameters in one round trip.
    pub(crate) fn batch(&mut self, sql: &str) -> Result<(), SessionError> {
        self.ensure_begun()?;
        self.command(sql)
    }

    /// Runs `work` with the connection's client, without a deadline.
    pub(crate) fn with_client<T>(
        &mut self,
        work: impl AsyncFnOnce(&Client) -> Result<T, Error>,
    ) -> Result<T, SessionError> {
        self.with_client_until(None, work)
    }

    /// Runs `work` with the connection's client, until the deadline.
    pub(crate) fn with_client_until<T>(
        &mut self,
        deadline: Option<Instant>,
        work: impl AsyncFnOnce(&Client) -> Result<T, Error>,
    ) -> Result<T, SessionError> {
        let result = self.link.run(deadline, work);
        self.record(result)
    }

    /// Whether it can be used again, as far as the client knows.
    pub(crate) fn is_usable(&mut self) -> bool {
        !self.is_broken && self.link.is_open()
    }

    pub(crate) const fn is_broken(&self) -> bool {
        self.is_broken
    }

    /// Runs a prepared statement.
    fn run<T>(
        &mut self,
        sql: &'static str,
        work: impl AsyncFnOnce(&Client, &Statement) -> Result<T, Error>,
    ) -> Result<T, SessionError> {
        let statement = self.prepared(sql)?;
        let command = match self.transaction {
            // If BEGIN fails, the statement still runs, outside a transaction: harmless for a read.
            TransactionState::Due(command) if sql.starts_with("SELECT") => command,
            _ => {
                self.ensure_begun()?;
                let result = self.link.run(self.deadline, async |client| work(client, &statement).await);
                return self.record(result);
            }
        };
        self.transaction = TransactionState::Begun;
        let both = self.link.run(self.deadline, async |client| {
            Ok(tokio::join!(client.batch_execute(command), work(client, &statement)))
        });
        let (begun, result) = self.record(both)?;
        self.record_begin(begun.map_err(Into::into))?;
        self.record(result.map_err(Into::into))
    }

    fn ensure_begun(&mut self) -> Result<(), SessionError> {
        let TransactionState::Due(command) = self.transaction else { return Ok(()) };
        self.transaction = TransactionState::Begun;
        let begun = self.command(command);
        self.record_begin(begun)
    }

    /// Records the result of a BEGIN. After any error, another server may begin the
    /// transaction.
    fn record_begin(&mut self, begun: Result<(), SessionError>) -> Result<(), SessionError> {
        self.is_broken |= begun.is_err();
        begun.map_err(|error| match error {
            SessionError::Postgres(error) => SessionError::CannotBegin(message(&error)),
            other => other,
        })
    }

    fn command(&mut self, sql: &str) -> Result<(), SessionError> {
        let result = self.link.run(self.deadline, async |client| client.batch_execute(sql).await);
        self.record(result)
    }

    /// Records the result of a statement. After an answer the next statement has its full time.
    fn record<T>(&mut self, result: Result<T, SessionError>) -> Result<T, SessionError> {
        if result.is_ok() {
            let next = Instant::now() + STATEMENT_TIMEOUT;
            self.deadline = self.deadline.map(|deadline| deadline.max(next));
        }
        if let Err(error) = &result {
            self.statistics.note(error);
            self.is_broken |= error.ends_session();
        }
        result
    }

    fn prepared(&mut self, sql: &'static str) -> Result<Statement, SessionError> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let result = self.link.run(self.deadline, async |client| client.prepare(sql).await);
        let statement = self.record(result)?;
        self.statements.insert(sql, statement.clone());
        Ok(statement)
    }
}
