//! Keeping a tenant out of its cache for a while.

use super::Wanted;

/// What a caller wants of a tenant that is to stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suspension {
    /// Nobody is to log in as one of its users, and who is logged in is to be cut off.
    Suspend,
    /// Its users are to work again.
    Resume,
}

impl Suspension {
    /// What is wanted of its users then.
    #[must_use]
    pub fn wanted(self) -> Wanted {
        match self {
            Self::Suspend => Wanted::Suspended,
            Self::Resume => Wanted::Present,
        }
    }
}
