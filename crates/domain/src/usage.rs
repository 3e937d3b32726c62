//! Usage: how much of a limit is used.

use crate::{Limit, Ratio};

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

    /// Whether this part of the limit is used, or more. Something must be used: nothing is near a
    /// limit of 0.
    #[must_use]
    pub fn reaches(self, ratio: Ratio) -> bool {
        let parts = |quantity: u64, parts: u16| u128::from(quantity) * u128::from(parts);
        let is_reached = |max| parts(max, ratio.parts()) <= parts(self.used, Ratio::WHOLE);
        self.used > 0 && self.limit.max().is_some_and(is_reached)
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
    fn a_part_of_a_limit_is_reached_exactly() {
        let ratio = |text: &str| text.parse::<Ratio>().unwrap();
        let (half, most, whole) = (ratio("0.5"), Ratio::default(), Ratio::MAX);
        let almost = ratio("0.9999");
        for (used, limit, ratio, is_reached) in [
            (0, 0, half, false),
            (1, 0, half, true),
            (1, 0, whole, true),
            (0, 1, half, false),
            (1, 1, whole, true),
            (1, 2, half, true),
            (1, 3, half, false),
            (3, 5, most, false),
            (4, 5, most, true),
            (5, 5, most, true),
            (6, 5, most, true),
            (4, 5, whole, false),
            (5, 5, whole, true),
            (9_998, 10_000, almost, false),
            (9_999, 10_000, almost, true),
            (QUANTITY_MAX - 1, QUANTITY_MAX, whole, false),
            (QUANTITY_MAX, QUANTITY_MAX, whole, true),
            (u64::MAX, u64::MAX, whole, true),
        ] {
            let usage = Usage { used, limit: Limit::AtMost(limit) };
            assert_eq!(usage.reaches(ratio), is_reached, "{usage:?} {ratio:?}");
        }
        assert!(!Usage { used: u64::MAX, limit: Limit::Unlimited }.reaches(half));
    }

    #[test]
    fn the_sum_of_used_and_requested_cannot_overflow() {
        let usage = Usage { used: QUANTITY_MAX, limit: Limit::AtMost(u64::MAX) };
        assert!(usage.admits(0));
        assert!(!usage.admits(u64::MAX));
        assert!(!Usage { limit: Limit::Unlimited, ..usage }.admits(1));
    }
}
