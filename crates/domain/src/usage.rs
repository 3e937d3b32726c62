//! Usage: how much of a limit is used.

use crate::Limit;

/// The used amount and its limit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Usage {
    /// How much is used.
    pub used: u64,
    /// The limit.
    pub limit: Limit,
}

impl Usage {
    /// Whether the limit permits `requested` more.
    #[must_use]
    pub fn admits(self, requested: u64) -> bool {
        self.used.checked_add(requested).is_some_and(|total| self.limit.admits(total))
    }

    /// How many more are permitted; `None` if unlimited.
    #[must_use]
    pub fn remaining(self) -> Option<u64> {
        self.limit.max().map(|max| max.saturating_sub(self.used))
    }

    /// By how much the limit is exceeded, 0 if it is not. Usage can be above a limit, because a
    /// smaller plan removes nothing.
    #[must_use]
    pub fn over_by(self) -> u64 {
        self.limit.max().map_or(0, |max| self.used.saturating_sub(max))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::QUANTITY_MAX;

    #[test]
    fn remaining_and_excess_of_a_usage() {
        for (used, limit, remaining, over_by) in [
            (0, Limit::AtMost(0), Some(0), 0),
            (1, Limit::AtMost(2), Some(1), 0),
            (2, Limit::AtMost(2), Some(0), 0),
            (3, Limit::AtMost(2), Some(0), 1),
            (u64::MAX, Limit::AtMost(0), Some(0), u64::MAX),
            (u64::MAX, Limit::Unlimited, None, 0),
        ] {
            let usage = Usage { used, limit };
            assert_eq!((usage.remaining(), usage.over_by()), (remaining, over_by), "{usage:?}");
        }
    }

    #[test]
    fn the_sum_of_used_and_requested_cannot_overflow() {
        let usage = Usage { used: QUANTITY_MAX, limit: Limit::AtMost(u64::MAX) };
        assert!(usage.admits(0));
        assert!(!usage.admits(u64::MAX));
        assert!(!Usage { limit: Limit::Unlimited, ..usage }.admits(1));
    }
}
