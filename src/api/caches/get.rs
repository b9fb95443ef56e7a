//! `GET /caches/{name}`

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};

use super::{path::cache_at, view::CacheView};
use crate::api::{
    Api,
    problem::{Problem, problem_responses},
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
    let cache = cache_at(&api, name)?;
    let now = api.clock.now();
    let counts = api.store.cache_counts(Some(&cache.config().name), now).await?;
    Ok(Json(CacheView::new(cache, &counts)))
}
