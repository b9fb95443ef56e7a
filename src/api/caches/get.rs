//! `GET /caches/{name}`

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};

use super::view::CacheView;
use crate::{
    api::{
        Api,
        problem::{Code, Problem, problem_responses},
    },
    domain::CacheName,
};

problem_responses!(GetCacheProblems: CacheNotFound, StoreUnavailable);

/// Show a cache.
///
/// Its room for tenants, and what the last look at it in AWS showed.
#[utoipa::path(
    get,
    path = "/caches/{name}",
    operation_id = "get_cache",
    tag = "caches",
    params(("name" = String, Path, description = "The cache's name.", example = "main")),
    responses(
        (status = 200, description = "The cache.", body = CacheView,
            example = json!(CacheView::example())),
        GetCacheProblems
    )
)]
pub(crate) async fn get_cache(
    State(api): State<Api>,
    name: Result<Path<String>, PathRejection>,
) -> Result<Json<CacheView>, Problem> {
    // A text that cannot be a name names no cache.
    let name = name.ok().and_then(|Path(name)| CacheName::parse(&name).ok());
    let cache = name.and_then(|name| api.caches.get(&name)).ok_or_else(|| {
        Problem::new(
            Code::CacheNotFound,
            "no cache of this name is configured; GET /caches lists them",
        )
    })?;
    let now = api.clock.now();
    let counts = api.store.cache_counts(Some(&cache.config().name), now).await?;
    Ok(Json(CacheView::new(cache, &counts)))
}
