//! Bookings while PostgreSQL, or a connection to it, is lost. Skipped without PostgreSQL.

mod cuts;
mod hangs;
mod house;
mod lone;
mod outages;
mod proxy;
mod restarts;
mod standby;
#[expect(dead_code, reason = "other tests use the rest")]
#[path = "../support"]
mod support {
    pub(crate) mod over;
    pub(crate) mod process;
    pub(crate) mod wire;
}
