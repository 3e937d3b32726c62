//! The HTTP contract, tested against the service in this process, one module for each part.

mod access;
mod account_life;
mod answers;
mod api_keys;
mod audit;
mod bodies;
mod bookings;
mod conditions;
mod cors;
mod credentials;
mod days;
mod document;
mod dry_run;
mod entitlements;
mod explorer;
mod fields;
mod first_users;
mod golden;
#[path = "../support/golden.rs"]
mod golden_files;
mod house;
mod idempotency;
#[path = "../support/in_process.rs"]
mod in_process;
mod injection;
mod kept_answers;
mod limits;
mod lists;
mod maintenance;
mod matrix;
mod members;
mod negotiation;
mod order;
mod over_limit;
mod overrides;
mod pages;
mod parameters;
mod plan_changes;
mod prefix;
mod probes;
mod rate_limits;
mod routing;
mod staff;
mod subscriptions;
mod tokens;
mod users;
