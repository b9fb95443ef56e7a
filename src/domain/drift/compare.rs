//! The comparison of one user: what the store says of it, and what AWS does.

use ringfence_acl::AccessString;

use super::{DriftKind, ShownAccess};
use crate::domain::{Auth, Membership, RotationPhase, SecretVersion, UserName};

/// A user at rest, as it should be.
#[derive(Clone, Debug)]
pub struct ExpectedUser<'a> {
    /// Its `UserName`.
    pub name: &'a UserName,
    /// How it proves who it is.
    pub auth: Auth,
    /// Whether it has its place in the group; not while it is suspended.
    pub is_member: bool,
    /// What was asked for. `None` while its profile has another definition than it was given.
    pub access: Option<&'a AccessString>,
    /// What AWS showed when it was attested, if that was not as it was asked for.
    pub shown: Option<ShownAccess>,
    /// The version of its secret that holds its password.
    pub version: SecretVersion,
    /// How far the rotation of its password has come, if there is one.
    pub rotation: Option<RotationPhase>,
}

/// What AWS says about it.
#[derive(Clone, Debug)]
pub struct SeenUser<'a> {
    /// The user.
    pub user: UserShown<'a>,
    /// Its place in the group; `None` if it is not known.
    pub membership: Option<Membership>,
    /// Whether its tags prove it ours; `None` if they were not read.
    pub tags_prove: Option<bool>,
    /// Its secret; `None` if it has none, or if that was not looked at.
    pub secret: Option<SecretSeen>,
}

/// A user as it is listed.
#[derive(Clone, Copy, Debug)]
pub enum UserShown<'a> {
    /// It is not.
    Missing,
    /// AWS is at work on it.
    Changing,
    /// It is as it says.
    AtRest {
        /// Its `UserName`.
        name: &'a UserName,
        /// Its access string.
        access_string: &'a str,
        /// How it proves who it is; `None` if it need not.
        auth: Option<Auth>,
        /// How many passwords it has, if AWS says so.
        passwords: Option<u8>,
    },
}

/// A secret as it is described.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSeen {
    /// There is none.
    Missing,
    /// There is one.
    Present {
        /// Whether it is in its recovery window.
        is_scheduled_for_deletion: bool,
        /// The version that carries `AWSCURRENT`.
        current: Option<SecretVersion>,
        /// Whether its tags prove it ours.
        tags_prove: bool,
    },
}

/// One thing that is not as it should be. Neither text ever holds a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Of which kind.
    pub kind: DriftKind,
    /// What AWS says.
    pub found: String,
    /// What it should say.
    pub expected: String,
}

impl Difference {
    pub(super) fn new(
        kind: DriftKind,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) -> Self {
        Self { kind, found: found.into(), expected: expected.into() }
    }

    /// A membership that was there and is not any more.
    #[must_use]
    pub fn membership_lost() -> Self {
        Self::new(DriftKind::NotInGroup, "no member", "a member")
    }
}

/// What differs about a user. Total and pure. What is not known does not differ, nor does what the
/// rotation of its password explains.
#[must_use]
pub fn differences(expected: &ExpectedUser<'_>, seen: &SeenUser<'_>) -> Vec<Difference> {
    let mut found = secret(expected, seen.secret.as_ref());
    found.extend(user(expected, seen.user));
    if !matches!(seen.user, UserShown::Missing) {
        found.extend(membership(expected, seen));
        if seen.tags_prove == Some(false) {
            let (found_is, expected_is) = ("other tags, or none", "the tags of Ringfence");
            found.push(Difference::new(DriftKind::UserTagsLost, found_is, expected_is));
        }
    }
    found
}

