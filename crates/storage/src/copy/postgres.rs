//! A PostgreSQL database as the source or the target of a copy.

use std::pin::pin;
use std::time::Duration;

use futures_util::TryStreamExt;
use r2d2::ManageConnection;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{FromSql, Type};

use super::{CopyError, CopyRow, Source, Target, VisitRow, failed_at};
use crate::OpenError;
use crate::postgres::connections::SessionManager;
use crate::postgres::error::{SessionError, StatementFailure};
use crate::postgres::session::PgSession;
use crate::postgres::transaction::type_of;
use crate::postgres::{PostgresUrl, client, schema, verify};
use crate::tables::{Kind, TABLES, Table, Value};
use crate::verify::Verification;

/// A copy may take long, but does not wait long for a lock on a table.
const SETTINGS: &str = "
    SET statement_timeout = 0;
    SET idle_in_transaction_session_timeout = 0;
    SET lock_timeout = '10s'";

/// The columns of ORDER BY. Texts are ordered by their bytes, as in SQLite, regardless of the
/// database's locale.
fn order(table: &Table) -> String {
    let is_text = |name| table.columns.iter().any(|column| column.name == name && column.kind == Kind::Text);
    let column = |name: &&'static str| format!("{name}{}", if is_text(*name) { " COLLATE \"C\"" } else { "" });
    table.key.iter().map(column).collect::<Vec<_>>().join(", ")
}

/// A PostgreSQL database, in a transaction.
pub(super) struct PostgresDatabase {
    session: PgSession,
    url: String,
}

impl PostgresDatabase {
    /// A source, in a read-only transaction.
    pub(super) fn source(url: &PostgresUrl) -> Result<Self, CopyError> {
        let mut database = Self::open(url)?;
        database.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
        schema::check_latest(&mut client(url)?, url)?;
        Ok(database)
    }

    /// A target: its tables are created, locked against other writers, and must be empty.
    pub(super) fn target(url: &PostgresUrl) -> Result<Self, CopyError> {
        let mut database = Self::open(url)?;
        schema::migrate(&mut client(url)?, url)?;
        let tables = TABLES.map(|table| table.name);
        database.run(&format!("BEGIN; LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", tables.join(", ")))?;
        for table in tables {
            if database.query_one(&format!("SELECT EXISTS (SELECT 1 FROM {table})"))? {
                return Err(CopyError::NotEmpty { url: database.url, table: table.to_owned() });
            }
        }
        Ok(database)
    }

    fn open(url: &PostgresUrl) -> Result<Self, CopyError> {
        let mut config = url.config.clone();
        // The system's default: a large COPY may keep the server busy for longer than any unit
        // does.
        config.tcp_user_timeout(Duration::ZERO);
        let url = &url.with(config);
        let session = SessionManager::new(url).map_err(OpenError::from)?.connect();
        let session = session.map_err(|error| url.open_error(&error))?;
        let mut database = Self { session, url: url.to_string() };
        database.run(SETTINGS)?;
        Ok(database)
    }

    /// Converts an error of the session.
    fn failed(&self) -> impl Fn(SessionError) -> CopyError + use<> {
        let failed = failed_at(&self.url);
        move |error| failed(StatementFailure::of(&error).error)
    }

    /// Runs statements.
    fn run(&mut self, sql: &str) -> Result<(), CopyError> {
        self.session.batch(sql).map_err(self.failed())
    }

    /// The one value that a query returns.
    fn query_one<T: for<'row> FromSql<'row>>(&mut self, sql: &str) -> Result<T, CopyError> {
        let value = self.session.with_client(async |client| client.query_one(sql, &[]).await?.try_get(0));
        value.map_err(self.failed())
    }
}

impl Source for PostgresDatabase {
    fn count(&mut self, table: &'static Table) -> Result<u64, CopyError> {
        let count: i64 = self.query_one(&format!("SELECT count(*) FROM {}", table.name))?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    fn read(&mut self, table: &'static Table, visit: &mut VisitRow<'_>) -> Result<(), CopyError> {
        let sql = format!("SELECT {} FROM {} ORDER BY {}", table.column_list(), table.name, order(table));
        let result = self.session.with_client(async |client| {
            let mut rows = pin!(client.query_raw(&sql, std::iter::empty::<Value<'static>>()).await?);
            while let Some(row) = rows.try_next().await? {
                let values = (0..table.columns.len()).map(|index| row.try_get::<_, Value<'static>>(index));
                if let Err(error) = visit(values.collect::<Result<CopyRow, _>>()?) {
                    return Ok(Err(error));
                }
            }
            Ok(Ok(()))
        });
        result.map_err(self.failed())?
    }
}

impl Target for PostgresDatabase {
    fn write(&mut self, table: &'static Table, rows: &[CopyRow]) -> Result<(), CopyError> {
        let types: Vec<Type> = table.columns.iter().map(|column| type_of(column.kind)).collect();
        let sql = format!("COPY {} ({}) FROM STDIN (FORMAT binary)", table.name, table.column_list());
        let result = self.session.with_client(async |client| {
            let mut writer = pin!(BinaryCopyInWriter::new(client.copy_in(&sql).await?, &types));
            for row in rows {
                writer.as_mut().write_raw(row).await?;
            }
            writer.finish().await
        });
        result.map(drop).map_err(self.failed())
    }

    /// Updates the statistics by which the planner plans the queries that follow.
    fn complete(&mut self) -> Result<(), CopyError> {
        self.run(&format!("ANALYZE {}", TABLES.map(|table| table.name).join(", ")))
    }

    fn verify(&mut self) -> Result<Verification, CopyError> {
        verify::verify(&mut self.session).map_err(failed_at(&self.url))
    }

    fn commit(&mut self) -> Result<(), CopyError> {
        let failed = failed_at(&self.url);
        self.session.batch("COMMIT").map_err(|error| failed(StatementFailure::of_commit(&error).error))
    }
}
