//! What is decided for a tenant that is asked for.

use std::time::Duration;

use super::candidates::runs;
use crate::{
    api::{
        Api,
        problem::{Code, Problem},
    },
    domain::{
        Auth, BreakGlassSession, CacheName, CacheUserId, Considered, Grant, KeyPattern,
        KeyPatternTemplate, KeyScope, Labels, LocalUserName, NamingScheme, Needs, NewLogin,
        NewPurge, NewTenant, NewUser, NoRoom, Obstacle, PlacementStrategy, Reason, Tenant,
        TenantId, TenantName, TenantSpec, Tier, UserName, UserSpec, WhyNot,
    },
    reconcile::Cache,
};

/// The rules of the installation for new tenants.
#[derive(Clone, Debug)]
pub struct Placement {
    /// The cache that is meant where one has to be named and none is.
    pub default_cache: CacheName,
    /// Which cache gets a tenant that names none.
    pub strategy: PlacementStrategy,
    /// How a key pattern is made from a name.
    pub key_pattern: KeyPatternTemplate,
    /// How things in AWS are named.
    pub naming: NamingScheme,
}

impl Placement {
    /// Decides everything that the spec of a tenant or service leaves open.
    pub(super) fn place(
        &self,
        api: &Api,
        tier: Tier,
        spec: TenantSpec,
        inherit_keys: bool,
    ) -> Result<NewTenant, Problem> {
        let id = TenantId(api.new_id());
        let key_pattern = self.key_pattern.pattern(&spec.name);
        self.refuse_canary(&spec.name, &key_pattern)?;
        let main = UserSpec {
            name: LocalUserName::main(),
            profile: spec.profile,
            keys: KeyScope::whole(),
            auth: spec.auth,
        };
        let names_users = spec.users.is_some();
        let specs: Vec<UserSpec> =
            std::iter::once(main).chain(spec.users.unwrap_or_default()).collect();
        let profiles = specs.iter().map(|user| user.profile.clone()).collect::<Vec<_>>();
        let users = specs.into_iter().map(|user| self.user(api, &spec.name, &key_pattern, user));
        let users = with_main_id(users.collect(), id);
        let (engine, auth, labels) = (spec.engine, spec.auth, &spec.labels);
        let needs = Needs { engine, auth, profiles: profiles.iter().collect(), labels };
        let cache = self.wish(api, spec.cache.as_ref(), &needs, &users)?;
        let (name, labels, now) = (spec.name, spec.labels, api.clock.now());
        Ok(NewTenant {
            id,
            tier,
            name,
            cache,
            labels,
            rotate_every: spec.rotate_every,
            key_pattern,
            users,
            names_users,
            inherit_keys,
            now,
        })
    }

    /// Decides everything for a user that is added to a tenant.
    pub(in crate::api) fn user(
        &self,
        api: &Api,
        tenant: &TenantName,
        keys: &KeyPattern,
        spec: UserSpec,
    ) -> NewUser {
        NewUser {
            id: CacheUserId(api.new_id()),
            names: self.naming.names(tenant, &spec.name, spec.auth),
            key_pattern: keys.within(&spec.keys),
            grant: Grant::Profile(spec.profile),
            name: spec.name,
            auth: spec.auth,
        }
    }

    /// Decides everything for a main user that is to take the place of a tenant's.
    pub(super) fn login(
        &self,
        api: &Api,
        tenant: &Tenant,
        auth: Auth,
    ) -> Result<NewLogin, Problem> {
        let names = self.naming.names(&tenant.name, &LocalUserName::main(), auth);
        if let Some(cache) = api.caches.get(&tenant.cache)
            && tenant.main_by(auth).is_none()
        {
            refuse_old_engine(cache, auth)?;
            Self::refuse_foreign(cache, [&names.user_name])?;
        }
        let (id, grace) = (CacheUserId(api.new_id()), api.settings.rotation_grace);
        Ok(NewLogin { id, auth, names, grace })
    }

    /// Decides everything for the removal of a tenant's keys.
    pub(super) fn purge(&self, api: &Api, tenant: &TenantName) -> NewPurge {
        NewPurge { user: CacheUserId(api.new_id()), names: self.naming.purger(tenant) }
    }

    /// Decides everything for a break-glass session.
    pub(in crate::api) fn session(
        &self,
        api: &Api,
        cache: Option<&CacheName>,
        reason: Reason,
        ttl: Duration,
    ) -> Result<NewTenant, Problem> {
        let (id, now) = (api.new_id(), api.clock.now());
        let cache = self.session_wish(api, cache)?;
        // The last part of a UUID of version 7 is chance: two sessions have two names.
        let name = format!("break-glass-{:012x}", id.as_u128() & 0xffff_ffff_ffff);
        let name = TenantName::parse(&name).map_err(Problem::internal)?;
        let main = LocalUserName::main();
        let user = NewUser {
            id: CacheUserId(id),
            names: self.naming.names(&name, &main, Auth::Password),
            name: main,
            auth: Auth::Password,
            grant: Grant::Everything,
            key_pattern: KeyPattern::everything(),
        };
        let expires_at = now.saturating_add(ttl).map_err(Problem::internal)?;
        Ok(NewTenant {
            id: TenantId(id),
            tier: Tier::BreakGlass(BreakGlassSession { reason, expires_at }),
            name,
            cache,
            labels: Labels::default(),
            rotate_every: None,
            key_pattern: KeyPattern::everything(),
            users: vec![user],
            names_users: false,
            inherit_keys: true,
            now,
        })
    }

    /// Refuses users that would have the `UserName` of a member that is not ours: a group cannot
    /// hold two of one name.
    pub(in crate::api) fn refuse_foreign<'a>(
        cache: &Cache,
        names: impl IntoIterator<Item = &'a UserName>,
    ) -> Result<(), Problem> {
        match cache.reserved_name(names) {
            None => Ok(()),
            Some(name) => Err(Problem::name_reserved(&cache.config().name, name)),
        }
    }

    /// Refuses who would own the keys that attestations use as nobody's.
    fn refuse_canary(&self, name: &TenantName, keys: &KeyPattern) -> Result<(), Problem> {
        let canary = self.key_pattern.pattern(&TenantName::canary());
        let Some(key) = keys.shared_key(&canary) else { return Ok(()) };
        let detail = format!(
            "{name} would own the key {key:?}, which attestations use as one that is nobody's; \
             choose another name"
        );
        Err(Problem::new(Code::TenantNameReserved, detail))
    }
}

/// The main user's life is its tenant's.
fn with_main_id(mut users: Vec<NewUser>, tenant: TenantId) -> Vec<NewUser> {
    if let Some(main) = users.first_mut() {
        main.id = CacheUserId(tenant.0);
    }
    users
}

/// Refuses IAM where the configuration says that the engine is too old for it; AWS does not tell.
fn refuse_old_engine(cache: &Cache, auth: Auth) -> Result<(), Problem> {
    let Some(runs) = runs(cache).too_old_for(auth) else { return Ok(()) };
    let why_not = WhyNot::Obstacle(Obstacle::TooOldForIam { runs });
    let cache = cache.config().name.clone();
    Err(Problem::from(&NoRoom::InThis(Considered { cache, why_not })))
}
