//! Several servers on one PostgreSQL database keep the guarantees of one server.

mod at_once;
mod fleet;
mod hot_account;
mod limits;
mod restart;
#[expect(dead_code, reason = "other tests use the rest")]
#[path = "../support"]
mod support {
    pub(crate) mod process;
    pub(crate) mod wire;
}
