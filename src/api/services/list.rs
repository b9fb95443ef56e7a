//! `GET /services`

use axum::{Json, extract::State};

use crate::{
    api::{
        Api,
        access::Caller,
        extract::Query,
        problem::{Problem, problem_responses},
        tenants::{ListTenants, TenantPage, list_in},
    },
    domain::TierKind,
};

problem_responses!(ListServicesProblems: InvalidQuery, InvalidPageToken, StoreUnavailable);

/// List services.
///
/// Deleted services are not listed.
#[utoipa::path(
    get,
    path = "/services",
    operation_id = "list_services",
    tag = "services",
    params(ListTenants),
    responses(
        (status = 200, description = "A page of services.", body = TenantPage,
            example = json!(TenantPage::example())),
        ListServicesProblems
    )
)]
pub(crate) async fn list_services(
    State(api): State<Api>,
    caller: Caller,
    Query(wanted): Query<ListTenants>,
) -> Result<Json<TenantPage>, Problem> {
    list_in(&api, &caller, &wanted, TierKind::Service).await
}
