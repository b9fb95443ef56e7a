//! `GET /caches`

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use super::view::CacheView;
use crate::api::{
    Api,
    problem::{Problem, problem_responses},
};

/// All caches, in the order of their names.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CacheList {
    /// The caches.
    items: Vec<CacheView>,
}

impl CacheList {
    /// A list for the API document.
    fn example() -> Self {
        Self { items: vec![CacheView::example()] }
    }
}

problem_responses!(ListCachesProblems: StoreUnavailable);

/// List the caches.
///
/// All that are configured, with the places that are free in each, and in how many days none will be.
/// The list has no pages.
#[utoipa::path(
    get,
    path = "/caches",
    operation_id = "list_caches",
    tag = "caches",
    responses(
        (status = 200, description = "The caches.", body = CacheList,
            example = json!(CacheList::example())),
        ListCachesProblems
    )
)]
pub(crate) async fn list_caches(State(api): State<Api>) -> Result<Json<CacheList>, Problem> {
    let counts = api.store.cache_counts(None, api.clock.now()).await?;
    let items = api.caches.iter().map(|cache| CacheView::new(cache, &counts)).collect();
    Ok(Json(CacheList { items }))
}
