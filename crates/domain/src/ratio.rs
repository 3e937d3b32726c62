//! A part of a limit.

use std::str::FromStr;

use thiserror::Error;

/// The text is not a [`Ratio`].
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("not a number from 0.5 to 1 with up to 4 decimals")]
pub struct InvalidRatio;

/// A part of a limit, from a half to all of it: the usage from which on an account is near the
/// limit. It is exact, in ten-thousandths. The default is 0.8.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Ratio(u16);

impl Ratio {
    /// The number of parts of a whole.
    pub const WHOLE: u16 = 10_000;
    /// The least ratio.
    pub const MIN: Self = Self(5_000);
    /// The whole limit.
    pub const MAX: Self = Self(Self::WHOLE);

    /// How many of the [`Ratio::WHOLE`] parts it is.
    #[must_use]
    pub const fn parts(self) -> u16 {
        self.0
    }
}

impl Default for Ratio {
    fn default() -> Self {
        Self(8_000)
    }
}

impl FromStr for Ratio {
    type Err = InvalidRatio;

    fn from_str(text: &str) -> Result<Self, InvalidRatio> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let significant = decimals.trim_end_matches('0');
        let are_digits = !decimals.is_empty() && significant.bytes().all(|byte| byte.is_ascii_digit());
        if !are_digits || significant.len() > 4 {
            return Err(InvalidRatio);
        }
        let decimals: u16 = format!("{significant:0<4}").parse().map_err(|_| InvalidRatio)?;
        let ratio = match whole {
            "0" => Self(decimals),
            "1" if decimals == 0 => Self::MAX,
            _ => return Err(InvalidRatio),
        };
        if Self::MIN <= ratio { Ok(ratio) } else { Err(InvalidRatio) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_a_number_from_a_half_to_one_with_four_decimals() {
        for (text, parts) in [
            ("0.5", 5_000),
            ("0.5000", 5_000),
            ("0.5001", 5_001),
            ("0.8", 8_000),
            ("0.80000000", 8_000),
            ("0.9999", 9_999),
            ("1", 10_000),
            ("1.0", 10_000),
        ] {
            assert_eq!(text.parse::<Ratio>().map(Ratio::parts), Ok(parts), "{text}");
        }
        for bad in [
            "", "0", "0.", ".8", "0.4999", "0.49999", "1.0001", "1.1", "2", "00.8", "0,8", "0.8.0", "+0.8", "-0.8",
            "0.+8", "0.80001", "8e-1", "80%", "NaN", " 0.8", "0.٨",
        ] {
            assert_eq!(bad.parse::<Ratio>(), Err(InvalidRatio), "{bad}");
        }
        assert_eq!("0.8".parse(), Ok(Ratio::default()));
    }
}
