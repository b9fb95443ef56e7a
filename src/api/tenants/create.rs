//! `POST /tenants`

use std::{collections::BTreeMap, str::FromStr};

use axum::{
    Extension,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    answer::{send, show},
    idempotency::{Known, look_up},
    view::{StatusView, TenantView},
    wait::wait_for,
};
use crate::{
    api::{
        Api,
        extract::{GivenKey, Json, Prefer, json_pointer},
        problem::{Code, Fault, Problem, problem_responses},
    },
    domain::{
        AccessProfile, CacheName, Labels, LabelsError, Status, Tenant, TenantName, TenantSpec,
    },
    store::{RequestId, Reservation, StoredAnswer},
};

/// What is asked for.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateTenant {
    /// Lower-case words of letters and digits joined by single hyphens, the first starting with a
    /// letter. It becomes the tenant's user name and a part of its key prefix.
    #[schema(example = "acme", pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length = 40)]
    name: String,
    /// What the tenant may do with its keys. There is one profile: `read-write`.
    #[schema(default = "read-write", nullable = false)]
    profile: Option<String>,
    /// The cache to put the tenant into. Default: the first that is configured.
    #[schema(example = "main", nullable = false)]
    cache: Option<String>,
    /// How the tenant proves who it is.
    #[serde(default)]
    #[schema(default = "password")]
    auth: Authentication,
    /// The caller's own words, to find the tenant by: at most 32 pairs.
    #[serde(default)]
    #[schema(example = json!({"team": "checkout"}))]
    labels: BTreeMap<String, String>,
    /// Whether the tenant may find keys that a deleted tenant of this name left behind.
    #[serde(default)]
    #[schema(default = false)]
    inherit_keys: bool,
}

/// How a tenant proves who it is.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Authentication {
    /// By a password that Ringfence makes and keeps in Secrets Manager.
    #[default]
    Password,
}

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
/// takes the work up again.
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
        (status = 200, description = "The tenant was there already, with this specification, and is active.", body = TenantView,
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
    Extension(request): Extension<RequestId>,
    prefer: Prefer,
    GivenKey(key): GivenKey,
    Json(body): Json<CreateTenant>,
) -> Result<Response, Problem> {
    let first = match look_up(&api, key, &("create_tenant", &body)).await? {
        Known::Answered(response) => return Ok(response),
        Known::New(first) => first,
    };
    let new = api.placement.place(&api, body.spec()?, body.inherit_keys)?;
    let keep = first.as_ref().map(|first| first.keep(&api, answer_at_once)).transpose()?;
    let reservation = api.store.reserve_tenant(new, keep, Some(request)).await?;
    api.caches.nudge(&reservation.tenant().cache);
    let tenant = wait_for(&api, reservation.tenant().clone(), is_settled, prefer.wait()).await?;
    let answer = show(status(&reservation, &tenant), &tenant);
    if let Some(first) = first {
        first.keep_instead(&api, answer.clone()).await?;
    }
    Ok((prefer.applied(), send(answer)?).into_response())
}

impl CreateTenant {
    /// What is asked for, in the domain's words; or everything that is wrong with it at once.
    fn spec(&self) -> Result<TenantSpec, Problem> {
        let name = TenantName::parse(&self.name).map_err(at("/name"));
        let cache = self.cache.as_deref().map(CacheName::parse).transpose().map_err(at("/cache"));
        let profile = self.profile.as_deref().map(AccessProfile::from_str);
        let profile = profile.transpose().map_err(at("/profile"));
        let labels = Labels::try_from(self.labels.clone())
            .map_err(|error| Fault::in_body(place(&error), error.to_string()));
        // There is no other way to authenticate yet.
        let Authentication::Password = self.auth;
        match (name, cache, profile, labels) {
            (Ok(name), Ok(cache), Ok(profile), Ok(labels)) => {
                Ok(TenantSpec { name, cache, profile: profile.unwrap_or_default(), labels })
            }
            (name, cache, profile, labels) => {
                let faults = [name.err(), cache.err(), profile.err(), labels.err()];
                let detail = "the body has values that this operation cannot take";
                Err(Problem::new(Code::InvalidBody, detail)
                    .with_faults(faults.into_iter().flatten()))
            }
        }
    }
}

/// Says where in the body an error is.
fn at<E: std::error::Error>(pointer: &'static str) -> impl FnOnce(E) -> Fault {
    move |error| Fault::in_body(pointer, error.to_string())
}

/// Where in the body the labels are at fault.
fn place(error: &LabelsError) -> String {
    match error {
        LabelsError::TooMany { .. } => "/labels".to_owned(),
        LabelsError::BadKey { key } | LabelsError::BadValue { key } => json_pointer("/labels", key),
    }
}

/// The work has come to an end, or needs a person, or is not wanted any more.
fn is_settled(status: Status) -> bool {
    status != Status::Provisioning
}

fn status(reservation: &Reservation, tenant: &Tenant) -> StatusCode {
    match (reservation, tenant.status()) {
        (Reservation::Created(_), Status::Active) => StatusCode::CREATED,
        (Reservation::Existing(_), Status::Active) => StatusCode::OK,
        _ => StatusCode::ACCEPTED,
    }
}

/// The answer that is true in the transaction that reserves the tenant.
fn answer_at_once(tenant: &Tenant) -> StoredAnswer {
    // A tenant that is active now was there before.
    let status =
        if tenant.status() == Status::Active { StatusCode::OK } else { StatusCode::ACCEPTED };
    show(status, tenant)
}
