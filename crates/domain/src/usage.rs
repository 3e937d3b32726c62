//! Usage: how much of a limit is used.

use crate::Limit;

/// The used amount and its limit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Usage {
    /// How much is used.
    pub used: u32,
    /// The limit.
    pub limit: Limit,
}

impl Usage {
    /// Whether the limit permits `requested` more.
    #[must_use]
    pub fn admits(self, requested: u32) -> bool {
        self.limit.admits(u64::from(self.used) + u64::from(requested))
    }

    /// How many more are permitted; `None` if unlimited.
    #[must_use]
    pub fn remaining(self) -> Option<u32> {
        self.limit.max().map(|max| max.saturating_sub(self.used))
    }

    /// By how much the limit is exceeded, 0 if it is not. Usage can be above a limit, because a
    /// smaller plan removes nothing.
    #[must_use]
    pub fn over_by(self) -> u32 {
        self.limit.max().map_or(0, |max| self.used.saturating_sub(max))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remaining_and_excess_of_a_usage() {
        for (used, limit, remaining, over_by) in [
            (0, Limit::AtMost(0), Some(0), 0),
            (1, Limit::AtMost(2), Some(1), 0),
            (2, Limit::AtMost(2), Some(0), 0),
            (3, Limit::AtMost(2), Some(0), 1),
            (u32::MAX, Limit::AtMost(0), Some(0), u32::MAX),
            (u32::MAX, Limit::Unlimited, None, 0),
        ] {
            let usage = Usage { used, limit };
            assert_eq!((usage.remaining(), usage.over_by()), (remaining, over_by), "{usage:?}");
        }
    }

    #[test]
    fn the_sum_of_used_and_requested_cannot_overflow() {
        let usage = Usage { used: u32::MAX, limit: Limit::AtMost(u32::MAX) };
        assert!(usage.admits(0));
        assert!(!usage.admits(u32::MAX));
    }
}
