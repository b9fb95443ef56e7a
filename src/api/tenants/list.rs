//! `GET /tenants`

use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::view::{StatusView, TenantView};
use crate::{
    api::{
        Api,
        access::Caller,
        extract::{PageToken, Query},
        problem::{Problem, problem_responses},
    },
    domain::{CacheName, Status, TenantId, TierKind, UnknownStatus},
    store::TenantQuery,
};

const LIMIT_DEFAULT: u32 = 50;
const LIMIT_MAX: u32 = 200;

/// Which tenants, and which page of them.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListTenants {
    /// Only tenants in this state: `provisioning`, `active`, `updating`, `suspended`, `deleting` or
    /// `blocked`.
    #[param(
        nullable = false,
        example = "active",
        pattern = "^(provisioning|active|updating|suspended|deleting|blocked)$"
    )]
    status: Option<String>,
    /// Only tenants in this cache.
    #[param(nullable = false, example = "main")]
    cache: Option<String>,
    /// Only tenants with this label, as `key=value`. Given more than once: only tenants with all of
    /// them.
    #[serde(default)]
    #[param(required = false, example = json!(["team=checkout"]))]
    label: Vec<String>,
    /// Only tenants with a user whose password the schedule replaces before this time (RFC 3339).
    #[param(nullable = false, value_type = Option<Timestamp>, example = "2026-12-01T00:00:00Z")]
    rotation_due_before: Option<String>,
    /// The most tenants on a page.
    #[param(nullable = false, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// Where to go on: `next_page_token` of the page before.
    #[param(nullable = false)]
    page_token: Option<String>,
}

/// A page of tenants, in the order in which they were asked for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TenantPage {
    /// The tenants.
    items: Vec<TenantView>,
    /// What to give as `page_token` for the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    next_page_token: Option<String>,
}

/// What a page token is bound to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Filters {
    tier: String,
    status: Option<String>,
    cache: Option<String>,
    label: Vec<String>,
    rotation_due_before: Option<String>,
}

problem_responses!(ListTenantsProblems: InvalidQuery, InvalidPageToken, StoreUnavailable);

/// List tenants.
///
/// A token that is for some tenants only is shown these. Deleted tenants are not listed. A tenant that is made or deleted while pages are read may or may
/// not be seen; all others are seen once.
#[utoipa::path(
    get,
    path = "/tenants",
    operation_id = "list_tenants",
    tag = "tenants",
    params(ListTenants),
    responses(
        (status = 200, description = "A page of tenants.", body = TenantPage,
            example = json!(TenantPage::example())),
        ListTenantsProblems
    )
)]
pub(crate) async fn list_tenants(
    State(api): State<Api>,
    caller: Caller,
    Query(wanted): Query<ListTenants>,
) -> Result<axum::Json<TenantPage>, Problem> {
    list_in(&api, &caller, &wanted, TierKind::Tenant).await
}

/// A page of the tenants or services that the caller may have to do with.
pub(in crate::api) async fn list_in(
    api: &Api,
    caller: &Caller,
    wanted: &ListTenants,
    tier: TierKind,
) -> Result<axum::Json<TenantPage>, Problem> {
    let query = wanted.query(tier)?.within(&caller.bounds);
    let limit = query.limit as usize;
    // One more than the page holds tells whether there is a next page.
    let mut tenants = api.store.tenants(&TenantQuery { limit: query.limit + 1, ..query }).await?;
    let is_last_page = tenants.len() <= limit;
    tenants.truncate(limit);
    let last = tenants.last().filter(|_| !is_last_page);
    let next_page_token =
        last.map(|last| PageToken::new(wanted.filters(tier), last.id.to_string()).encode());
    let items = tenants.iter().map(TenantView::from).collect();
    Ok(axum::Json(TenantPage { items, next_page_token }))
}

impl TenantPage {
    /// A page for the API document.
    pub(in crate::api) fn example() -> Self {
        Self { items: vec![TenantView::example(StatusView::Active)], next_page_token: None }
    }
}

impl ListTenants {
    fn filters(&self, tier: TierKind) -> Filters {
        Filters {
            tier: tier.to_string(),
            status: self.status.clone(),
            cache: self.cache.clone(),
            label: self.label.clone(),
            rotation_due_before: self.rotation_due_before.clone(),
        }
    }

    fn query(&self, tier: TierKind) -> Result<TenantQuery, Problem> {
        let limit = self.limit.unwrap_or(LIMIT_DEFAULT);
        if !(1..=LIMIT_MAX).contains(&limit) {
            return Err(Problem::of_parameter("limit", format!("must be 1 to {LIMIT_MAX}")));
        }
        let labels = self.label.iter().map(|label| match label.split_once('=') {
            Some((key, value)) => Ok((key.to_owned(), value.to_owned())),
            None => Err(Problem::of_parameter("label", "must be key=value")),
        });
        let cache = self.cache.as_deref().map(CacheName::parse).transpose();
        Ok(TenantQuery {
            tier: Some(tier),
            status: self.status.as_deref().map(parse_status).transpose()?,
            cache: cache.map_err(|error| Problem::of_parameter("cache", error.to_string()))?,
            labels: labels.collect::<Result<_, _>>()?,
            rotation_due_before: self.rotation_due_before.as_deref().map(parse_time).transpose()?,
            name: None,
            after: self.after(tier)?,
            limit,
        })
    }

    fn after(&self, tier: TierKind) -> Result<Option<TenantId>, Problem> {
        let Some(token) = &self.page_token else {
            return Ok(None);
        };
        let id = PageToken::decode(token, &self.filters(tier))?;
        let id =
            Uuid::parse_str(&id).map_err(|_| Problem::of_parameter("page_token", "is damaged"))?;
        Ok(Some(TenantId(id)))
    }
}

fn parse_time(text: &str) -> Result<Timestamp, Problem> {
    let why = "must be a time such as 2026-12-01T00:00:00Z (RFC 3339)";
    text.parse().map_err(|_| Problem::of_parameter("rotation_due_before", why))
}

/// A state that can be listed.
fn parse_status(text: &str) -> Result<Status, Problem> {
    match text.parse() {
        Ok(Status::Deleted) | Err(UnknownStatus) => {
            Err(Problem::of_parameter("status", UnknownStatus.to_string()))
        }
        Ok(status) => Ok(status),
    }
}
