//! Plans as data: the file that the catalogue is read from and printed as.

mod file;
mod print;
mod shared;

pub(crate) use file::read;
pub(crate) use print::to_toml;
pub use shared::SharedCatalog;
