//! Whether a thing without our tags is ours all the same.

use super::{ExpectedUser, SecretSeen, SeenUser, ShownAccess, UserShown, compare::user};

/// What everything but its tags says of a user. What is not known proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The user is the one that was made: its name, its rights and its way to log in are seen, and are
    /// as they should be.
    pub of_user: bool,
    /// The secret is the one that was made: it holds the version that only we know the id of.
    pub of_secret: bool,
}

impl Proof {
    /// What is seen of a user proves so much.
    #[must_use]
    pub fn of(expected: &ExpectedUser<'_>, seen: &SeenUser<'_>) -> Self {
        Self { of_user: of_user(expected, seen.user), of_secret: of_secret(expected, seen) }
    }
}

fn of_user(expected: &ExpectedUser<'_>, shown: UserShown<'_>) -> bool {
    let UserShown::AtRest { access_string, .. } = shown else { return false };
    let as_attested = expected.shown == Some(ShownAccess::of(access_string));
    (expected.access.is_some() || as_attested) && user(expected, shown).is_empty()
}

fn of_secret(expected: &ExpectedUser<'_>, seen: &SeenUser<'_>) -> bool {
    let Some(SecretSeen::Present { is_scheduled_for_deletion, current, .. }) = &seen.secret else {
        return false;
    };
    // While a rotation runs, it is not known which version should be current.
    expected.rotation.is_none()
        && !is_scheduled_for_deletion
        && current.as_ref() == Some(&expected.version)
}
