//! Requests that only ask what they would do.

use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    plan_view::{OutcomeText, PlanView},
    view::TenantView,
};
use crate::{
    api::{Api, problem::Problem},
    domain::NewTenant,
    store::{Reservation, Target, TenantChange},
};

/// Whether to do it.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DryRun {
    /// `true`: nothing is written; the answer says what would have been done, with the calls to AWS.
    #[serde(default)]
    #[param(required = false, default = false)]
    pub(super) dry_run: bool,
}

/// A tenant, or with `dry_run` the plan for it.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it is the document that needs a name for either")]
pub(in crate::api) enum TenantOrPlan {
    Tenant(Box<TenantView>),
    Plan(PlanView),
}

/// What a request for a new tenant would do.
pub(super) async fn rehearse_reservation(api: &Api, new: NewTenant) -> Result<Response, Problem> {
    let (reservation, considered) = api.store.rehearse_reservation(new).await?;
    let outcome = match &reservation {
        Reservation::Created(_) => OutcomeText::Created,
        Reservation::Existing(_) => OutcomeText::Unchanged,
        Reservation::TakenUpAgain(_) => OutcomeText::Changed,
    };
    let plan = PlanView::of(api, reservation.tenant(), (outcome, considered));
    Ok(axum::Json(plan).into_response())
}

/// What a change of a tenant would do.
pub(super) async fn rehearse_change(
    api: &Api,
    target: Target,
    change: TenantChange,
) -> Result<Response, Problem> {
    let (tenant, end) = api.store.rehearse_change(target, change).await?;
    let plan = PlanView::of(api, &tenant, (end.into(), Vec::new()));
    Ok(axum::Json(plan).into_response())
}
