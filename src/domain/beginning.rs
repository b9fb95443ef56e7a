//! How a tenant is when it has just been asked for.

use jiff::Timestamp;

use super::{
    CacheName, CacheUser, NewTenant, NewUser, Phase, RequestId, Revision, Tenant, TenantId,
    TenantName, TierKind, Wanted,
};

impl NewTenant {
    /// The tenant as it reads when it has been written down in this cache; `None` if it has no main user.
    #[must_use]
    pub fn begun(&self, cache: &CacheName, request: Option<&RequestId>) -> Option<Tenant> {
        let home = Home { id: self.id, name: &self.name, tier: self.tier.kind(), cache };
        let begun = |user: &NewUser| user_begun(user.clone(), &home, request, self.now);
        let mut further: Vec<CacheUser> = self.users.iter().map(begun).collect();
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
            purge: None,
        })
    }
}

impl Tenant {
    /// A user of it as it reads when it has just been written down.
    #[must_use]
    pub fn user_begun(&self, user: NewUser, now: Timestamp) -> CacheUser {
        let home = Home { id: self.id, name: &self.name, tier: self.kind(), cache: &self.cache };
        user_begun(user, &home, None, now)
    }
}

/// Whose a user is, and where it lives.
struct Home<'a> {
    id: TenantId,
    name: &'a TenantName,
    tier: TierKind,
    cache: &'a CacheName,
}

fn user_begun(
    user: NewUser,
    home: &Home<'_>,
    request: Option<&RequestId>,
    now: Timestamp,
) -> CacheUser {
    let NewUser { id, name, grant, key_pattern, auth, names } = user;
    CacheUser {
        id,
        tenant: home.id,
        tenant_name: home.name.clone(),
        tier: home.tier,
        cache: home.cache.clone(),
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
        phase_since: now,
        activated_at: None,
        access: None,
        rotation_due_at: None,
        problem: None,
        attested: None,
        attempts: 0,
        revision: Revision(1),
        created_at: now,
        updated_at: now,
    }
}
