//! For tests only: what every store must do, stamped out for each, an in-memory store that does it too, and fixtures.
//!
//! A store's own tests hand over a function that opens a fresh, empty store and whatever keeps it alive, a temporary
//! directory for example, which is dropped after the store. They get one named test for each promise of
//! [`domain::ports::Store`]:
//!
//! ```
//! fn fresh() -> (testkit::MemoryStore, ()) {
//!     (testkit::MemoryStore::default(), ())
//! }
//!
//! testkit::conformance!(fresh);
//! ```
//!
//! The two properties of [`model`] are called from tests of the store's own, with as many cases as it is quick.

mod block_on;
pub mod conformance;
pub mod disk;
pub mod fixtures;
mod memory;
pub mod model;
mod pages;
pub mod postgres;

pub use block_on::block_on;
pub use fixtures::{CountingIds, FixedClock};
pub use memory::MemoryStore;
