//! `PUT /tenants/{name}/users/{user}`

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::{show, wait_for_user};
use crate::{
    api::{
        Api,
        extract::{EntityTag, Json, Preconditions, Prefer, given},
        problem::{Code, Problem, problem_responses},
        tenants::{Placement, RightsText, UserNameAtPath, UserView, target, user_spec},
    },
    domain::{Cause, LocalUserName, NewUser, Tenant},
    store::{ChangeEnd, TenantChange},
};

/// What a user is to be.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PutUser {
    /// What it may do with its keys and channels.
    #[serde(default, deserialize_with = "given")]
    #[schema(default = "read-write", nullable = false, example = "cache")]
    profile: Option<String>,
    /// Which of the tenant's keys and channels: a pattern behind the tenant's prefix that ends with
    /// `:*`, or `*` for all of them. Default: those under its own name, and all for `main`.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, example = "sessions:*")]
    keys: Option<String>,
}

problem_responses!(PutUserProblems:
    InvalidBody,
    InvalidHeader,
    TenantNotFound,
    UserNotFound,
    TenantNameReserved,
    TenantBeingDeleted,
    UserBeingDeleted,
    UserKeysFixed,
    PreconditionFailed,
    BodyTooLarge,
    UnsupportedMediaType,
    NoCapacity,
    StoreUnavailable,
);

/// Make a user of a tenant, or change one.
///
/// A user has a login of its own, `{tenant}--{user}`, with a password, rights and keys of its own;
/// `main` is the one that every tenant has. Another profile is given to a user with its password and
/// its connections kept, and it is attested again; its keys stay the same for its life. Other users of
/// the tenant go on meanwhile.
///
/// Answers `202` as soon as the wish is written down; with `Prefer: wait=30` answers `201` for a new
/// user and `200` for another when it can log in. Sent again it changes nothing, but takes the work
/// on a `blocked` user up again.
#[utoipa::path(
    put,
    path = "/tenants/{name}/users/{user}",
    operation_id = "put_user",
    tag = "users",
    params(
        ("name" = String, Path, description = "The tenant's name.", example = "acme"),
        ("user" = String, Path, description = "The user's name within the tenant: lower-case words of letters and digits joined by single hyphens, at most 24 characters.", example = "sessions"),
        ("Prefer" = Option<String>, Header, nullable = false, description = "`wait=N`: wait up to N seconds for the outcome (RFC 7240).", example = "wait=30"),
        ("If-Match" = Option<String>, Header, nullable = false, description = "Change the user only if it is there and the tenant is in the state that this entity tag names."),
        ("If-None-Match" = Option<String>, Header, nullable = false, description = "`*`: make the user only if there is none of this name."),
    ),
    request_body(content = PutUser, example = json!({"profile": "cache"})),
    responses(
        (status = 200, description = "The user is as asked for, and can log in.", body = UserView,
            headers(("ETag", description = "The tenant's state."), ("Location", description = "The user."), ("Preference-Applied", description = "The preferences that were followed.")),
            example = json!(UserView::example(false))),
        (status = 201, description = "The user was made, and can log in.", body = UserView,
            headers(("ETag", description = "The tenant's state."), ("Location", description = "The user."), ("Preference-Applied", description = "The preferences that were followed.")),
            example = json!(UserView::example(false))),
        (status = 202, description = "The wish is written down; the work is under way.", body = UserView,
            headers(("ETag", description = "The tenant's state."), ("Location", description = "The user."), ("Preference-Applied", description = "The preferences that were followed.")),
            example = json!(UserView::example(false))),
        PutUserProblems
    )
)]
pub(crate) async fn put_user(
    State(api): State<Api>,
    cause: Cause,
    (prefer, preconditions): (Prefer, Preconditions),
    UserNameAtPath { tenant, name }: UserNameAtPath,
    Json(body): Json<PutUser>,
) -> Result<Response, Problem> {
    let rights = RightsText { profile: body.profile.as_deref(), keys: body.keys.as_deref() };
    let spec = user_spec(&api.profiles, name.clone(), &rights, "");
    let spec = spec.map_err(|faults| {
        let detail = "the body has values that this operation cannot take";
        Problem::new(Code::InvalidBody, detail).with_faults(faults)
    })?;
    let new = api.placement.user(&api, &tenant.name, &tenant.key_pattern, spec);
    refuse_foreign(&api, &tenant, &new)?;
    check_presence(&tenant, &name, &preconditions)?;
    let target = target(&api, &tenant, &preconditions, cause)?;
    let (tenant, end) = api.store.change_tenant(target, TenantChange::PutUser(new)).await?;
    api.caches.nudge(&tenant.cache);
    let tenant = wait_for_user(&api, tenant, &name, &prefer).await?;
    let Some(user) = tenant.user(&name) else {
        return Err(Problem::new(Code::UserNotFound, "the user was removed while it was made"));
    };
    let status = match (user.is_settled(), end) {
        (false, _) => StatusCode::ACCEPTED,
        (true, ChangeEnd::Created) => StatusCode::CREATED,
        (true, ChangeEnd::Changed | ChangeEnd::Unchanged) => StatusCode::OK,
    };
    Ok((prefer.applied(), show(status, &tenant, user)).into_response())
}

/// Refuses a new user that would have the name of a member of the group that is not ours.
fn refuse_foreign(api: &Api, tenant: &Tenant, new: &NewUser) -> Result<(), Problem> {
    match api.caches.get(&tenant.cache) {
        Some(cache) if tenant.user(&new.name).is_none() => {
            Placement::refuse_foreign(cache, [&new.names.user_name])
        }
        _ => Ok(()),
    }
}

/// `If-Match` asks for a user that is there, and `If-None-Match: *` for none.
fn check_presence(
    tenant: &Tenant,
    name: &LocalUserName,
    preconditions: &Preconditions,
) -> Result<(), Problem> {
    let is_there = tenant.user(name).is_some();
    let detail = match (is_there, preconditions.demand_a_state()) {
        (false, true) => "there is no such user, and If-Match asks for one",
        (true, _) if preconditions.know(&EntityTag::of(tenant)) => {
            "the user is there, and If-None-Match asks for none"
        }
        _ => return Ok(()),
    };
    Err(Problem::new(Code::PreconditionFailed, detail))
}
