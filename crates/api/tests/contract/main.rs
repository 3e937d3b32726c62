//! The HTTP contract, held against the service in this process. A module for each part of it.

mod access;
mod answers;
mod bodies;
mod days;
mod document;
mod explorer;
mod fields;
mod first_users;
mod house;
#[path = "../support/in_process.rs"]
mod in_process;
mod limits;
mod negotiation;
mod order;
mod routing;
mod tokens;
