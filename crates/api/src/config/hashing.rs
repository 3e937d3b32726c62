//! The settings of password hashing.

use std::num::NonZeroUsize;

use clap::Args;

use super::{ConfigFaults, number};
use crate::passwords::{Cost, PasswordsConfig};

/// The settings as text.
#[derive(Args)]
#[expect(clippy::struct_field_names, reason = "the flags are named after the fields")]
pub(super) struct HashingSettings {
    /// The memory of a password hash, in KiB: 19456 to 1048576
    #[arg(long, global = true, env = "HEADROOM_PASSWORD_MEMORY_KIB", default_value = "19456")]
    password_memory_kib: String,
    /// The passes over that memory: 2 to 16
    #[arg(long, global = true, env = "HEADROOM_PASSWORD_PASSES", default_value = "2")]
    password_passes: String,
    /// How many passwords are hashed concurrently: 1 to 1024; the number of cores if left out
    #[arg(long, global = true, env = "HEADROOM_PASSWORD_WORKERS")]
    password_workers: Option<String>,
}

impl HashingSettings {
    /// Parses the settings, and collects all faults.
    pub(super) fn parse(&self, faults: &mut ConfigFaults) -> Option<PasswordsConfig> {
        let default = PasswordsConfig::default();
        let (memory, passes) = (&self.password_memory_kib, &self.password_passes);
        let memory_kib = number(memory, Cost::MEMORY_KIB_MIN..=Cost::MEMORY_KIB_MAX);
        let memory_kib = faults.take("password-memory-kib", memory, "19456 to 1048576", memory_kib);
        let times =
            faults.take("password-passes", passes, "2 to 16", number(passes, Cost::PASSES_MIN..=Cost::PASSES_MAX));
        let workers = self.password_workers.as_deref();
        let parsed = workers.map_or(Some(default.workers), |text| NonZeroUsize::new(number(text, 1..=1024)?));
        let workers = faults.take("password-workers", workers.unwrap_or_default(), "1 to 1024", parsed);
        let cost = Cost::new(memory_kib?, times?).ok()?;
        Some(PasswordsConfig { cost, workers: workers?, ..default })
    }
}
