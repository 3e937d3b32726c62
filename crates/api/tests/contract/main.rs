//! The HTTP contract, held against the service in this process. A module for each part of it.

mod access;
mod answers;
mod api_keys;
mod audit;
mod bodies;
mod cors;
mod credentials;
mod days;
mod document;
mod explorer;
mod fields;
mod first_users;
mod house;
#[path = "../support/in_process.rs"]
mod in_process;
mod injection;
mod limits;
mod matrix;
mod members;
mod negotiation;
mod order;
mod pages;
mod rate_limits;
mod routing;
mod tokens;
mod users;
