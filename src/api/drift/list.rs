//! `GET /drift`

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::view::DriftItemView;
use crate::{
    api::{
        Api,
        extract::{PageToken, Query},
        problem::{Problem, problem_responses},
    },
    domain::{CacheName, DriftFilter, DriftItemId, DriftKind, TenantName, UnknownDriftKind},
    store::DriftQuery,
};

const LIMIT_DEFAULT: u32 = 50;
const LIMIT_MAX: u32 = 200;

/// Which items, and which page of them.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListDrift {
    /// Only in this cache.
    #[param(nullable = false, example = "main")]
    cache: Option<String>,
    /// Only of this kind.
    #[param(nullable = false, example = "not-in-group")]
    kind: Option<String>,
    /// Only of this tenant, service or session.
    #[param(nullable = false, example = "acme")]
    tenant: Option<String>,
    /// The most items on a page.
    #[param(nullable = false, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// Where to go on: `next_page_token` of the page before.
    #[param(nullable = false)]
    page_token: Option<String>,
}

/// A page of drift, in the order of the items' ids.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DriftPage {
    /// The items.
    items: Vec<DriftItemView>,
    /// What to give as `page_token` for the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    next_page_token: Option<String>,
}

/// What a page token is bound to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Filters {
    list: String,
    cache: Option<String>,
    kind: Option<String>,
    tenant: Option<String>,
}

problem_responses!(ListDriftProblems: InvalidQuery, InvalidPageToken, StoreUnavailable);

/// List what is not as it should be.
///
/// What the last sweep of each cache has found to differ between AWS and the store, what repair would
/// do, and what is done about it by itself. An item stays as long as sweeps see it.
#[utoipa::path(
    get,
    path = "/drift",
    operation_id = "list_drift",
    tag = "drift",
    params(ListDrift),
    responses(
        (status = 200, description = "A page of drift.", body = DriftPage,
            example = json!(DriftPage::example())),
        ListDriftProblems
    )
)]
pub(crate) async fn list_drift(
    State(api): State<Api>,
    Query(wanted): Query<ListDrift>,
) -> Result<axum::Json<DriftPage>, Problem> {
    let query = wanted.query()?;
    let limit = query.limit as usize;
    // One more than the page holds tells whether there is a next page.
    let query = DriftQuery { limit: query.limit + 1, ..query };
    let mut items = api.store.drift_items(&query, api.clock.now()).await?;
    let is_last_page = items.len() <= limit;
    items.truncate(limit);
    let last = items.last().filter(|_| !is_last_page);
    Ok(axum::Json(DriftPage {
        next_page_token: last
            .map(|last| PageToken::new(wanted.filters(), last.id.to_string()).encode()),
        items: items.iter().map(DriftItemView::from).collect(),
    }))
}

impl DriftPage {
    /// A page for the API document.
    fn example() -> Self {
        Self { items: vec![DriftItemView::example(DriftKind::NotInGroup)], next_page_token: None }
    }
}

impl ListDrift {
    fn filters(&self) -> Filters {
        let Self { cache, kind, tenant, .. } = self;
        let (cache, kind, tenant) = (cache.clone(), kind.clone(), tenant.clone());
        Filters { list: "drift".to_owned(), cache, kind, tenant }
    }

    fn query(&self) -> Result<DriftQuery, Problem> {
        let limit = self.limit.unwrap_or(LIMIT_DEFAULT);
        if !(1..=LIMIT_MAX).contains(&limit) {
            return Err(Problem::of_parameter("limit", format!("must be 1 to {LIMIT_MAX}")));
        }
        let cache = self.cache.as_deref().map(CacheName::parse).transpose();
        let tenant = self.tenant.as_deref().map(TenantName::parse).transpose();
        let kind: Result<Option<DriftKind>, UnknownDriftKind> =
            self.kind.as_deref().map(str::parse).transpose();
        let kind = kind.map_err(|error| Problem::of_parameter("kind", error.to_string()))?;
        let filter = DriftFilter {
            ids: None,
            cache: cache.map_err(|error| Problem::of_parameter("cache", error.to_string()))?,
            tenant: tenant.map_err(|error| Problem::of_parameter("tenant", error.to_string()))?,
            kinds: kind.into_iter().collect(),
        };
        let after = self.page_token.as_deref();
        let after = after.map(|token| PageToken::decode(token, &self.filters())).transpose()?;
        Ok(DriftQuery { filter, after: after.map(DriftItemId::new), limit })
    }
}
