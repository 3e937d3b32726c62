//! The faults of a configuration, which are reported together.

use std::collections::BTreeSet;
use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use crate::auth::JWT_SECRET_BYTES_MIN;

/// All faults of a configuration.
#[derive(Debug, Eq, PartialEq)]
pub struct ConfigError(pub(super) Vec<String>);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("headroom: cannot start")?;
        self.0.iter().try_for_each(|fault| write!(f, "\n  - {fault}"))
    }
}

/// A flag and its variable, for messages.
pub(super) struct Setting<'a>(pub(super) &'a str);

impl fmt::Display for Setting<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let variable = self.0.to_ascii_uppercase().replace('-', "_");
        write!(f, "HEADROOM_{variable} (--{})", self.0)
    }
}

/// The faults found so far, one per setting.
#[derive(Default)]
pub(super) struct ConfigFaults {
    pub(super) found: Vec<String>,
    /// The settings that have a fault.
    settings: BTreeSet<String>,
}

impl ConfigFaults {
    /// Adds a fault of a setting, unless it has one already.
    pub(super) fn note(&mut self, setting: &str, fault: impl fmt::Display) {
        if self.settings.insert(setting.to_owned()) {
            self.found.push(format!("{} {fault}", Setting(setting)));
        }
    }

    /// Returns the parsed value, or adds a fault that says which values the setting takes.
    pub(super) fn take<T>(&mut self, setting: &'static str, text: &str, takes: &str, parsed: Option<T>) -> Option<T> {
        if parsed.is_none() {
            self.note(setting, format_args!("takes {takes}, not {text:?}"));
        }
        parsed
    }

    /// Adds faults for settings with control characters. No setting takes any, not even secrets: a
    /// secret with the line break of its file is not the same as the one without.
    pub(super) fn refuse_control_characters(&mut self, settings: &[String]) {
        for setting in settings {
            self.note(setting, "takes no control characters, such as a line break at the end");
        }
    }

    /// As [`ConfigFaults::take`], without quoting the secret.
    pub(super) fn check_secret(&mut self, setting: &'static str, secret: Option<&SecretString>) {
        if secret.is_some_and(|secret| secret.expose_secret().len() < JWT_SECRET_BYTES_MIN) {
            self.note(setting, format_args!("takes at least {JWT_SECRET_BYTES_MIN} bytes"));
        }
    }
}
