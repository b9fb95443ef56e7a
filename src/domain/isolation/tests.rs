//! Users that meet, and users that do not.

use std::collections::BTreeSet;

use proptest::prelude::*;
use ringfence_acl::{AccessString, Engine, EngineKind, EngineVersion, Glob};

use super::*;
use crate::domain::{KeyPatternTemplate, Profile, TenantName, UserId, UserName};

fn ground() -> Ground {
    Ground::plain(Engine { kind: EngineKind::Valkey, version: EngineVersion::new(9, 1) })
}

fn foreign(name: &str, access_string: &str) -> Resident {
    let user = GroupMember {
        id: UserId::new(name),
        name: UserName::new(name.to_owned()),
        access_string: access_string.into(),
        takes_anyone: false,
    };
    Resident { user, owner: Owner::Foreign }
}

fn tenant(name: &str, access_string: &str) -> Resident {
    let owner = Owner::Tenant(TenantName::parse(name).unwrap());
    Resident { owner, ..foreign(name, access_string) }
}

/// A tenant as it is made.
fn fenced(name: &str, template: KeyPatternTemplate) -> Resident {
    let pattern = template.pattern(&TenantName::parse(name).unwrap());
    tenant(name, &Profile::default().access_string(&pattern, &ground()))
}

fn verdicts(isolation: &Isolation) -> (Verdict, Verdict) {
    (isolation.between_tenants(), isolation.with_foreign_users())
}

#[test]
fn tenants_with_prefixes_of_their_own_are_isolated() {
    let names = ["acme", "acme-eu", "globex", "a"];
    let users = names.map(|name| fenced(name, KeyPatternTemplate::Colon));
    let isolation = prove(users.to_vec(), &ground());
    assert_eq!(isolation.meetings, []);
    assert!(isolation.users.iter().all(|user| user.leaks.is_empty()), "{isolation:?}");
    assert_eq!(verdicts(&isolation), (Verdict::Isolated, Verdict::Isolated));
}

#[test]
fn nested_prefixes_meet_at_a_key_and_at_a_channel() {
    let users = ["acme-eu", "acme"].map(|name| fenced(name, KeyPatternTemplate::Hyphen));
    let isolation = prove(users.to_vec(), &ground());
    let [key, channel] = &isolation.meetings[..] else { panic!("{:?}", isolation.meetings) };
    assert_eq!((key.place, channel.place), (Place::Key, Place::Channel));
    assert_eq!(key.witness, b"acme-eu-");
    assert_eq!(key.rules, ["~acme-eu-*", "~acme-*"]);
    assert_eq!(isolation.between_tenants(), Verdict::Leaky);
}

#[test]
fn who_sees_everything_is_named_with_one_example() {
    let users = vec![
        fenced("acme", KeyPatternTemplate::Colon),
        fenced("globex", KeyPatternTemplate::Colon),
        foreign("ops", "on ~* resetchannels -@all +get"),
        foreign("bus", "on ~bus:* -@all +publish"),
    ];
    let isolation = prove(users, &ground());
    assert!(isolation.users[2].sees_all_keys && !isolation.users[2].sees_all_channels);
    assert!(isolation.users[3].sees_all_channels && !isolation.users[3].sees_all_keys);
    let pairs: Vec<_> = isolation.meetings.iter().map(|m| (m.place, m.users)).collect();
    assert_eq!(pairs, [(Place::Key, [0, 2]), (Place::Channel, [0, 3])]);
    assert_eq!(isolation.meetings[0].witness, b"acme:");
    assert_eq!(isolation.meetings[1].rules[1], "acl-pubsub-default");
    assert_eq!(verdicts(&isolation), (Verdict::Isolated, Verdict::Leaky));
}

#[test]
fn commands_that_go_round_the_patterns_are_leaks() {
    let users = vec![
        fenced("acme", KeyPatternTemplate::Colon),
        foreign("batch", "on ~batch:* resetchannels -@all +scan +flushall"),
    ];
    let isolation = prove(users, &ground());
    assert_eq!(isolation.meetings, []);
    let leak = |code, command: &str| Leak { code, commands: vec![command.to_owned()] };
    let leaks = [leak("reveals-key-names", "scan"), leak("destroys-keys", "flushall")];
    assert_eq!(isolation.users[1].leaks, leaks);
    assert_eq!(verdicts(&isolation), (Verdict::Isolated, Verdict::Leaky));
}

#[test]
fn who_can_do_nothing_meets_nobody() {
    let users = vec![
        foreign("off", "off ~* &* +@all"),
        foreign("powerless", "on ~* &* -@all"),
        tenant("acme", "on ~acme:* resetchannels -@all +get"),
    ];
    let isolation = prove(users, &ground());
    assert_eq!(isolation.meetings, []);
    assert_eq!(isolation.users[0].standing, Standing::Off);
    assert_eq!(verdicts(&isolation), (Verdict::Isolated, Verdict::Isolated));
}

#[test]
fn an_access_string_that_cannot_be_read_proves_nothing() {
    let isolation = prove(vec![tenant("acme", "on ~acme:* !what")], &ground());
    assert!(matches!(isolation.users[0].standing, Standing::Unreadable(_)));
    assert_eq!(verdicts(&isolation), (Verdict::Inconclusive, Verdict::Isolated));
}

