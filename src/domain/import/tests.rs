use std::sync::Arc;

use jiff::Timestamp;
use ringfence_acl::{AccessString, Engine};
use uuid::Uuid;

use super::{Claim, FoundUser, ImportRefusal, ImportRules, ImportedTenant, rebuild};
use crate::domain::{
    Auth, CacheName, CacheUserId, Grant, Ground, GroupLimits, KeyPattern, KeyPatternTemplate,
    NamingScheme, ProfileName, Profiles, TenantName, Tier, TierKind, UserId, UserName, UserState,
    Wanted,
};

/// What users are held against, with what the rules borrow.
struct Installation {
    cache: CacheName,
    profiles: Profiles,
    naming: NamingScheme,
    ground: Ground,
}

impl Installation {
    fn new() -> Self {
        Self {
            cache: CacheName::parse("main").unwrap(),
            profiles: Profiles::built_in(),
            naming: NamingScheme {
                user_id_prefix: "rf-".to_owned(),
                secret_prefix: "ringfence/".to_owned(),
            },
            ground: Ground::plain(Engine::all().last().unwrap()),
        }
    }

    fn rules(&self) -> ImportRules<'_> {
        ImportRules {
            cache: &self.cache,
            limits: GroupLimits { configured: 100, learned: None, foreign: None },
            profiles: &self.profiles,
            ground: self.ground,
            key_pattern: KeyPatternTemplate::Colon,
            naming: &self.naming,
            instead: None,
            rejoin: false,
            now: Timestamp::UNIX_EPOCH,
        }
    }

    fn rebuild(&self, users: &[FoundUser]) -> Result<ImportedTenant, ImportRefusal> {
        rebuild(&self.rules(), users, || Uuid::from_u128(99))
    }

    fn rights(&self, profile: &str, keys: &str) -> String {
        let grant = Grant::Profile(ProfileName::parse(profile).unwrap());
        let keys = KeyPattern::from_stored(keys).unwrap();
        grant.access_string(&self.profiles, &keys, &self.ground).unwrap()
    }

    /// A user of acme as it is made by the service.
    fn of_acme(&self, name: &str, profile: &str, keys: &str) -> FoundUser {
        FoundUser {
            user_id: UserId::new(&format!("rf-{name}")),
            user_name: UserName::new(name.to_owned()),
            access_string: Arc::from(self.rights(profile, keys)),
            auth: Some(Auth::Password),
            state: UserState::Active,
            is_member: true,
            claim: Claim::Tags {
                tenant: TenantName::parse("acme").unwrap(),
                life: None,
                tier: None,
            },
        }
    }
}

#[test]
fn a_tenant_is_put_together_from_its_users_the_main_one_first() {
    let here = Installation::new();
    let mut users = [
        here.of_acme("acme--reports", "read-only", "acme:reports:*"),
        here.of_acme("acme", "queue", "acme:*"),
    ];
    let tenant = TenantName::parse("acme").unwrap();
    let life = Some(CacheUserId(Uuid::from_u128(7)));
    users[1].claim = Claim::Tags { tenant, life, tier: Some(TierKind::Service) };
    let acme = here.rebuild(&users).unwrap();
    let names: Vec<_> = acme.tenant.users.iter().map(|user| user.name.as_str()).collect();
    assert_eq!(names, ["main", "reports"]);
    assert_eq!((acme.tenant.id.0, acme.tenant.tier), (Uuid::from_u128(7), Tier::Service));
    assert_eq!(acme.tenant.key_pattern.to_string(), "acme:*");
    let secrets: Vec<_> =
        acme.tenant.users.iter().map(|user| user.names.secret_name.as_str()).collect();
    assert_eq!(secrets, ["ringfence/acme", "ringfence/acme/reports"]);
    assert_eq!((acme.access.len(), acme.notes.len()), (2, 0), "both have what their profiles say");
}

/// Whatever the engine: the profile that is found gives the same rights.
#[test]
fn every_profile_is_known_by_its_access_string() {
    let mut here = Installation::new();
    for engine in Engine::all() {
        here.ground = Ground::plain(engine);
        for profile in here.profiles.iter() {
            let name = profile.name().as_str();
            let acme = here.rebuild(&[here.of_acme("acme", name, "acme:*")]).unwrap();
            let user = &acme.tenant.users[0];
            let found = user.grant.access_string(&here.profiles, &user.key_pattern, &here.ground);
            let parsed = |text: &str| AccessString::parse(text).unwrap();
            let wanted = parsed(&here.rights(name, "acme:*"));
            assert!(parsed(&found.unwrap()).is_equivalent(&wanted), "{name} on {engine:?}");
            assert_eq!(acme.access.len(), 1, "it is not to be given them again");
        }
    }
}

