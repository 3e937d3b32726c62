//! A PostgreSQL database that is copied from or to.

use std::pin::pin;
use std::time::Duration;

use domain::error::StorageError;
use futures_util::TryStreamExt;
use r2d2::ManageConnection;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{FromSql, Type};

use super::connections::SessionManager;
use super::error::{Fault, SessionError};
use super::session::Session;
use super::transaction::type_of;
use super::{PostgresUrl, schema, verify};
use crate::OpenError;
use crate::copy::{CopyError, Row, Source, Take, Target};
use crate::tables::{Kind, TABLES, Table, Value};
use crate::verify::Verification;

/// However much there is to copy, it takes its time. But nobody waits long for others to let go of a table.
const SETTINGS: &str = "
    SET statement_timeout = 0;
    SET idle_in_transaction_session_timeout = 0;
    SET lock_timeout = '10s'";

/// As SQLite has them in order: by bytes, whatever the database's language is.
fn order(table: &Table) -> String {
    let is_text = |name| table.columns.iter().any(|column| column.name == name && column.kind == Kind::Text);
    let column = |name: &&'static str| format!("{name}{}", if is_text(*name) { " COLLATE \"C\"" } else { "" });
    table.key.iter().map(column).collect::<Vec<_>>().join(", ")
}

/// A database, in a transaction.
pub(crate) struct Database {
    session: Session,
    url: String,
}

impl Database {
    /// A database to copy from: it is not written.
    pub(crate) fn source(url: &PostgresUrl) -> Result<Self, CopyError> {
        let mut database = Self::open(url)?;
        database.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
        schema::check_latest(&mut super::client(url)?, url)?;
        Ok(database)
    }

    /// A database to copy to: its tables are there, have no rows, and nobody else writes to them.
    pub(crate) fn target(url: &PostgresUrl) -> Result<Self, CopyError> {
        let mut database = Self::open(url)?;
        schema::migrate(&mut super::client(url)?, url)?;
        let tables = TABLES.map(|table| table.name);
        database.run(&format!("BEGIN; LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", tables.join(", ")))?;
        for table in tables {
            if database.ask(&format!("SELECT EXISTS (SELECT 1 FROM {table})"))? {
                return Err(CopyError::NotEmpty { url: database.url, table: table.to_owned() });
            }
        }
        Ok(database)
    }

    fn open(url: &PostgresUrl) -> Result<Self, CopyError> {
        let mut config = url.config.clone();
        // The system's own: a server may be busy with what it was sent for longer than with any unit.
        config.tcp_user_timeout(Duration::ZERO);
        let url = &url.with(config);
        let session = SessionManager::new(url).map_err(OpenError::from)?.connect();
        let session = session.map_err(|error| OpenError::session(url, &error))?;
        let mut database = Self { session, url: url.to_string() };
        database.run(SETTINGS)?;
        Ok(database)
    }

    /// Says of an error where it happened.
    fn at(&self) -> impl Fn(StorageError) -> CopyError + use<> {
        let url = self.url.clone();
        move |error| CopyError::Failed { url: url.clone(), error }
    }

    fn run(&mut self, sql: &str) -> Result<(), CopyError> {
        self.session.batch(sql).map_err(|error| self.at()(Fault::of(&error).error))
    }

    fn ask<T: for<'row> FromSql<'row>>(&mut self, sql: &str) -> Result<T, CopyError> {
        let answer = self.session.with_client(async |client| client.query_one(sql, &[]).await?.try_get(0));
        answer.map_err(|error| self.at()(Fault::of(&error).error))
    }
}

impl Source for Database {
    fn count(&mut self, table: &'static Table) -> Result<u64, CopyError> {
        let count: i64 = self.ask(&format!("SELECT count(*) FROM {}", table.name))?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    fn read(&mut self, table: &'static Table, take: &mut Take<'_>) -> Result<(), CopyError> {
        let at = self.at();
        let failed = |error: SessionError| at(Fault::of(&error).error);
        let sql = format!("SELECT {} FROM {} ORDER BY {}", table.column_list(), table.name, order(table));
        let taken = self.session.with_client(async |client| {
            let mut rows = pin!(client.query_raw(&sql, std::iter::empty::<Value<'static>>()).await?);
            while let Some(row) = rows.try_next().await? {
                let values = (0..table.columns.len()).map(|index| row.try_get::<_, Value<'static>>(index));
                if let Err(error) = take(values.collect::<Result<Row, _>>()?) {
                    return Ok(Err(error));
                }
            }
            Ok(Ok(()))
        });
        taken.map_err(failed)?
    }
}

impl Target for Database {
    fn write(&mut self, table: &'static Table, rows: &[Row]) -> Result<(), CopyError> {
        let at = self.at();
        let types: Vec<Type> = table.columns.iter().map(|column| type_of(column.kind)).collect();
        let sql = format!("COPY {} ({}) FROM STDIN (FORMAT binary)", table.name, table.column_list());
        let written = self.session.with_client(async |client| {
            let mut writer = pin!(BinaryCopyInWriter::new(client.copy_in(&sql).await?, &types));
            for row in rows {
                writer.as_mut().write_raw(row).await?;
            }
            writer.finish().await
        });
        written.map(drop).map_err(|error| at(Fault::of(&error).error))
    }

    /// What is asked next is planned by what there is now.
    fn complete(&mut self) -> Result<(), CopyError> {
        self.run(&format!("ANALYZE {}", TABLES.map(|table| table.name).join(", ")))
    }

    fn verify(&mut self) -> Result<Verification, CopyError> {
        verify::verify(&mut self.session).map_err(self.at())
    }

    fn commit(&mut self) -> Result<(), CopyError> {
        let at = self.at();
        self.session.batch("COMMIT").map_err(|error| at(Fault::of_commit(&error).error))
    }
}