#[test]
fn an_open_default_user_is_a_breach_between_tenants() {
    let mut default = foreign("default", "on ~* &* +@all");
    default.user.takes_anyone = true;
    let users = vec![fenced("acme", KeyPatternTemplate::Colon), default];
    let isolation = prove(users, &ground());
    assert_eq!(isolation.users[1].default_user, Some(DefaultUserFinding::Open));
    assert_eq!(verdicts(&isolation), (Verdict::Leaky, Verdict::Leaky));
}

/// `~*` is every key, but two stars are a pattern like any other, which the empty key does not match.
#[test]
fn the_empty_key_is_reached_by_those_only_who_say_so() {
    let empty = foreign("empty", "on ~ resetchannels -@all +get");
    let meetings = |pattern: &str| {
        let other = foreign("other", &format!("on {pattern} resetchannels -@all +get"));
        let isolation = prove(vec![empty.clone(), other], &ground());
        assert!(isolation.users[1].sees_all_keys);
        isolation.meetings.len()
    };
    assert_eq!((meetings("~*"), meetings("~**")), (1, 0));
}

#[test]
fn users_of_one_tenant_do_not_meet_each_other() {
    let string = "on ~acme:* resetchannels -@all +get";
    let (mut one, other) = (tenant("acme", string), tenant("acme", string));
    one.user.id = UserId::new("acme-queue");
    assert_eq!(prove(vec![one, other], &ground()).meetings, []);
}

#[test]
fn more_meetings_than_anybody_reads_are_cut_off_and_told_of() {
    let users = (0..50).map(|n| foreign(&format!("u{n}"), "on ~x* resetchannels -@all +get"));
    let isolation = prove(users.collect(), &ground());
    assert_eq!((isolation.meetings.len(), isolation.is_complete), (MEETINGS_MAX, false));
    assert_eq!(verdicts(&isolation), (Verdict::Inconclusive, Verdict::Inconclusive));
}

/// Every glob of one user against every glob of the other.
fn meet_by_brute_force(one: &[Glob], other: &[Glob]) -> bool {
    one.iter().any(|left| other.iter().any(|right| left.intersection(right).is_some()))
}

fn globs(resident: &Resident, place: Place) -> Vec<Glob> {
    let Ok(string) = AccessString::parse(&resident.user.access_string) else { return Vec::new() };
    match place {
        Place::Key => string.key_patterns().map(|pattern| pattern.glob().clone()).collect(),
        Place::Channel => string.channel_patterns().map(|pattern| pattern.glob().clone()).collect(),
    }
}

fn any_user() -> impl Strategy<Value = String> {
    let patterns = || prop::collection::vec(r"[ab]{0,3}(\*|\?|\[ab\]|\\\*|[ab]){0,3}", 0..4);
    (patterns(), patterns()).prop_map(|(keys, channels)| {
        let rules = |sign: &str, patterns: &[String]| {
            patterns.iter().map(|pattern| format!("{sign}{pattern}")).collect::<Vec<_>>().join(" ")
        };
        let (keys, channels) = (rules("~", &keys), rules("&", &channels));
        format!("on {keys} resetchannels {channels} -@all +get +subscribe")
    })
}

proptest! {
    #[test]
    fn the_quick_way_finds_what_brute_force_finds(
        strings in prop::collection::vec(any_user(), 0..8),
    ) {
        let users: Vec<Resident> =
            strings.iter().enumerate().map(|(n, s)| foreign(&format!("u{n}"), s)).collect();
        let isolation = prove(users.clone(), &ground());
        prop_assert!(isolation.is_complete);
        for meeting in &isolation.meetings {
            for user in meeting.users {
                let mut globs = globs(&users[user], meeting.place).into_iter();
                prop_assert!(globs.any(|glob| glob.matches(&meeting.witness)));
            }
        }
        for place in [Place::Key, Place::Channel] {
            let sees_all = |user: &Assessed| match place {
                Place::Key => user.sees_all_keys,
                Place::Channel => user.sees_all_channels,
            };
            let globs: Vec<Vec<Glob>> = users.iter().map(|user| globs(user, place)).collect();
            let found: BTreeSet<[usize; 2]> =
                isolation.meetings.iter().filter(|m| m.place == place).map(|m| m.users).collect();
            for (one, user) in isolation.users.iter().enumerate() {
                let meets = |other: &usize| {
                    *other != one && meet_by_brute_force(&globs[one], &globs[*other])
                };
                let met: Vec<usize> = (0..globs.len()).filter(meets).collect();
                if sees_all(user) {
                    let is_named = found.iter().any(|pair| pair.contains(&one));
                    prop_assert_eq!(is_named, !met.is_empty());
                    continue;
                }
                for other in met.iter().filter(|other| !sees_all(&isolation.users[**other])) {
                    prop_assert!(found.contains(&[one.min(*other), one.max(*other)]));
                }
                for pair in found.iter().filter(|pair| pair.contains(&one)) {
                    let other = if pair[0] == one { pair[1] } else { pair[0] };
                    prop_assert!(met.contains(&other));
                }
            }
        }
    }
}
