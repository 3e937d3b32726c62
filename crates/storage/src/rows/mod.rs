//! Entities as rows: how each is read from the columns of its table, and which values it is written as.

mod access;
mod accounts;
mod records;
mod work;

pub(crate) use access::*;
pub(crate) use accounts::*;
pub(crate) use records::*;
pub(crate) use work::*;