#[test]
fn rights_of_no_profile_are_replaced_only_by_one_that_is_named() {
    let here = Installation::new();
    let mut user = here.of_acme("acme", "queue", "acme:*");
    user.access_string = Arc::from("on ~acme:* resetchannels -@all +get");
    let refused = here.rebuild(&[user.clone()]).unwrap_err();
    assert!(matches!(refused, ImportRefusal::NoProfile { .. }), "{refused}");
    let instead = Some(ProfileName::parse("cache").unwrap());
    let rules = ImportRules { instead, ..here.rules() };
    let acme = rebuild(&rules, &[user], || Uuid::from_u128(99)).unwrap();
    assert!(acme.access.is_empty(), "the reconciler gives it those of the profile");
    assert_eq!(acme.notes, ["rf-acme is given the rights of cache"]);
}

#[test]
fn who_is_out_stays_out_and_what_is_half_in_is_refused() {
    let here = Installation::new();
    let out = |name: &str| FoundUser { is_member: false, ..here.of_acme(name, "queue", "acme:*") };
    let further = here.of_acme("acme--reports", "read-only", "acme:reports:*");
    let suspended = here.rebuild(&[out("acme")]).unwrap();
    assert_eq!((suspended.wanted, suspended.notes.len()), (Wanted::Suspended, 1));
    let half = here.rebuild(&[out("acme"), further.clone()]).unwrap_err();
    assert!(matches!(half, ImportRefusal::Outside { .. }), "{half}");
    let rules = ImportRules { rejoin: true, ..here.rules() };
    for users in [vec![out("acme")], vec![out("acme"), further]] {
        let rejoined = rebuild(&rules, &users, || Uuid::from_u128(99)).unwrap();
        assert_eq!(rejoined.wanted, Wanted::Present);
        assert_eq!(rejoined.notes, ["rf-acme is put back into the user group"]);
    }
    let mut service = out("acme");
    let tenant = TenantName::parse("acme").unwrap();
    service.claim = Claim::Tags { tenant, life: None, tier: Some(TierKind::Service) };
    let service = here.rebuild(&[service]).unwrap_err();
    assert!(matches!(service, ImportRefusal::Outside { .. }), "a service is not suspended");
}

#[test]
fn what_is_no_tenants_is_refused() {
    let here = Installation::new();
    let acme = || here.of_acme("acme", "queue", "acme:*");
    let refusal = |change: &dyn Fn(&mut FoundUser)| {
        let mut user = acme();
        change(&mut user);
        here.rebuild(&[user]).unwrap_err()
    };
    let all_keys = refusal(&|user| user.access_string = Arc::from("on ~* -@all +get"));
    assert!(matches!(all_keys, ImportRefusal::NotOnePrefix { .. }), "{all_keys}");
    let anyone = refusal(&|user| user.auth = None);
    assert!(matches!(anyone, ImportRefusal::TakesAnyone { .. }), "{anyone}");
    let leaving = refusal(&|user| user.state = UserState::Deleting);
    assert!(matches!(leaving, ImportRefusal::NotActive { .. }), "{leaving}");
    let renamed = refusal(&|user| user.claim = Claim::Name { tenant: "Acme".to_owned() });
    assert!(matches!(renamed, ImportRefusal::Name { .. }), "{renamed}");

    let mut by_iam = acme();
    by_iam.user_id = UserId::new("rf-acme---iam");
    let both = here.rebuild(&[acme(), by_iam]).unwrap_err();
    assert!(matches!(both, ImportRefusal::TwoMainUsers { .. }), "{both}");
    let further = here.of_acme("acme--reports", "read-only", "acme:reports:*");
    let alone = here.rebuild(&[further]).unwrap_err();
    assert!(matches!(alone, ImportRefusal::NoMainUser { .. }), "{alone}");
    let stray = here.of_acme("acme--reports", "read-only", "globex:*");
    let stray = here.rebuild(&[acme(), stray]).unwrap_err();
    assert!(matches!(stray, ImportRefusal::KeysOfOthers { .. }), "{stray}");
}
