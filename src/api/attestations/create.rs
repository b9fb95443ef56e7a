//! `POST /tenants/{name}/attestations`

use std::time::Duration;

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use serde::Deserialize;
use utoipa::IntoParams;

use super::view::AttestationView;
use crate::{
    api::{
        Api,
        extract::{Prefer, Query},
        problem::{Code, Problem, problem_responses},
        tenants::TenantAtPath,
    },
    domain::{Attestation, AttestationId, Cause, LocalUserName, Status, Tenant},
};

/// Of which user.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CreateAttestation {
    /// The user within the tenant. Default: `main`.
    #[param(nullable = false, example = "sessions")]
    user: Option<String>,
}

problem_responses!(CreateAttestationProblems:
    InvalidQuery,
    InvalidHeader,
    TenantNotFound,
    UserNotFound,
    TenantNotActive,
    StoreUnavailable,
);

/// Try a tenant's fence now.
///
/// Logs in as the tenant, to every node of the cache in turn, and tries some 300 small commands: what
/// it may do on its own keys, and what it must not do at all, which is queued in a transaction that
/// is thrown away. Answers `202` and does it in the background; with `Prefer: wait=30` answers `201`
/// when it is done. Asked again while one waits for its turn, it answers with that one.
#[utoipa::path(
    post,
    path = "/tenants/{name}/attestations",
    operation_id = "create_attestation",
    tag = "attestations",
    params(
        ("name" = String, Path, description = "The tenant's name.", example = "acme"),
        CreateAttestation,
        ("Prefer" = Option<String>, Header, nullable = false, description = "`wait=N`: wait up to N seconds for the outcome (RFC 7240).", example = "wait=30"),
    ),
    responses(
        (status = 201, description = "The attestation was made.", body = AttestationView,
            headers(
                ("Location", description = "The attestation."),
                ("Preference-Applied", description = "The preferences that were followed."),
            ),
            example = json!(AttestationView::example(true))),
        (status = 202, description = "The attestation waits for its turn.", body = AttestationView,
            headers(
                ("Location", description = "The attestation."),
                ("Preference-Applied", description = "The preferences that were followed."),
            ),
            example = json!(AttestationView::example(false))),
        CreateAttestationProblems
    )
)]
pub(crate) async fn create_attestation(
    State(api): State<Api>,
    cause: Cause,
    prefer: Prefer,
    TenantAtPath(tenant): TenantAtPath,
    Query(CreateAttestation { user }): Query<CreateAttestation>,
) -> Result<Response, Problem> {
    let name = user.map_or_else(|| Ok(LocalUserName::main()), |name| LocalUserName::parse(&name));
    let name = name.map_err(|error| Problem::of_parameter("user", error.to_string()))?;
    let user = tenant.user(&name).ok_or_else(|| {
        Problem::new(Code::UserNotFound, format!("{} has no user named {name}", tenant.name))
    })?;
    if user.status() != Status::Active {
        let detail =
            format!("{} is {}; only an active user is attested", user.user_name, user.status());
        return Err(Problem::new(Code::TenantNotActive, detail));
    }
    let (id, now) = (AttestationId(api.new_id()), api.clock.now());
    let wanted = api.store.want_attestation(user, id, cause, now).await?;
    api.caches.nudge(&tenant.cache);
    let attestation = wait_for(&api, &tenant, wanted, prefer.wait()).await?;
    let status =
        if attestation.finding.is_some() { StatusCode::CREATED } else { StatusCode::ACCEPTED };
    let location = format!("/tenants/{}/attestations/{}", tenant.name, attestation.id);
    let view = Json(AttestationView::from(&attestation));
    Ok((status, prefer.applied(), [(header::LOCATION, location)], view).into_response())
}

/// Waits until the attestation is made, for at most `limit`.
async fn wait_for(
    api: &Api,
    tenant: &Tenant,
    wanted: Attestation,
    limit: Duration,
) -> Result<Attestation, Problem> {
    let deadline = tokio::time::sleep(limit);
    tokio::pin!(deadline);
    // Subscribed before the record is read, so that no change falls between reading and waiting.
    let mut changes = api.store.changes(tenant.id);
    let mut is_over = limit.is_zero();
    loop {
        let now = api.store.attestation(tenant.id, wanted.id).await?;
        let attestation = now.unwrap_or_else(|| wanted.clone());
        if is_over || attestation.finding.is_some() {
            return Ok(attestation);
        }
        is_over = tokio::select! {
            told = changes.changed() => told.is_err(),
            () = &mut deadline => true,
            () = api.stopping.cancelled() => true,
        };
    }
}
