//! What is decided for a tenant that is asked for.

use crate::{
    api::{
        Api,
        problem::{Code, Fault, Problem},
    },
    domain::{
        CacheName, KeyPatternTemplate, NamingScheme, NewTenant, TenantId, TenantName, TenantSpec,
    },
};

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
    /// Decides everything that the spec leaves open.
    pub(super) fn place(
        &self,
        api: &Api,
        spec: TenantSpec,
        inherit_keys: bool,
    ) -> Result<NewTenant, Problem> {
        let cache = spec.cache.clone().unwrap_or_else(|| self.default_cache.clone());
        let configured = api.caches.get(&cache).ok_or_else(|| {
            let detail = format!("no cache named {cache} is configured; GET /caches lists them");
            Problem::new(Code::InvalidBody, "the body names a cache that does not exist")
                .with_faults([Fault::in_body("/cache", detail)])
        })?;
        let key_pattern = self.key_pattern.pattern(&spec.name);
        if let Some(key) = key_pattern.shared_key(&self.key_pattern.pattern(&TenantName::canary()))
        {
            let detail = format!(
                "{} would own the key {key:?}, which attestations use as one that is nobody's; \
                 choose another name",
                spec.name
            );
            return Err(Problem::new(Code::TenantNameReserved, detail));
        }
        let user_name = self.naming.user_name(&spec.name);
        let seen = configured.view().observed;
        if seen.is_some_and(|seen| seen.foreign_user_names.contains(&user_name)) {
            let detail = format!(
                "the user group of cache {cache} has a member named {user_name} that is not \
                 Ringfence's; choose another name or another cache"
            );
            return Err(Problem::new(Code::TenantNameReserved, detail));
        }
        Ok(NewTenant {
            id: TenantId(api.new_id()),
            cache,
            key_pattern,
            user_id: self.naming.user_id(&spec.name),
            user_name,
            secret_name: self.naming.secret_name(&spec.name),
            inherit_keys,
            now: api.clock.now(),
            spec,
        })
    }
}
