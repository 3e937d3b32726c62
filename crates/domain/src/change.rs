//! A change to an optional field (RFC 7396: an absent field stays, null clears it).

/// A change to an optional field.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Change<T> {
    /// The field stays as it is.
    #[default]
    Keep,
    /// The field becomes empty.
    Clear,
    /// The field gets this value.
    Set(T),
}

impl<T> Change<T> {
    /// The change with its value parsed.
    ///
    /// # Errors
    /// The error of `parse`.
    pub fn parse<U, E>(self, parse: impl FnOnce(T) -> Result<U, E>) -> Result<Change<U>, E> {
        match self {
            Self::Keep => Ok(Change::Keep),
            Self::Clear => Ok(Change::Clear),
            Self::Set(value) => parse(value).map(Change::Set),
        }
    }

    /// The value of the field after the change.
    pub fn apply(self, present: Option<T>) -> Option<T> {
        match self {
            Self::Keep => present,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_keeps_clears_or_sets_the_field() {
        for (change, parsed, after) in [
            (Change::Keep, Ok(Change::Keep), Some(1)),
            (Change::Clear, Ok(Change::Clear), None),
            (Change::Set("2"), Ok(Change::Set(2)), Some(2)),
        ] {
            assert_eq!(change.parse(str::parse::<u8>), parsed);
            assert_eq!(parsed.map(|change| change.apply(Some(1))), Ok(after));
        }
        assert!(Change::Set("two").parse(str::parse::<u8>).is_err());
    }
}
