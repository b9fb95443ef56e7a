//! `POST /services`

use axum::{extract::State, response::Response};

use super::create_body::CreateService;
use crate::{
    api::{
        Api,
        extract::{Asked, Json},
        problem::{Problem, problem_responses},
        tenants::{StatusView, TenantOrPlan, TenantView, create_in},
    },
    domain::Tier,
};

problem_responses!(CreateServiceProblems:
    InvalidBody,
    InvalidHeader,
    TenantNameTaken,
    TenantNameReserved,
    TenantBeingDeleted,
    KeyPatternOverlap,
    KeysLeftBehind,
    IdempotencyKeyInFlight,
    BodyTooLarge,
    UnsupportedMediaType,
    IdempotencyKeyReused,
    NoCapacity,
    StoreUnavailable,
);

/// Ask for a service.
///
/// A service is a part of the product that shares the cache with its tenants, with a user, a secret
/// and a prefix of its own; it reaches no tenant's keys. It has one user: make a service for each part that
/// is to be told apart. Everything else is as with `POST /tenants`.
#[utoipa::path(
    post,
    path = "/services",
    operation_id = "create_service",
    tag = "services",
    params(
        ("Prefer" = Option<String>, Header, nullable = false, description = "`wait=N`: wait up to N seconds for the outcome (RFC 7240).", example = "wait=30"),
        ("Idempotency-Key" = Option<String>, Header, nullable = false, description = "A name for this request, 1 to 255 printable ASCII characters.", example = "8e03978e-40d5-43e8-bc93-6894a57f9324"),
    ),
    request_body(content = CreateService, example = json!({"name": "billing", "profile": "queue"})),
    responses(
        (status = 200, description = "The service was there already, with this specification, and is active; or the plan, with `dry_run`.", body = TenantOrPlan,
            headers(("ETag", description = "The service's state."), ("Location", description = "The service."), ("Preference-Applied", description = "The preferences that were followed."), ("Idempotency-Replayed", description = "`true` if this is the kept answer to an earlier request.")),
            example = json!(TenantView::example(StatusView::Active))),
        (status = 201, description = "The service was made, and is active.", body = TenantView,
            headers(("ETag", description = "The service's state."), ("Location", description = "The service."), ("Preference-Applied", description = "The preferences that were followed."), ("Idempotency-Replayed", description = "`true` if this is the kept answer to an earlier request.")),
            example = json!(TenantView::example(StatusView::Active))),
        (status = 202, description = "The wish is written down; the service is under way.", body = TenantView,
            headers(("ETag", description = "The service's state."), ("Location", description = "The service."), ("Preference-Applied", description = "The preferences that were followed."), ("Idempotency-Replayed", description = "`true` if this is the kept answer to an earlier request.")),
            example = json!(TenantView::example(StatusView::Provisioning))),
        CreateServiceProblems
    )
)]
pub(crate) async fn create_service(
    State(api): State<Api>,
    asked: Asked,
    Json(body): Json<CreateService>,
) -> Result<Response, Problem> {
    create_in(&api, asked, "create_service", (Tier::Service, body.into())).await
}
