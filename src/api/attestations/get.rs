//! `GET /tenants/{name}/attestations/{id}`

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use uuid::Uuid;

use super::view::AttestationView;
use crate::{
    api::{
        Api,
        problem::{Code, Problem, problem_responses},
        tenants::TenantAtPath,
    },
    domain::AttestationId,
};

problem_responses!(GetAttestationProblems: TenantNotFound, AttestationNotFound, StoreUnavailable);

/// Show an attestation.
///
/// With every command that was tried.
#[utoipa::path(
    get,
    path = "/tenants/{name}/attestations/{id}",
    operation_id = "get_attestation",
    tag = "attestations",
    params(
        ("name" = String, Path, description = "The tenant's name.", example = "acme"),
        ("id" = String, Path, description = "The attestation's id.", example = "01a2001e-33c4-7e40-8f1a-e2ad052b5067"),
    ),
    responses(
        (status = 200, description = "The attestation.", body = AttestationView,
            example = json!(AttestationView::example(true))),
        GetAttestationProblems
    )
)]
pub(crate) async fn get_attestation(
    State(api): State<Api>,
    TenantAtPath(tenant): TenantAtPath,
    path: Result<Path<(String, Uuid)>, PathRejection>,
) -> Result<Json<AttestationView>, Problem> {
    let not_found =
        || Problem::new(Code::AttestationNotFound, "the tenant has no such attestation");
    // A text that is no id names no attestation.
    let Path((_name, id)) = path.map_err(|_| not_found())?;
    let found = api.store.attestation(tenant.id, AttestationId(id)).await?;
    let attestation = found.ok_or_else(not_found)?;
    Ok(Json(AttestationView::from(&attestation)))
}
