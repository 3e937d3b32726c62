//! A session with PostgreSQL: what was prepared in it, the transaction it is in, and how long it waits for an answer.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, Row, Statement};

use super::error::{SessionError, message};
use super::link::Link;

/// How long a statement may take, if the server has answered the one before. It ends a statement itself before that.
const STATEMENT_TIMEOUT: Duration = Duration::from_millis(4500);
/// How long a `COMMIT` may take, before its outcome is given up as unknown.
const COMMIT_TIMEOUT: Duration = Duration::from_millis(4500);
/// How long a transaction that has nothing to keep may take to end, before the connection is closed, which ends it too.
const END_TIMEOUT: Duration = Duration::from_secs(1);

/// What stands for a statement's `$1`, `$2`, ….
pub(crate) type Params<'a> = &'a [&'a (dyn ToSql + Sync)];

/// A connection, and what is known of the server's side of it.
pub(crate) struct Session {
    link: Link,
    statements: HashMap<&'static str, Statement>,
    transaction: TransactionState,
    /// Until when the next answer is waited for.
    deadline: Option<Instant>,
    /// Whether it must not be used again: it is lost, or in a transaction that could not be begun or ended.
    is_spent: bool,
}

/// The transaction that a session is in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum TransactionState {
    None,
    /// It begins, by this command, together with its first statement. That saves a round trip, and a unit that is set
    /// aside before it has asked for anything costs none.
    Due(&'static str),
    Begun,
}

impl Session {
    pub(crate) fn new(link: Link) -> Self {
        Self { link, statements: HashMap::new(), transaction: TransactionState::None, deadline: None, is_spent: false }
    }

    /// Begins a transaction by `command`, whose first statement is waited for until `deadline`, if there is one.
    pub(crate) fn begin(&mut self, command: &'static str, deadline: Option<Instant>) {
        self.transaction = TransactionState::Due(command);
        self.deadline = deadline;
    }

    /// Waits for the next answer until `deadline`: that of another unit in the same transaction.
    pub(crate) const fn wait_until(&mut self, deadline: Instant) {
        self.deadline = Some(deadline);
    }

    /// Waits for statements as long as they take, until the transaction ends.
    pub(crate) const fn wait_without_limit(&mut self) {
        self.deadline = None;
    }

    /// Makes the transaction durable. One that has asked for nothing too: that it can shows that the database takes writes.
    pub(crate) fn commit(&mut self) -> Result<(), SessionError> {
        self.ensure_begun()?;
        self.end("COMMIT", COMMIT_TIMEOUT)
    }

    /// Undoes the transaction. If that fails, it is undone with the connection.
    pub(crate) fn roll_back(&mut self) {
        self.leave("ROLLBACK");
    }

    /// Ends a transaction that has written nothing.
    pub(crate) fn end_reading(&mut self) {
        self.leave("COMMIT");
    }

    fn leave(&mut self, command: &str) {
        if std::mem::replace(&mut self.transaction, TransactionState::None) == TransactionState::Begun
            && !self.is_spent
            && let Err(error) = self.end(command, END_TIMEOUT)
        {
            log::debug!("cannot {command}: {error}");
        }
    }

    fn end(&mut self, command: &str, patience: Duration) -> Result<(), SessionError> {
        self.transaction = TransactionState::None;
        self.deadline = Some(Instant::now() + patience);
        let ended = self.command(command);
        self.deadline = None;
        self.is_spent |= ended.is_err();
        ended
    }

    /// The rows that a statement answers.
    pub(crate) fn query(&mut self, sql: &'static str, params: Params<'_>) -> Result<Vec<Row>, SessionError> {
        self.run(sql, async |client, statement| client.query(statement, params).await)
    }

    /// Runs a statement; answers how many rows it changed.
    pub(crate) fn execute(&mut self, sql: &'static str, params: Params<'_>) -> Result<u64, SessionError> {
        self.run(sql, async |client, statement| client.execute(statement, params).await)
    }

    /// Runs statements that have no parameters, in one round trip.
    pub(crate) fn batch(&mut self, sql: &str) -> Result<(), SessionError> {
        self.ensure_begun()?;
        self.command(sql)
    }

    /// Does something with the connection's client, for as long as it takes.
    pub(crate) fn with_client<T>(
        &mut self,
        work: impl AsyncFnOnce(&Client) -> Result<T, Error>,
    ) -> Result<T, SessionError> {
        self.with_client_until(None, work)
    }

    /// As [`Session::with_client`], until the deadline.
    pub(crate) fn with_client_until<T>(
        &mut self,
        deadline: Option<Instant>,
        work: impl AsyncFnOnce(&Client) -> Result<T, Error>,
    ) -> Result<T, SessionError> {
        let done = self.link.run(deadline, work);
        self.noted(done)
    }

    /// Whether it can be used again, as far as that is known without asking the server.
    pub(crate) fn is_usable(&mut self) -> bool {
        !self.is_spent && self.link.is_open()
    }

    pub(crate) const fn is_spent(&self) -> bool {
        self.is_spent
    }

    /// Runs a statement that is prepared once.
    fn run<T>(
        &mut self,
        sql: &'static str,
        work: impl AsyncFnOnce(&Client, &Statement) -> Result<T, Error>,
    ) -> Result<T, SessionError> {
        let statement = self.prepared(sql)?;
        let begin = match self.transaction {
            // Should this fail, the statement still runs, outside any transaction: no harm is done if it only reads.
            TransactionState::Due(command) if sql.starts_with("SELECT") => command,
            _ => {
                self.ensure_begun()?;
                let done = self.link.run(self.deadline, async |client| work(client, &statement).await);
                return self.noted(done);
            }
        };
        self.transaction = TransactionState::Begun;
        let both = self
            .link
            .run(self.deadline, async |client| Ok(tokio::join!(client.batch_execute(begin), work(client, &statement))));
        let (beginning, done) = self.noted(both)?;
        self.must_begin(beginning.map_err(Into::into))?;
        self.noted(done.map_err(Into::into))
    }

    fn ensure_begun(&mut self) -> Result<(), SessionError> {
        let TransactionState::Due(command) = self.transaction else { return Ok(()) };
        self.transaction = TransactionState::Begun;
        let begun = self.command(command);
        self.must_begin(begun)
    }

    /// What a server that begins no transaction says may be about anything. Another one may be better off.
    fn must_begin(&mut self, begun: Result<(), SessionError>) -> Result<(), SessionError> {
        self.is_spent |= begun.is_err();
        begun.map_err(|error| match error {
            SessionError::Postgres(error) => SessionError::CannotBegin(message(&error)),
            other => other,
        })
    }

    fn command(&mut self, sql: &str) -> Result<(), SessionError> {
        let done = self.link.run(self.deadline, async |client| client.batch_execute(sql).await);
        self.noted(done)
    }

    /// Takes notice of what came of a statement. While the server answers, the next one has its time.
    fn noted<T>(&mut self, done: Result<T, SessionError>) -> Result<T, SessionError> {
        if done.is_ok() {
            let next = Instant::now() + STATEMENT_TIMEOUT;
            self.deadline = self.deadline.map(|deadline| deadline.max(next));
        }
        self.is_spent |= done.as_ref().is_err_and(SessionError::ends_session);
        done
    }

    fn prepared(&mut self, sql: &'static str) -> Result<Statement, SessionError> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let done = self.link.run(self.deadline, async |client| client.prepare(sql).await);
        let statement = self.noted(done)?;
        self.statements.insert(sql, statement.clone());
        Ok(statement)
    }
}
