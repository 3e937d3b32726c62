//! The settings of retention.

use clap::Args;

use super::{ConfigFaults, number};
use crate::state::Retention;

/// The maximum number of days: a hundred years.
const DAYS_MAX: u32 = 36_500;

/// The settings as text.
#[derive(Args)]
pub(super) struct RetentionSettings {
    /// For how many days after their day bookings are kept: 1 to 36500, or off
    #[arg(long, global = true, env = "HEADROOM_RETENTION_BOOKINGS", default_value = "off")]
    retention_bookings: String,
    /// For how many days after their day usage records are kept: 1 to 36500, or off
    #[arg(long, global = true, env = "HEADROOM_RETENTION_USAGE", default_value = "off")]
    retention_usage: String,
}

impl RetentionSettings {
    /// Parses the settings, and collects all faults.
    pub(super) fn parse(&self, faults: &mut ConfigFaults) -> Option<Retention> {
        let mut days = |setting, text: &str| {
            let parsed = if text == "off" { Some(None) } else { number(text, 1..=DAYS_MAX).map(Some) };
            faults.take(setting, text, "1 to 36500, or off", parsed)
        };
        let booking_days = days("retention-bookings", &self.retention_bookings);
        let usage_days = days("retention-usage", &self.retention_usage);
        Some(Retention { booking_days: booking_days?, usage_days: usage_days? })
    }
}
