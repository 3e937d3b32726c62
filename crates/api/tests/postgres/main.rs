//! Several servers on one PostgreSQL database: what they promise together is what one of them promises.

mod at_once;
mod fleet;
mod hot_account;
mod limits;
mod restart;
#[expect(dead_code, reason = "what the other tests use of it")]
#[path = "../support"]
mod support {
    pub(crate) mod process;
    pub(crate) mod wire;
}
