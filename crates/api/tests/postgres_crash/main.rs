//! What becomes of bookings when PostgreSQL is lost, or a connection to it. Left out where there is no PostgreSQL.

mod cuts;
mod hangs;
mod house;
mod lone;
mod outages;
mod proxy;
mod restarts;
mod standby;
#[expect(dead_code, reason = "what the other tests use of it")]
#[path = "../support"]
mod support {
    pub(crate) mod process;
    pub(crate) mod wire;
}
