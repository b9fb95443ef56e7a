//! The caches that a new tenant may be put into.

use super::placement::Placement;
use crate::{
    api::{
        Api,
        problem::{Code, Fault, Problem},
    },
    domain::{CacheName, CacheRuns, CacheWish, Candidate, Needs, NewUser},
    reconcile::Cache,
};

impl Placement {
    /// Where a tenant or service may be put: into the cache that is asked for, or into any.
    pub(super) fn wish(
        &self,
        api: &Api,
        asked: Option<&CacheName>,
        needs: &Needs<'_>,
        users: &[NewUser],
    ) -> Result<CacheWish, Problem> {
        let candidate = |cache: &Cache| Candidate {
            obstacle: cache.config().admission.obstacle(needs, runs(cache)),
            reserved_name: cache
                .reserved_name(users.iter().map(|user| &user.names.user_name))
                .cloned(),
            ..with_room_only(cache)
        };
        match asked {
            Some(name) => Ok(CacheWish::This(candidate(configured(api, name)?))),
            None => Ok(CacheWish::Any {
                of: api.caches.iter().map(candidate).collect(),
                strategy: self.strategy,
            }),
        }
    }

    /// Where a break-glass session is opened: whatever the cache takes, but only if there is room.
    pub(super) fn session_wish(
        &self,
        api: &Api,
        asked: Option<&CacheName>,
    ) -> Result<CacheWish, Problem> {
        let cache = configured(api, asked.unwrap_or(&self.default_cache))?;
        Ok(CacheWish::This(with_room_only(cache)))
    }
}

/// A cache that takes everybody as long as it has room.
fn with_room_only(cache: &Cache) -> Candidate {
    Candidate {
        cache: cache.config().name.clone(),
        limits: cache.limits(),
        obstacle: None,
        reserved_name: None,
    }
}

pub(super) fn runs(cache: &Cache) -> CacheRuns {
    let config = cache.config();
    let seen = cache.ground().map(|ground| ground.engine.kind);
    CacheRuns { engine: config.engine.or(seen), version: config.engine_version }
}

fn configured<'a>(api: &'a Api, cache: &CacheName) -> Result<&'a Cache, Problem> {
    api.caches.get(cache).ok_or_else(|| {
        let detail = format!("no cache named {cache} is configured; GET /caches lists them");
        Problem::new(Code::InvalidBody, "the body names a cache that does not exist")
            .with_faults([Fault::in_body("/cache", detail)])
    })
}
