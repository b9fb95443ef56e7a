//! Waiting for one user, and the answer that shows it.

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::{
    api::{
        Api,
        extract::{EntityTag, Prefer},
        problem::Problem,
        tenants::{UserView, wait_until},
    },
    domain::{CacheUser, LocalUserName, Tenant},
};

/// Waits, if it was asked to, until the user is as it is wanted or needs a person. Answers with the
/// tenant as it is then; a user that is gone is not in it.
pub(super) async fn wait_for_user(
    api: &Api,
    tenant: Tenant,
    name: &LocalUserName,
    prefer: &Prefer,
) -> Result<Tenant, Problem> {
    let name = name.clone();
    let is_end = move |tenant: &Tenant| {
        tenant.user(&name).is_none_or(|user| user.is_settled() || user.is_blocked())
    };
    wait_until(api, tenant, is_end, prefer.wait()).await
}

/// An answer with the user in its body and with its tenant's tag.
pub(super) fn show(status: StatusCode, tenant: &Tenant, user: &CacheUser) -> Response {
    let headers = [
        (header::LOCATION, format!("/tenants/{}/users/{}", tenant.name, user.name)),
        (header::ETAG, EntityTag::of(tenant).as_str().to_owned()),
    ];
    (status, headers, Json(UserView::from(user))).into_response()
}
