//! What goes first where not everything can go at once.

/// How soon something has to be done, compared with other work that waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Urgency {
    /// Somebody waits for it: a sign-up, or a login that must be cut off.
    Urgent,
    /// Everything else.
    #[default]
    Routine,
}

impl Urgency {
    /// The word for it in what is counted.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Urgent => "urgent",
            Self::Routine => "routine",
        }
    }
}
