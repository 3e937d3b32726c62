//! For tests only: the conformance suite for stores, an in-memory store that passes it, and
//! fixtures.
//!
//! A store's tests pass a function that opens a fresh, empty store. It also returns a guard, such
//! as a temporary directory, which is dropped after the store. The macro makes one named test for
//! each guarantee of [`domain::ports::Store`]:
//!
//! ```
//! fn fresh() -> (testkit::MemoryStore, ()) {
//!     (testkit::MemoryStore::default(), ())
//! }
//!
//! testkit::conformance!(fresh);
//! ```
//!
//! The two properties of [`model`] and that of [`linearizability`] are called from the store's tests,
//! with a number of cases that suits its speed.

mod block_on;
pub mod clock;
pub mod conformance;
pub mod counts;
pub mod disk;
pub mod fixtures;
pub mod linearizability;
mod memory;
pub mod model;
mod pages;
pub mod postgres;
mod preload;

pub use block_on::block_on;
pub use fixtures::{CountingIds, FixedClock};
pub use memory::MemoryStore;
