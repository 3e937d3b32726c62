//! Bounds of input, shared by the modules that parse it and the one that explains what is wrong.

use jiff::Timestamp;
use jiff::civil::{Date, date};

/// The earliest instant a booking can start at.
pub const STARTS_AT_MIN: Timestamp = Timestamp::UNIX_EPOCH;
/// The end of the span that bookings can start in, exclusive: 2200-01-01T00:00:00Z. It catches a
/// mistyped year, and days can be computed without overflow.
pub const STARTS_AT_MAX: Timestamp = Timestamp::constant(7_258_118_400, 0);

/// The first day of a range of days.
pub const DAY_MIN: Date = date(1970, 1, 1);
/// The last day of a range of days.
pub const DAY_MAX: Date = date(2199, 12, 31);

/// The largest quantity, and the largest value of a counter: 2^53 - 1. JSON numbers up to it are
/// exact in every client (RFC 8259, section 6).
pub const QUANTITY_MAX: u64 = (1 << 53) - 1;

/// The most characters of an e-mail address (RFC 5321, section 4.5.3.1).
pub(crate) const EMAIL_ADDRESS_CHARACTERS_MAX: usize = 254;
