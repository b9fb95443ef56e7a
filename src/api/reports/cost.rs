//! `GET /reports/cost`

use axum::{Json, extract::State};
use serde::Deserialize;
use tokio::sync::Semaphore;
use utoipa::IntoParams;

use super::cost_view::CostReportView;
use crate::{
    api::{
        Api,
        extract::{PageToken, Query},
        problem::{Problem, problem_responses},
    },
    config::CostConfig,
    domain::{CacheName, CostReport, TenantCost, TenantName, TenantNeed, cost_report},
};

const LIMIT_DEFAULT: u32 = 50;
const LIMIT_MAX: u32 = 200;

/// One report at a time: each looks at every tenant, and takes the memory for that.
static TURN: Semaphore = Semaphore::const_new(1);

/// Which page of the tenants.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct GetCostReport {
    /// The most tenants on a page.
    #[param(nullable = false, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// Where to go on: `next_page_token` of the page before.
    #[param(nullable = false)]
    page_token: Option<String>,
}

problem_responses!(GetCostReportProblems: InvalidQuery, InvalidPageToken, StoreUnavailable);

/// Tell what tenants cost.
///
/// This design against a cluster for each tenant, in a month, by the prices in `[cost]` of the
/// configuration: nodes, secrets, and calls to Secrets Manager for reading and for scheduled rotations.
/// The totals are over all living tenants and services, whatever the page. `docs/cost.md` says how it is
/// reckoned, and what is left out.
#[utoipa::path(
    get,
    path = "/reports/cost",
    operation_id = "get_cost_report",
    tag = "reports",
    params(GetCostReport),
    responses(
        (status = 200, description = "The report.", body = CostReportView, example = json!(example())),
        GetCostReportProblems
    )
)]
pub(crate) async fn get_cost_report(
    State(api): State<Api>,
    Query(wanted): Query<GetCostReport>,
) -> Result<Json<CostReportView>, Problem> {
    let limit = wanted.limit()?;
    let after = wanted.page_token.as_deref().map(|token| PageToken::decode(token, &filters()));
    let after = after.transpose()?;
    let caches: Vec<CacheName> =
        api.caches.iter().map(|cache| cache.config().name.clone()).collect();
    let _turn = TURN.acquire().await.expect("it is never closed");
    let needs = api.store.cost_needs().await?;
    let report = cost_report(&api.prices.rates(), &caches, &needs);
    let page = page(&report, after.as_deref(), limit);
    Ok(Json(CostReportView::new(&api.prices, &report, page)))
}

impl GetCostReport {
    fn limit(&self) -> Result<usize, Problem> {
        let limit = self.limit.unwrap_or(LIMIT_DEFAULT);
        if !(1..=LIMIT_MAX).contains(&limit) {
            return Err(Problem::of_parameter("limit", format!("must be 1 to {LIMIT_MAX}")));
        }
        Ok(limit as usize)
    }
}

/// What a page token is bound to: this list has no filters.
fn filters() -> String {
    "cost".to_owned()
}

fn page<'a>(
    report: &'a CostReport,
    after: Option<&str>,
    limit: usize,
) -> (&'a [TenantCost], Option<String>) {
    let is_before = |tenant: &TenantCost| after.is_some_and(|after| tenant.name.as_str() <= after);
    let rest = &report.tenants[report.tenants.partition_point(is_before)..];
    let page = &rest[..limit.min(rest.len())];
    let last = page.last().filter(|_| page.len() < rest.len());
    let token = last.map(|last| PageToken::new(filters(), last.name.to_string()).encode());
    (page, token)
}

/// The report of one tenant, for the API document.
fn example() -> CostReportView {
    let config = CostConfig::default();
    let cache = CacheName::parse("main").expect("it is a name");
    let name = TenantName::parse("acme").expect("it is a name");
    let every = "30d".parse().expect("it is an interval");
    let need = TenantNeed { name, cache: cache.clone(), secrets: vec![Some(every)] };
    let report = cost_report(&config.rates(), &[cache], &[need]);
    CostReportView::new(&config, &report, (&report.tenants, None))
}
