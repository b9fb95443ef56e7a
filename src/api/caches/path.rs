//! The cache that a path names.

use axum::extract::{Path, rejection::PathRejection};

use crate::{
    api::{
        Api,
        problem::{Code, Problem},
    },
    domain::CacheName,
    reconcile::Cache,
};

/// Finds it, or says that there is none.
pub(super) fn cache_at(
    api: &Api,
    name: Result<Path<String>, PathRejection>,
) -> Result<&Cache, Problem> {
    // A text that cannot be a name names no cache.
    let name = name.ok().and_then(|Path(name)| CacheName::parse(&name).ok());
    name.and_then(|name| api.caches.get(&name)).ok_or_else(|| {
        Problem::new(
            Code::CacheNotFound,
            "no cache of this name is configured; GET /caches lists them",
        )
    })
}
