//! A tenant, put together from its users.

use std::collections::BTreeMap;

use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Claim, FoundUser, ImportRefusal,
    rights::{Rights, recognise},
};
use crate::domain::{
    AccessRevision, Auth, BreakGlassSession, CacheName, CacheUserId, CacheUserNames, CacheWish,
    Candidate, Grant, Ground, GroupLimits, KeyPattern, KeyPatternTemplate, Labels, LocalUserName,
    NamingScheme, NewTenant, NewUser, ProfileName, Profiles, Reason, ReasonError, SecretName,
    SecretVersion, TenantId, TenantName, Tier, TierKind, UserState, Wanted,
};

/// What users are held against.
#[derive(Clone, Debug)]
pub struct ImportRules<'a> {
    /// The cache that they are in.
    pub cache: &'a CacheName,
    /// How many users its group holds.
    pub limits: GroupLimits,
    /// All profiles.
    pub profiles: &'a Profiles,
    /// What access strings have to fit there.
    pub ground: Ground,
    /// How new tenants' keys are named.
    pub key_pattern: KeyPatternTemplate,
    /// How things in AWS are named.
    pub naming: &'a NamingScheme,
    /// The profile for those whose rights are no profile's.
    pub instead: Option<ProfileName>,
    /// Whether users that are in no group are put back, also those that look suspended.
    pub rejoin: bool,
    /// The time.
    pub now: Timestamp,
}

/// A tenant that can be written down again.
#[derive(Clone, Debug)]
pub struct ImportedTenant {
    /// The tenant as it would be asked for.
    pub tenant: NewTenant,
    /// Whether it goes on as it is or stays out of its cache.
    pub wanted: Wanted,
    /// The rights that AWS was last given for its users, where they are those of their profiles.
    pub access: BTreeMap<CacheUserId, AccessRevision>,
    /// The versions of their secrets that hold their passwords, as far as these were looked at.
    pub versions: BTreeMap<CacheUserId, SecretVersion>,
    /// What whoever imports it should know.
    pub notes: Vec<String>,
}

/// Puts a tenant together from all its users. `new_id` makes an id for a life whose own is lost.
pub fn rebuild(
    rules: &ImportRules<'_>,
    users: &[FoundUser],
    new_id: impl Fn() -> Uuid,
) -> Result<ImportedTenant, ImportRefusal> {
    let name = tenant_name(users)?;
    let tier = tier(users, rules.now);
    let wanted = wanted(users, &tier, rules.rejoin);
    let mut rebuilt = Vec::new();
    for user in users {
        refuse_unfit(user, rules.rejoin || wanted == Wanted::Suspended)?;
        let local = user.local_name(&name, rules.naming);
        let id = user.life().unwrap_or_else(|| CacheUserId(new_id()));
        rebuilt.push((user, id, local, recognise(user, &name, rules)?));
    }
    // The main one first, as in a request.
    rebuilt.sort_by_key(|(_, _, local, _)| (!local.is_main(), local.clone()));
    let keys = one_main_user(&rebuilt)?;
    refuse_canary(&name, &keys, rules)?;
    let mut imported = ImportedTenant {
        tenant: empty(&name, keys, tier, rules),
        wanted,
        access: BTreeMap::new(),
        versions: BTreeMap::new(),
        notes: Vec::new(),
    };
    for (user, id, local, rights) in rebuilt {
        imported.take(user, (id, local), rights)?;
    }
    // The main user's life is its tenant's.
    imported.tenant.id = TenantId(imported.tenant.users[0].id.0);
    for user in &mut imported.tenant.users {
        if user.auth == Auth::Password {
            let names = rules.naming.names(&name, &user.name, Auth::Password);
            user.names.secret_name = names.secret_name;
        }
    }
    Ok(imported)
}

impl ImportedTenant {
    fn take(
        &mut self,
        user: &FoundUser,
        (id, name): (CacheUserId, LocalUserName),
        rights: Rights,
    ) -> Result<(), ImportRefusal> {
        if !rights.keys.is_within(&self.tenant.key_pattern) {
            return Err(ImportRefusal::KeysOfOthers {
                id: user.user_id.clone(),
                keys: rights.keys,
                tenants: self.tenant.key_pattern.clone(),
            });
        }
        if !user.is_member {
            self.notes.push(match self.wanted {
                Wanted::Suspended => format!(
                    "{} is not in the user group: it is suspended, unless `--rejoin` is given",
                    user.user_id
                ),
                _ => format!("{} is put back into the user group", user.user_id),
            });
        }
        match (rights.access, &rights.grant) {
            (Some(access), _) => {
                self.access.insert(id, access);
            }
            (None, Grant::Profile(profile)) => {
                self.notes.push(format!("{} is given the rights of {profile}", user.user_id));
            }
            (None, Grant::Everything | Grant::Purge) => {}
        }
        self.tenant.users.push(NewUser {
            id,
            name,
            grant: rights.grant,
            key_pattern: rights.keys,
            auth: user.auth.unwrap_or_default(),
            names: CacheUserNames {
                user_id: user.user_id.clone(),
                user_name: user.user_name.clone(),
                secret_name: SecretName::none(),
            },
        });
        Ok(())
    }
}

