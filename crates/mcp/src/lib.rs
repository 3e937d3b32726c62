//! Headroom for assistants: its tools, served with the Model Context Protocol over standard input
//! and output. They call a running service through `headroom-client`; they know no database.

mod failure;
mod server;
mod tools;

pub use server::{Options, ServeError, serve_stdio};
