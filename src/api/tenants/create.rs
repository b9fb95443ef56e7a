//! `POST /tenants`

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};

use super::{
    answer::show,
    create_body::CreateTenant,
    dry_run::{TenantOrPlan, rehearse_reservation},
    view::{StatusView, TenantView},
    wait::wait_for,
};
use crate::{
    api::{
        Api,
        extract::{Asked, Json, Prefer},
        idempotency::{FirstRequest, Known, look_up, send},
        middleware::name_tenant,
        problem::{Problem, problem_responses},
    },
    domain::{Cause, NewTenant, Status, Tenant, Tier},
    store::{Reservation, StoredAnswer},
};

problem_responses!(CreateTenantProblems:
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

/// Ask for a tenant.
///
/// Answers `202` as soon as the wish is written down; follow `Location` until `status` is `active`,
/// or send `Prefer: wait=30` to be answered `201` when it is. A wait that runs out ends in `202`.
///
/// Safe to send again: the same name with the same specification is the same tenant, answered with
/// `200` when it is active and `202` while it is under way. With an `Idempotency-Key` the repetition
/// is given the first answer, unchanged, for 24 hours. Sent again for a tenant that is `blocked`, it
/// takes the work up again. One that is `suspended` stays so, and is answered with `200`.
///
/// With `dry_run`, nothing is written, and the answer is a plan: what the request would be refused for
/// it is refused for.
///
/// A token that is for some tenants only makes only such: the name is the one that it is for, or the labels
/// are among `labels`.
///
/// A tenant that names no `cache` is put into one that takes it and has a place for each of its users;
/// without one the answer is `507`, which says of each cache why not.
#[utoipa::path(
    post,
    path = "/tenants",
    operation_id = "create_tenant",
    tag = "tenants",
    params(
        ("Prefer" = Option<String>, Header, nullable = false, description = "`wait=N`: wait up to N seconds for the outcome (RFC 7240).", example = "wait=30"),
        ("Idempotency-Key" = Option<String>, Header, nullable = false, description = "A name for this request, 1 to 255 printable ASCII characters.", example = "8e03978e-40d5-43e8-bc93-6894a57f9324"),
    ),
    request_body(content = CreateTenant, example = json!({"name": "acme", "labels": {"team": "checkout"}})),
    responses(
        (status = 200, description = "The tenant was there already, with this specification, and is active or suspended; or the plan, with `dry_run`.", body = TenantOrPlan,
            headers(
                ("ETag", description = "The tenant's state."),
                ("Location", description = "The tenant."),
                ("Preference-Applied", description = "The preferences that were followed."),
                ("Idempotency-Replayed", description = "`true` if this is the kept answer to an earlier request."),
            ),
            example = json!(TenantView::example(StatusView::Active))),
        (status = 201, description = "The tenant was made, and is active.", body = TenantView,
            headers(
                ("ETag", description = "The tenant's state."),
                ("Location", description = "The tenant."),
                ("Preference-Applied", description = "The preferences that were followed."),
                ("Idempotency-Replayed", description = "`true` if this is the kept answer to an earlier request."),
            ),
            example = json!(TenantView::example(StatusView::Active))),
        (status = 202, description = "The wish is written down; the tenant is under way.", body = TenantView,
            headers(
                ("ETag", description = "The tenant's state."),
                ("Location", description = "The tenant."),
                ("Preference-Applied", description = "The preferences that were followed."),
                ("Idempotency-Replayed", description = "`true` if this is the kept answer to an earlier request."),
            ),
            example = json!(TenantView::example(StatusView::Provisioning))),
        CreateTenantProblems
    )
)]
pub(crate) async fn create_tenant(
    State(api): State<Api>,
    asked: Asked,
    Json(body): Json<CreateTenant>,
) -> Result<Response, Problem> {
    let is_narrow = asked.caller.bounds.are_narrow();
    let made = create_in(&api, asked, "create_tenant", (Tier::Tenant, body)).await;
    made.map_err(|problem| if is_narrow { problem.without_other_tenants() } else { problem })
}

/// Reserves a tenant or a service, and answers when it was asked to be answered.
pub(in crate::api) async fn create_in(
    api: &Api,
    asked: Asked,
    operation: &'static str,
    (tier, body): (Tier, CreateTenant),
) -> Result<Response, Problem> {
    let Asked { caller, cause, prefer, key } = asked;
    let first = match look_up(api, key, &(operation, &body)).await? {
        Known::Answered(answer) => return answer.replay(),
        Known::New(first) => first,
    };
    let spec = body.spec(&api.profiles)?;
    name_tenant(&spec.name);
    if !caller.bounds.hold(&spec.name, &spec.labels) {
        return Err(caller.out_of_bounds());
    }
    let new = api.placement.place(api, tier, spec, body.inherit_keys)?;
    if body.dry_run {
        return rehearse_reservation(api, new).await;
    }
    reserve(api, new, first, (cause, prefer)).await
}

/// Writes a new tenant, service or session down, and waits for it if it was asked to.
pub(in crate::api) async fn reserve(
    api: &Api,
    new: NewTenant,
    first: Option<FirstRequest>,
    (cause, prefer): (Cause, Prefer),
) -> Result<Response, Problem> {
    let keep = first.as_ref().map(|first| first.keep(api, answer_at_once)).transpose()?;
    let reservation = api.store.reserve_tenant(new, keep, cause).await?;
    api.caches.nudge(&reservation.tenant().cache);
    let tenant = wait_for(api, reservation.tenant().clone(), is_settled, prefer.wait()).await?;
    let answer = show(status(&reservation, &tenant), &tenant);
    if let Some(first) = first.filter(|_| answer != answer_at_once(reservation.tenant())) {
        first.keep_instead(api, answer.clone()).await?;
    }
    Ok((prefer.applied(), send(answer)?).into_response())
}

/// The work has come to an end, or needs a person, or is not wanted any more.
fn is_settled(status: Status) -> bool {
    !matches!(status, Status::Provisioning | Status::Updating)
}

fn status(reservation: &Reservation, tenant: &Tenant) -> StatusCode {
    match (reservation, tenant.status()) {
        (Reservation::Created(_), Status::Active) => StatusCode::CREATED,
        (_, Status::Active | Status::Suspended) => StatusCode::OK,
        _ => StatusCode::ACCEPTED,
    }
}

/// The answer that is true in the transaction that reserves the tenant.
fn answer_at_once(tenant: &Tenant) -> StoredAnswer {
    let status = match tenant.status() {
        // It was there before.
        Status::Active | Status::Suspended => StatusCode::OK,
        _ => StatusCode::ACCEPTED,
    };
    show(status, tenant)
}
