//! Headroom's store: the domain's ports over SQLite.
//!
//! [`SqliteStore`] implements [`domain::ports::Store`]. It knows SQL and no rule: it looks up, counts and writes, and
//! every decision is made by the unit of work that it runs.

mod error;
mod handover;
mod queue;
pub mod sqlite;
mod unit;

pub use error::OpenError;
pub use sqlite::{SqliteOptions, SqliteStore};