fn tenant_name(users: &[FoundUser]) -> Result<TenantName, ImportRefusal> {
    let name = users.first().map_or("", |user| user.claim.tenant());
    TenantName::parse(name).map_err(|error| ImportRefusal::Name { name: name.to_owned(), error })
}

/// Of a session nobody knows any more why it was opened and until when: it ends at once.
fn tier(users: &[FoundUser], now: Timestamp) -> Tier {
    let told = users.iter().find_map(FoundUser::tier);
    let is_session = users.iter().any(|user| {
        let ours = matches!(user.claim, Claim::Tags { .. });
        ours && user.claim.tenant().starts_with("break-glass-")
    });
    match (told, lost_reason()) {
        (Some(TierKind::Service), _) => Tier::Service,
        (Some(TierKind::BreakGlass), Ok(reason)) => {
            Tier::BreakGlass(BreakGlassSession { reason, expires_at: now })
        }
        (None, Ok(reason)) if is_session => {
            Tier::BreakGlass(BreakGlassSession { reason, expires_at: now })
        }
        _ => Tier::Tenant,
    }
}

fn lost_reason() -> Result<Reason, ReasonError> {
    Reason::parse("found by an import, which cannot know why it was opened")
}

/// Whoever is in no group was taken out of it: because it was suspended, or on the way to be deleted. A
/// tenant of which nobody is in it stays out.
fn wanted(users: &[FoundUser], tier: &Tier, rejoin: bool) -> Wanted {
    let is_out = *tier == Tier::Tenant && !users.iter().any(|user| user.is_member);
    if is_out && !rejoin { Wanted::Suspended } else { Wanted::Present }
}

fn refuse_unfit(user: &FoundUser, may_be_outside: bool) -> Result<(), ImportRefusal> {
    let id = user.user_id.clone();
    if user.auth.is_none() {
        return Err(ImportRefusal::TakesAnyone { id });
    }
    if user.state != UserState::Active {
        return Err(ImportRefusal::NotActive { id });
    }
    if !user.is_member && !may_be_outside {
        return Err(ImportRefusal::Outside { id });
    }
    Ok(())
}

type Rebuilt<'a> = (&'a FoundUser, CacheUserId, LocalUserName, Rights);

/// The keys of the main user, which are the tenant's.
fn one_main_user(users: &[Rebuilt<'_>]) -> Result<KeyPattern, ImportRefusal> {
    let ids = |main: bool| {
        let of_kind = users.iter().filter(|(_, _, local, _)| local.is_main() == main);
        of_kind.map(|(user, ..)| user.user_id.as_str()).collect::<Vec<_>>().join(" and ")
    };
    let mut mains = users.iter().filter(|(_, _, local, _)| local.is_main());
    match (mains.next(), mains.next()) {
        (Some((.., rights)), None) => Ok(rights.keys.clone()),
        (Some(_), Some(_)) => Err(ImportRefusal::TwoMainUsers { ids: ids(true) }),
        (None, _) => Err(ImportRefusal::NoMainUser { ids: ids(false) }),
    }
}

fn refuse_canary(
    name: &TenantName,
    keys: &KeyPattern,
    rules: &ImportRules<'_>,
) -> Result<(), ImportRefusal> {
    let canary = rules.key_pattern.pattern(&TenantName::canary());
    match keys.shared_key(&canary) {
        Some(key) if *keys != KeyPattern::everything() => {
            Err(ImportRefusal::Canary { name: name.clone(), key })
        }
        _ => Ok(()),
    }
}

/// The tenant without its users.
fn empty(name: &TenantName, keys: KeyPattern, tier: Tier, rules: &ImportRules<'_>) -> NewTenant {
    NewTenant {
        id: TenantId(Uuid::nil()),
        tier,
        name: name.clone(),
        cache: CacheWish::This(Candidate {
            cache: rules.cache.clone(),
            limits: rules.limits,
            obstacle: None,
            reserved_name: None,
        }),
        labels: Labels::default(),
        rotate_every: None,
        key_pattern: keys,
        users: Vec::new(),
        names_users: true,
        // They are its own.
        inherit_keys: true,
        now: rules.now,
    }
}
