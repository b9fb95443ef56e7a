//! `PUT /tenants/{name}/users/{user}`

use axum::{
    Extension,
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
        extract::{Json, Preconditions, Prefer},
        problem::{Code, Fault, Problem, problem_responses},
        tenants::{Placement, RightsText, USERS_MAX, UserNameAtPath, UserView, target, user_spec},
    },
    domain::{NewUser, RequestId, Tenant},
    store::{ChangeEnd, TenantChange},
};

/// What a user is to be.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PutUser {
    /// What it may do with its keys and channels.
    #[schema(default = "read-write", nullable = false, example = "cache")]
    profile: Option<String>,
    /// Which of the tenant's keys and channels: a pattern behind the tenant's prefix that ends with
    /// `:*`, or `*` for all of them. Default: those under its own name, and all for `main`.
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
    PreconditionFailed,
    BodyTooLarge,
    UnsupportedMediaType,
    StoreUnavailable,
);

/// Make a user of a tenant, or change one.
///
/// A user has a login of its own, `{tenant}--{user}`, with a password, rights and keys of its own;
/// `main` is the one that every tenant has. Changing a user's rights keeps its password and its
/// connections; it is attested again. Other users of the tenant go on meanwhile.
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
        ("If-Match" = Option<String>, Header, nullable = false, description = "Do it only if the tenant is in the state that this entity tag names."),
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
    Extension(request): Extension<RequestId>,
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
    refuse_crowd(&api, &tenant, &new)?;
    let target = target(&api, &tenant, &preconditions, request)?;
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

/// Refuses a new user that the tenant or the user group has no place for.
fn refuse_crowd(api: &Api, tenant: &Tenant, new: &NewUser) -> Result<(), Problem> {
    if tenant.user(&new.name).is_some() {
        return Ok(());
    }
    if tenant.further.len() >= USERS_MAX {
        let detail = format!("{} has {USERS_MAX} further users, which is the limit", tenant.name);
        return Err(Problem::new(Code::InvalidBody, "the tenant cannot have another user")
            .with_faults([Fault::in_body("", detail)]));
    }
    match api.caches.get(&tenant.cache) {
        Some(cache) => Placement::refuse_foreign(cache, std::slice::from_ref(new)),
        None => Ok(()),
    }
}
