//! The comparison, tried on what AWS may say.

use proptest::prelude::*;
use ringfence_acl::AccessString;

use super::*;
use crate::domain::{Auth, Membership, RotationPhase, SecretVersion, UserName};

const GIVEN: &str = "on ~acme:* resetchannels &acme:* -@all +get +set";

struct Facts {
    name: UserName,
    other: UserName,
    access: AccessString,
}

impl Facts {
    fn new() -> Self {
        Self {
            name: UserName::new("acme".to_owned()),
            other: UserName::new("globex".to_owned()),
            access: AccessString::parse(GIVEN).unwrap(),
        }
    }

    fn expected(&self) -> ExpectedUser<'_> {
        ExpectedUser {
            name: &self.name,
            auth: Auth::Password,
            is_member: true,
            access: Some(&self.access),
            shown: None,
            version: version("one"),
            rotation: None,
        }
    }

    fn shown<'a>(&'a self, access_string: &'a str) -> SeenUser<'a> {
        SeenUser {
            user: UserShown::AtRest {
                name: &self.name,
                access_string,
                auth: Some(Auth::Password),
                passwords: Some(1),
            },
            membership: Some(Membership::Member),
            tags_prove: Some(true),
            secret: Some(SecretSeen::Present {
                is_scheduled_for_deletion: false,
                current: Some(version("one")),
                tags_prove: true,
            }),
        }
    }
}

fn version(id: &str) -> SecretVersion {
    SecretVersion::new(id.to_owned())
}

fn kinds(expected: &ExpectedUser<'_>, seen: &SeenUser<'_>) -> Vec<DriftKind> {
    differences(expected, seen).into_iter().map(|difference| difference.kind).collect()
}

#[test]
fn what_is_only_rewritten_is_no_drift() {
    let facts = Facts::new();
    let (expected, canonical) = (facts.expected(), facts.access.canonical().to_string());
    assert_eq!(kinds(&expected, &facts.shown(GIVEN)), []);
    assert_eq!(kinds(&expected, &facts.shown(&canonical)), []);
}

/// A form that nobody has told of, with which the user was found fenced.
#[test]
fn what_was_shown_when_it_was_attested_is_no_drift() {
    let facts = Facts::new();
    let strange = "on ~acme:* +get +set +ping";
    let seen = facts.shown(strange);
    assert_eq!(kinds(&facts.expected(), &seen), [DriftKind::AccessChanged]);
    let attested = ExpectedUser { shown: Some(ShownAccess::of(strange)), ..facts.expected() };
    assert_eq!(kinds(&attested, &seen), []);
}

#[test]
fn a_user_that_is_off_is_told_apart_from_one_that_may_do_something_else() {
    let facts = Facts::new();
    let off = GIVEN.replacen("on", "off", 1);
    assert_eq!(kinds(&facts.expected(), &facts.shown(&off)), [DriftKind::UserDisabled]);
    let more = format!("{GIVEN} +flushall");
    assert_eq!(kinds(&facts.expected(), &facts.shown(&more)), [DriftKind::AccessChanged]);
    assert_eq!(kinds(&facts.expected(), &facts.shown("no access string")).len(), 1);
}

#[test]
fn a_rotation_explains_two_passwords_and_a_version_that_moves() {
    let facts = Facts::new();
    let mut seen = facts.shown(GIVEN);
    seen.user = UserShown::AtRest {
        name: &facts.name,
        access_string: GIVEN,
        auth: Some(Auth::Password),
        passwords: Some(2),
    };
    seen.secret = Some(SecretSeen::Present {
        is_scheduled_for_deletion: false,
        current: Some(version("two")),
        tags_prove: true,
    });
    let both = [DriftKind::SecretChanged, DriftKind::PasswordsChanged];
    assert_eq!(kinds(&facts.expected(), &seen), both);
    let rotating = ExpectedUser { rotation: Some(RotationPhase::Grace), ..facts.expected() };
    assert_eq!(kinds(&rotating, &seen), []);
}

