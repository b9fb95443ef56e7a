//! `GET /caches/{name}`

use axum::{
    Json,
    extract::{Path, State},
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
    Path(name): Path<String>,
) -> Result<Json<CacheView>, Problem> {
    let configured = CacheName::parse(&name).ok();
    let cache = configured.and_then(|name| api.caches.get(&name)).ok_or_else(|| {
        Problem::new(Code::CacheNotFound, format!("there is no cache named {name:?}"))
    })?;
    Ok(Json(CacheView::of(&api, cache).await?))
}
