//! The conversion of entities from and to rows, whose columns are in the order of the table.

mod access;
mod accounts;
mod records;
mod work;

pub(crate) use access::*;
pub(crate) use accounts::*;
pub(crate) use records::*;
pub(crate) use work::*;
