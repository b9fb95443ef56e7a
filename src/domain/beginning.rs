//! How a tenant is when it has just been asked for.

use super::{CacheName, CacheUser, NewTenant, NewUser, Phase, RequestId, Revision, Tenant, Wanted};

impl NewTenant {
    /// The tenant as it reads when it has been written down in this cache; `None` if it has no main user.
    #[must_use]
    pub fn begun(&self, cache: &CacheName, request: Option<&RequestId>) -> Option<Tenant> {
        let mut further: Vec<CacheUser> =
            self.users.iter().map(|user| self.user_begun(user, cache, request)).collect();
        let main = further.iter().position(|user| user.name.is_main())?;
        let main = further.remove(main);
        further.sort_by(|one, other| one.name.cmp(&other.name));
        Some(Tenant {
            id: self.id,
            tier: self.tier.clone(),
            name: self.name.clone(),
            cache: cache.clone(),
            labels: self.labels.clone(),
            rotate_every: self.rotate_every,
            key_pattern: self.key_pattern.clone(),
            wanted: Wanted::Present,
            activated_at: None,
            revision: Revision(1),
            created_at: self.now,
            updated_at: self.now,
            main,
            outgoing: None,
            further,
        })
    }

    fn user_begun(
        &self,
        user: &NewUser,
        cache: &CacheName,
        request: Option<&RequestId>,
    ) -> CacheUser {
        let NewUser { id, name, grant, key_pattern, auth, names } = user.clone();
        CacheUser {
            id,
            tenant: self.id,
            tenant_name: self.name.clone(),
            tier: self.tier.kind(),
            cache: cache.clone(),
            name,
            grant,
            key_pattern,
            user_id: names.user_id,
            user_name: names.user_name,
            auth,
            secret_name: names.secret_name,
            outgoing: None,
            requested_by: request.cloned(),
            wanted: Wanted::Present,
            phase: Phase::first(auth),
            phase_since: self.now,
            activated_at: None,
            access: None,
            rotation_due_at: None,
            problem: None,
            attested: None,
            attempts: 0,
            revision: Revision(1),
            created_at: self.now,
            updated_at: self.now,
        }
    }
}
