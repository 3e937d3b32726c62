//! Headroom's stores: the domain's ports over SQLite and over PostgreSQL.
//!
//! [`SqliteStore`] and [`PostgresStore`] implement [`domain::ports::Store`], and so does [`AnyStore`], either of them by a URL. They know SQL and no rule: they look up, count
//! and write, and every decision is made by the unit of work that they run.

mod any;
pub mod copy;
mod error;
mod maintenance;
mod migrations;
mod oneshot;
pub mod postgres;
mod queue;
mod rows;
pub mod secret_file;
pub mod sqlite;
mod sync;
mod tables;
mod tx;
mod unit;
pub mod verify;

pub use any::{AnyStore, DatabaseUrl, InvalidDatabaseUrl, StoreOptions};
pub use error::OpenError;
pub use maintenance::MaintenanceTask;
pub use postgres::{PostgresOptions, PostgresStore, PostgresUrl};
pub use sqlite::{SqliteOptions, SqliteStore};