#[test]
fn a_suspended_user_is_no_member_and_misses_nothing_by_that() {
    let facts = Facts::new();
    let suspended = ExpectedUser { is_member: false, ..facts.expected() };
    let mut seen = facts.shown(GIVEN);
    assert_eq!(kinds(&suspended, &seen), [DriftKind::InGroup]);
    seen.membership = Some(Membership::Outside);
    assert_eq!(kinds(&suspended, &seen), []);
    // Another user with its id may be whose member it likes.
    seen.membership = Some(Membership::Member);
    seen.user = UserShown::AtRest {
        name: &facts.other,
        access_string: GIVEN,
        auth: Some(Auth::Password),
        passwords: Some(1),
    };
    assert_eq!(kinds(&suspended, &seen), [DriftKind::UserMissing]);
}

/// What cannot be compared does not differ, and proves nothing either.
#[test]
fn what_is_not_known_is_no_proof() {
    let facts = Facts::new();
    let (expected, mut seen) = (facts.expected(), facts.shown(GIVEN));
    assert_eq!(Proof::of(&expected, &seen), Proof { of_user: true, of_secret: true });
    let unknown = ExpectedUser { access: None, ..facts.expected() };
    assert!(!Proof::of(&unknown, &seen).of_user);
    let attested = ExpectedUser { shown: Some(ShownAccess::of(GIVEN)), ..unknown };
    assert!(Proof::of(&attested, &seen).of_user);
    let rotating = ExpectedUser { rotation: Some(RotationPhase::Grace), ..facts.expected() };
    assert!(!Proof::of(&rotating, &seen).of_secret);
    (seen.user, seen.secret) = (UserShown::Changing, None);
    assert_eq!(Proof::of(&expected, &seen), Proof { of_user: false, of_secret: false });
}

fn seen(facts: &Facts) -> impl Strategy<Value = SeenUser<'_>> {
    let access = prop_oneof![Just(GIVEN), Just("off -@all"), Just("on ~* +@all"), Just("?")];
    let auth = prop_oneof![Just(None), Just(Some(Auth::Password)), Just(Some(Auth::Iam))];
    let name = prop_oneof![Just(&facts.name), Just(&facts.other)];
    let at_rest = (name, access, auth, prop::option::of(0..3_u8)).prop_map(
        |(name, access_string, auth, passwords)| UserShown::AtRest {
            name,
            access_string,
            auth,
            passwords,
        },
    );
    let user = prop_oneof![Just(UserShown::Missing), Just(UserShown::Changing), at_rest];
    let membership = prop::option::of(prop_oneof![
        Just(Membership::Outside),
        Just(Membership::Joining),
        Just(Membership::Member),
        Just(Membership::Leaving),
    ]);
    let current = prop::option::of(prop_oneof![Just(version("one")), Just(version("two"))]);
    let present = (any::<bool>(), current, any::<bool>()).prop_map(
        |(is_scheduled_for_deletion, current, tags_prove)| SecretSeen::Present {
            is_scheduled_for_deletion,
            current,
            tags_prove,
        },
    );
    let secret = prop::option::of(prop_oneof![Just(SecretSeen::Missing), present]);
    (user, membership, prop::option::of(any::<bool>()), secret).prop_map(
        |(user, membership, tags_prove, secret)| SeenUser { user, membership, tags_prove, secret },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Whatever AWS says: no kind twice, none that says the same on both sides, none about what was
    /// not looked at.
    #[test]
    fn differences_are_few_and_differ(
        seen in seen(Box::leak(Box::new(Facts::new()))),
        rotation in prop::option::of(Just(RotationPhase::Grace)),
    ) {
        let facts = Facts::new();
        let found = differences(&ExpectedUser { rotation, ..facts.expected() }, &seen);
        let mut kinds: Vec<_> = found.iter().map(|difference| difference.kind).collect();
        kinds.sort();
        kinds.dedup();
        prop_assert_eq!(kinds.len(), found.len());
        for difference in &found {
            prop_assert_ne!(&difference.found, &difference.expected);
        }
        let has = |kind| kinds.contains(&kind);
        prop_assert!(!has(DriftKind::NotInGroup) || seen.membership == Some(Membership::Outside));
        prop_assert!(!has(DriftKind::UserTagsLost) || seen.tags_prove == Some(false));
        let of_secret = [
            DriftKind::SecretMissing,
            DriftKind::SecretScheduled,
            DriftKind::SecretChanged,
            DriftKind::SecretTagsLost,
        ];
        prop_assert!(seen.secret.is_some() || !of_secret.into_iter().any(has));
    }
}
