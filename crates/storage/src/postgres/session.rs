//! A connection to PostgreSQL, and the statements that were prepared on it.

use std::collections::HashMap;

use postgres::types::ToSql;
use postgres::{Client, Row, Statement};
use r2d2::ManageConnection;
use r2d2_postgres::PostgresConnectionManager;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::error::{FaultKind, kind};

/// What stands for a statement's `$1`, `$2`, ….
pub(crate) type Params<'a> = &'a [&'a (dyn ToSql + Sync)];

/// A connection, and what was prepared on it.
pub(crate) struct Session {
    client: Client,
    statements: HashMap<&'static str, Statement>,
    /// Whether it must not be used again: it is lost, or in a transaction that could not be begun or ended.
    is_spent: bool,
}

impl Session {
    /// The rows that a statement answers.
    pub(crate) fn query(&mut self, sql: &'static str, params: Params<'_>) -> Result<Vec<Row>, postgres::Error> {
        let answer = self.prepared(sql).and_then(|statement| self.client.query(&statement, params));
        self.noted(answer)
    }

    /// Runs a statement; answers how many rows it changed.
    pub(crate) fn execute(&mut self, sql: &'static str, params: Params<'_>) -> Result<u64, postgres::Error> {
        let answer = self.prepared(sql).and_then(|statement| self.client.execute(&statement, params));
        self.noted(answer)
    }

    /// The connection itself, for what is no unit of work.
    pub(crate) fn client(&mut self) -> &mut Client {
        &mut self.client
    }

    /// Runs statements that have no parameters, in one round trip.
    pub(crate) fn batch(&mut self, sql: &str) -> Result<(), postgres::Error> {
        let answer = self.client.batch_execute(sql);
        self.is_spent |= answer.is_err();
        answer
    }

    fn noted<T>(&mut self, answer: Result<T, postgres::Error>) -> Result<T, postgres::Error> {
        self.is_spent |= answer.as_ref().is_err_and(|error| kind(error) == FaultKind::Lost);
        answer
    }

    fn prepared(&mut self, sql: &'static str) -> Result<Statement, postgres::Error> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql)?;
        self.statements.insert(sql, statement.clone());
        Ok(statement)
    }
}

/// Makes sessions.
pub(crate) struct SessionManager(PostgresConnectionManager<MakeRustlsConnect>);

impl SessionManager {
    pub(crate) const fn new(connections: PostgresConnectionManager<MakeRustlsConnect>) -> Self {
        Self(connections)
    }
}

impl ManageConnection for SessionManager {
    type Connection = Session;
    type Error = postgres::Error;

    fn connect(&self) -> Result<Session, postgres::Error> {
        let mut client = self.0.connect()?;
        // An answer stands for a commit that is durable. Where more is wished for than that, a standby's too, it stays.
        client.batch_execute(
            "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
        )?;
        Ok(Session { client, statements: HashMap::new(), is_spent: false })
    }

    fn is_valid(&self, session: &mut Session) -> Result<(), postgres::Error> {
        self.0.is_valid(&mut session.client)
    }

    fn has_broken(&self, session: &mut Session) -> bool {
        session.is_spent || self.0.has_broken(&mut session.client)
    }
}
