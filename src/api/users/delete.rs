//! `DELETE /tenants/{name}/users/{user}`

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};

use super::answer::{show, wait_for_user};
use crate::{
    api::{
        Api,
        extract::{Preconditions, Prefer},
        problem::{Code, Problem, problem_responses},
        tenants::{UserAtPath, UserView, target},
    },
    domain::Cause,
    store::TenantChange,
};

problem_responses!(DeleteUserProblems:
    InvalidHeader,
    TenantNotFound,
    UserNotFound,
    MainUserStays,
    PreconditionFailed,
    StoreUnavailable,
);

/// Delete a user of a tenant.
///
/// Takes the user out of the user group, which cuts its connections, then deletes it, then schedules
/// its secret for deletion. Its keys stay: they are the tenant's. The main user cannot be deleted
/// alone.
///
/// Answers `202` as soon as the wish is written down, and with `Prefer: wait=30` `204` when the user
/// is gone.
#[utoipa::path(
    delete,
    path = "/tenants/{name}/users/{user}",
    operation_id = "delete_user",
    tag = "users",
    params(
        ("name" = String, Path, description = "The tenant's name.", example = "acme"),
        ("user" = String, Path, description = "The user's name within the tenant.", example = "sessions"),
        ("Prefer" = Option<String>, Header, nullable = false, description = "`wait=N`: wait up to N seconds for the outcome (RFC 7240).", example = "wait=30"),
        ("If-Match" = Option<String>, Header, nullable = false, description = "Do it only if the tenant is in the state that this entity tag names."),
    ),
    responses(
        (status = 202, description = "The wish is written down; the deletion is under way.", body = UserView,
            headers(("ETag", description = "The tenant's state."), ("Location", description = "The user."), ("Preference-Applied", description = "The preferences that were followed.")),
            example = json!(UserView::example(false))),
        (status = 204, description = "The user is gone."),
        DeleteUserProblems
    )
)]
pub(crate) async fn delete_user(
    State(api): State<Api>,
    cause: Cause,
    (prefer, preconditions): (Prefer, Preconditions),
    UserAtPath { tenant, user }: UserAtPath,
) -> Result<Response, Problem> {
    if user.name.is_main() {
        let detail = format!("the user main goes with its tenant: DELETE /tenants/{}", tenant.name);
        return Err(Problem::new(Code::MainUserStays, detail));
    }
    let target = target(&api, &tenant, &preconditions, cause)?;
    let change = TenantChange::RemoveUser(user.name.clone());
    let (tenant, _) = api.store.change_tenant(target, change).await?;
    api.caches.nudge(&tenant.cache);
    let tenant = wait_for_user(&api, tenant, &user.name, &prefer).await?;
    Ok(match tenant.user(&user.name) {
        None => (StatusCode::NO_CONTENT, prefer.applied(), ()).into_response(),
        Some(user) => (prefer.applied(), show(StatusCode::ACCEPTED, &tenant, user)).into_response(),
    })
}
