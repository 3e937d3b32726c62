//! Headroom's stores: the domain's ports over SQLite and over PostgreSQL.
//!
//! [`SqliteStore`] and [`PostgresStore`] implement [`domain::ports::Store`]. [`AnyStore`] is the
//! one that a URL names. They know SQL and no rule: they find, count and write, and the unit of
//! work that they run makes every decision.

mod any;
pub mod backup;
pub mod copy;
mod database_url;
mod error;
mod maintenance;
mod migrations;
mod oneshot;
pub mod postgres;
mod queue;
mod readers;
pub mod secret_file;
pub mod sqlite;
mod stages;
pub mod statistics;
mod sync;
mod tables;
mod tx;
mod unit;
pub mod verify;

pub use any::{AnyStore, StoreOptions};
pub use database_url::{DatabaseUrl, InvalidDatabaseUrl};
pub use error::OpenError;
pub use maintenance::MaintenanceTask;
pub use postgres::{PostgresOptions, PostgresStore, PostgresUrl};
pub use sqlite::{SqliteOptions, SqliteStore};
pub use stages::{Stage, StageTimes, UnitStages};
