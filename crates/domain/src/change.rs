//! What is to become of a field that may be empty (RFC 7396: left out it stays, null empties it).

/// What is to become of a field that may be empty.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Change<T> {
    /// It stays as it is.
    #[default]
    Keep,
    /// It is empty from now on.
    Clear,
    /// It holds this from now on.
    Set(T),
}

impl<T> Change<T> {
    /// The same change, of what its value parses to.
    ///
    /// # Errors
    /// Those of `parse`.
    pub fn parse<U, E>(self, parse: impl FnOnce(T) -> Result<U, E>) -> Result<Change<U>, E> {
        match self {
            Self::Keep => Ok(Change::Keep),
            Self::Clear => Ok(Change::Clear),
            Self::Set(value) => parse(value).map(Change::Set),
        }
    }

    /// What the field holds afterwards.
    pub fn apply(self, present: Option<T>) -> Option<T> {
        match self {
            Self::Keep => present,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }
}
