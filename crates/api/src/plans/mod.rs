//! Plans as data: the file that the catalogue is read from and printed as, and whether every account's plan is in it.

mod file;
mod in_use;
mod print;

pub(crate) use file::read;
pub use in_use::{PlansInUseError, check_in_use};
pub(crate) use print::to_toml;
