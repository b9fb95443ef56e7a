//! What a merge patch says of one member (RFC 7396).

/// Whether a value stays, goes, or is another one now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// It is not named.
    #[default]
    Keep,
    /// It is named as `null`.
    Remove,
    /// It is given.
    Set(T),
}

impl<T> Patch<T> {
    /// What becomes of the value.
    #[must_use]
    pub fn of(self, before: Option<T>) -> Option<T> {
        match self {
            Self::Keep => before,
            Self::Remove => None,
            Self::Set(value) => Some(value),
        }
    }
}
