//! Plans as data: the file that the catalogue is read from and printed as.

mod differences;
mod file;
mod in_use;
mod print;
mod shared;
mod source;
mod warnings;

pub(crate) use differences::{Differences, written_limit, written_value};
pub use in_use::PlansInUseError;
pub(crate) use in_use::{Vanished, check_in_use};
pub(crate) use print::to_toml;
pub use shared::SharedCatalog;
pub use source::PlansSource;
pub(crate) use source::ReloadError;
pub(crate) use warnings::warnings;
