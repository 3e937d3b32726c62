//! A unit of work with its deadline.

use std::time::Instant;

use super::deadline::UNIT_TIMEOUT;
use crate::unit::WriteUnit;

/// A unit of work in the queue.
pub(crate) struct Job {
    pub(super) unit: Box<dyn WriteUnit>,
    /// The deadline of its first statement.
    pub(super) deadline: Instant,
}

impl Job {
    pub(super) fn new(unit: Box<dyn WriteUnit>) -> Self {
        Self { unit, deadline: Instant::now() + UNIT_TIMEOUT }
    }
}
