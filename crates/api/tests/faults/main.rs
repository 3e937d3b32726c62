//! A real server under faults of its machine: a failing and a full disk, no descriptors, overload,
//! and a clock that jumps.
//!
//! With `HEADROOM_FAULTS=all` the tests try much more, and take minutes.

mod clock;
mod descriptors;
mod failing_disk;
mod full_disk;
mod load;
mod overload;
#[expect(dead_code, reason = "other tests use the rest")]
#[path = "../support"]
mod support {
    pub(crate) mod process;
    pub(crate) mod wire;
}

/// What a test tries: a sample, or everything with `HEADROOM_FAULTS=all`.
fn chosen<T>(sample: impl IntoIterator<Item = T>, all: impl IntoIterator<Item = T>) -> Vec<T> {
    match std::env::var("HEADROOM_FAULTS").as_deref() {
        Err(_) => sample.into_iter().collect(),
        Ok("all") => all.into_iter().collect(),
        Ok(other) => panic!("HEADROOM_FAULTS is all, or not set; not {other:?}"),
    }
}
