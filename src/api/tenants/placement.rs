//! What is decided for a tenant that is asked for.

use std::time::Duration;

use ringfence_acl::EngineVersion;

use crate::{
    api::{
        Api,
        problem::{Code, Fault, Problem},
    },
    domain::{
        Auth, BreakGlassSession, CacheName, CacheUserId, Grant, KeyPattern, KeyPatternTemplate,
        KeyScope, Labels, LocalUserName, NamingScheme, NewLogin, NewTenant, NewUser, Placed,
        Reason, Tenant, TenantId, TenantName, TenantSpec, Tier, UserName, UserSpec,
    },
    reconcile::Cache,
};

/// The oldest engine that lets users in by IAM
/// (<https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html>).
const OLDEST_WITH_IAM: EngineVersion = EngineVersion::new(7, 0);

/// The rules of the installation for new tenants.
#[derive(Clone, Debug)]
pub struct Placement {
    /// The cache of tenants that name none.
    pub default_cache: CacheName,
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
        let cache = self.cache(spec.cache);
        let key_pattern = self.key_pattern.pattern(&spec.name);
        self.refuse_canary(&spec.name, &key_pattern)?;
        let main = UserSpec {
            name: LocalUserName::main(),
            profile: spec.profile,
            keys: KeyScope::whole(),
            auth: spec.auth,
        };
        let names_users = spec.users.is_some();
        let specs = std::iter::once(main).chain(spec.users.unwrap_or_default());
        let users: Vec<NewUser> =
            specs.map(|user| self.user(api, &spec.name, &key_pattern, user)).collect();
        let user_names = users.iter().map(|user| &user.names.user_name);
        let placed_in = configured(api, cache.cache())?;
        refuse_old_engine(placed_in, spec.auth)?;
        Self::refuse_foreign(placed_in, user_names)?;
        let (name, labels, now) = (spec.name, spec.labels, api.clock.now());
        Ok(NewTenant {
            id,
            tier,
            name,
            cache,
            labels,
            rotate_every: spec.rotate_every,
            key_pattern,
            users: with_main_id(users, id),
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

    /// Decides everything for a break-glass session.
    pub(in crate::api) fn session(
        &self,
        api: &Api,
        cache: Option<CacheName>,
        reason: Reason,
        ttl: Duration,
    ) -> Result<NewTenant, Problem> {
        let (id, now) = (api.new_id(), api.clock.now());
        let cache = self.cache(cache);
        configured(api, cache.cache())?;
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
        let Some(seen) = cache.view().observed else { return Ok(()) };
        let Some(taken) = names.into_iter().find(|name| seen.foreign_user_names.contains(name))
        else {
            return Ok(());
        };
        let detail = format!(
            "the user group of cache {} has a member named {taken} that is not Ringfence's; choose \
             another name or another cache",
            cache.config().name
        );
        Err(Problem::new(Code::TenantNameReserved, detail))
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

    fn cache(&self, asked: Option<CacheName>) -> Placed {
        asked.map_or_else(|| Placed::Chosen(self.default_cache.clone()), Placed::AsAsked)
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
    let told = cache.config().engine_version;
    match told.filter(|version| auth == Auth::Iam && *version < OLDEST_WITH_IAM) {
        None => Ok(()),
        Some(version) => {
            let detail = format!(
                "iam needs an engine of version {OLDEST_WITH_IAM} or newer, and the cache {} runs \
                 {version}",
                cache.config().name
            );
            Err(Problem::new(Code::InvalidBody, "the body asks for what the cache cannot do")
                .with_faults([Fault::in_body("/auth", detail)]))
        }
    }
}

fn configured<'a>(api: &'a Api, cache: &CacheName) -> Result<&'a Cache, Problem> {
    api.caches.get(cache).ok_or_else(|| {
        let detail = format!("no cache named {cache} is configured; GET /caches lists them");
        Problem::new(Code::InvalidBody, "the body names a cache that does not exist")
            .with_faults([Fault::in_body("/cache", detail)])
    })
}
