//! The end of the threads of a test.

use std::sync::atomic::{AtomicBool, Ordering};

/// Tells the threads of a test to end when it is dropped, also by a failed assertion.
pub(crate) struct Over<'a>(pub(crate) &'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}