fn secret(expected: &ExpectedUser<'_>, seen: Option<&SecretSeen>) -> Vec<Difference> {
    let (is_scheduled, current, tags_prove) = match (expected.auth, seen) {
        (Auth::Iam, _) | (_, None) => return Vec::new(),
        (Auth::Password, Some(SecretSeen::Missing)) => {
            return vec![Difference::new(DriftKind::SecretMissing, "no secret", "a secret")];
        }
        (
            Auth::Password,
            Some(SecretSeen::Present { is_scheduled_for_deletion, current, tags_prove }),
        ) => (*is_scheduled_for_deletion, current.as_ref(), *tags_prove),
    };
    let mut found = Vec::new();
    if !tags_prove {
        let (found_is, expected_is) = ("other tags, or none", "the tags of Ringfence");
        found.push(Difference::new(DriftKind::SecretTagsLost, found_is, expected_is));
    }
    if is_scheduled {
        let found_is = "scheduled for deletion";
        found.push(Difference::new(DriftKind::SecretScheduled, found_is, "a secret"));
    } else if expected.rotation.is_none() && current != Some(&expected.version) {
        let version = |version: &SecretVersion| format!("AWSCURRENT on {}", version.as_str());
        let found_is = current.map_or_else(|| "no AWSCURRENT".to_owned(), version);
        let expected_is = version(&expected.version);
        found.push(Difference::new(DriftKind::SecretChanged, found_is, expected_is));
    }
    found
}

pub(super) fn user(expected: &ExpectedUser<'_>, shown: UserShown<'_>) -> Vec<Difference> {
    let UserShown::AtRest { name, access_string, auth, passwords } = shown else {
        let is_missing = matches!(shown, UserShown::Missing);
        let missing = Difference::new(DriftKind::UserMissing, "no user", "a user");
        return is_missing.then_some(missing).into_iter().collect();
    };
    if name != expected.name {
        // A `UserName` cannot be changed: it is another user with the same id.
        let (found, expected) =
            (format!("a user named {name}"), format!("named {}", expected.name));
        return vec![Difference::new(DriftKind::UserMissing, found, expected)];
    }
    let mut found = Vec::new();
    found.extend(access(expected, access_string));
    if auth != Some(expected.auth) {
        let shown = auth.map_or("nothing", Auth::as_str);
        let expected = expected.auth.as_str();
        found.push(Difference::new(DriftKind::AuthChanged, shown, expected));
    } else if expected.rotation.is_none() && passwords.is_some_and(|count| count > 1) {
        let shown = format!("{} passwords", passwords.unwrap_or_default());
        found.push(Difference::new(DriftKind::PasswordsChanged, shown, "1 password"));
    }
    found
}

fn access(expected: &ExpectedUser<'_>, shown: &str) -> Option<Difference> {
    if expected.shown == Some(ShownAccess::of(shown)) {
        return None;
    }
    let wanted = expected.access?;
    let parsed = AccessString::parse(shown).ok();
    if parsed.as_ref().is_some_and(|parsed| parsed.is_equivalent(wanted)) {
        return None;
    }
    let is_off = parsed.is_some_and(|parsed| wanted.is_on() && !parsed.is_on());
    let kind = if is_off { DriftKind::UserDisabled } else { DriftKind::AccessChanged };
    Some(Difference::new(kind, shown, wanted.canonical().to_string()))
}

/// An emergency takes its user out of the group for a moment. Of another user with the same id the
/// membership is not ours to take away.
fn membership(expected: &ExpectedUser<'_>, seen: &SeenUser<'_>) -> Option<Difference> {
    if !expected.is_member {
        let is_that_user =
            matches!(seen.user, UserShown::AtRest { name, .. } if name == expected.name);
        let is_in = is_that_user && seen.membership == Some(Membership::Member);
        return is_in.then(|| Difference::new(DriftKind::InGroup, "a member", "no member"));
    }
    let is_out_for_a_moment =
        matches!(expected.rotation, Some(RotationPhase::Cutting | RotationPhase::Rejoining));
    let is_lost = seen.membership == Some(Membership::Outside) && !is_out_for_a_moment;
    is_lost.then(Difference::membership_lost)
}
