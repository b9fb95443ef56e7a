//! Which calls go first when AWS lets through fewer than there are.

/// How urgent the work is that calls are made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    /// Somebody waits for it: a sign-up, and whatever cuts somebody off.
    Urgent,
    /// It may come a little later: schedules, roll-outs, looks around.
    Routine,
}

impl Urgency {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Urgent => "urgent",
            Self::Routine => "routine",
        }
    }
}
