//! `PATCH /tenants/{name}`

use std::collections::BTreeMap;

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    answer::show,
    auth_text::AuthText,
    dry_run::{DryRun, TenantOrPlan, rehearse_change},
    path::TenantAtPath,
    target::target,
    view::{StatusView, TenantView},
    wait::wait_until,
};
use crate::{
    api::{
        Api,
        access::Caller,
        extract::{Json, Preconditions, Prefer, Query, given, merged_whole},
        idempotency::send,
        problem::{Code, Fault, Problem, problem_responses},
    },
    domain::{Auth, CacheUser, Cause, Grant, Patch, RotationInterval, Suspension, Tenant, Wanted},
    store::{Description, TenantChange},
};

/// What is to be different; what is not named stays (RFC 7396).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PatchTenant {
    /// What the main user may do with the tenant's keys and channels.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, example = "read-only")]
    profile: Option<String>,
    /// How the main user proves who it is.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, example = "iam")]
    auth: Option<AuthText>,
    /// Labels to set, or with `null` to take away. With those that stay there may be 32.
    #[serde(default)]
    #[schema(example = json!({"team": "checkout", "trial": null}))]
    labels: BTreeMap<String, Option<String>>,
    /// How old the passwords of all its users become before they are replaced by themselves, in
    /// seconds: an hour to ten years. `null`: as configured. Counted from when each password became
    /// `AWSCURRENT`: one that is older already is due at once.
    #[serde(default, deserialize_with = "merged_whole")]
    #[schema(value_type = Option<u32>, minimum = 3600, maximum = 315_360_000, example = 2_592_000)]
    rotate_every_seconds: Patch<u32>,
    /// `true`: its users leave the user group, which cuts their connections, and keep their passwords and
    /// their places. `false`: they are put back, and attested again.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, example = true)]
    suspended: Option<bool>,
}

problem_responses!(PatchTenantProblems:
    InvalidBody,
    InvalidQuery,
    InvalidHeader,
    TenantNotFound,
    TenantNameReserved,
    TenantBeingDeleted,
    UserBeingDeleted,
    PreconditionFailed,
    BodyTooLarge,
    UnsupportedMediaType,
    NoCapacity,
    StoreUnavailable,
);

/// Change a tenant.
///
/// A merge patch: what it does not name stays. Another profile is given to the main user with its
/// password and its connections kept, and the user is attested again; meanwhile the tenant is
/// `updating`. Other users are changed with `PUT /tenants/{name}/users/{user}`.
///
/// Another `auth` makes a second main user beside the first, with the same keys and rights, and
/// attests it. The first one goes on for the setting `rotation.grace` after that, so that clients can
/// move, and is removed then; `auth_change` shows both. Asked for the former `auth` again meanwhile,
/// that one stays and the other goes.
///
/// A `suspended` tenant can be changed and deleted like any other, and keeps its places in the user
/// group. A rotation of one of its passwords waits until it is resumed, also one that is due.
///
/// Answers `202` while the change is under way and `200` when there is nothing left to do; with
/// `Prefer: wait=30` it is waited for.
#[utoipa::path(
    patch,
    path = "/tenants/{name}",
    operation_id = "patch_tenant",
    tag = "tenants",
    params(
        ("name" = String, Path, description = "The tenant's name.", example = "acme"),
        DryRun,
        ("Prefer" = Option<String>, Header, nullable = false, description = "`wait=N`: wait up to N seconds for the outcome (RFC 7240).", example = "wait=30"),
        ("If-Match" = Option<String>, Header, nullable = false, description = "Change the tenant only if it is in the state that this entity tag names."),
    ),
    request_body(content = PatchTenant, content_type = "application/merge-patch+json", example = json!({"profile": "read-only"})),
    responses(
        (status = 200, description = "The tenant is as asked for; or the plan, with `dry_run`.", body = TenantOrPlan,
            headers(("ETag", description = "The tenant's state."), ("Location", description = "The tenant."), ("Preference-Applied", description = "The preferences that were followed.")),
            example = json!(TenantView::example(StatusView::Active))),
        (status = 202, description = "The wish is written down; the change is under way.", body = TenantView,
            headers(("ETag", description = "The tenant's state."), ("Location", description = "The tenant."), ("Preference-Applied", description = "The preferences that were followed.")),
            example = json!(TenantView::example(StatusView::Updating))),
        PatchTenantProblems
    )
)]
pub(crate) async fn patch_tenant(
    State(api): State<Api>,
    cause: Cause,
    (caller, prefer, preconditions, query): (Caller, Prefer, Preconditions, Query<DryRun>),
    TenantAtPath(tenant): TenantAtPath,
    Json(body): Json<PatchTenant>,
) -> Result<Response, Problem> {
    if !caller.bounds.outlast(&body.labels) {
        return Err(caller.out_of_bounds());
    }
    let concerns = body.concerns();
    let change = TenantChange::Describe(body.describe(&api, &tenant)?);
    let target = target(&api, &tenant, &preconditions, cause)?;
    if query.0.dry_run {
        return rehearse_change(&api, target, change).await;
    }
    let (tenant, _) = api.store.change_tenant(target, change).await?;
    api.caches.nudge(&tenant.cache);
    let is_end =
        |tenant: &Tenant| concerns.all(tenant, |user| user.is_settled() || user.is_blocked());
    let tenant = wait_until(&api, tenant, is_end, prefer.wait()).await?;
    let is_done = concerns.all(&tenant, CacheUser::is_settled) && tenant.wanted != Wanted::Absent;
    let status = if is_done { StatusCode::OK } else { StatusCode::ACCEPTED };
    Ok((prefer.applied(), send(show(status, &tenant))?).into_response())
}

/// Which users of a tenant a patch is about.
#[derive(Clone, Copy)]
enum Concern {
    Main,
    All,
}

impl Concern {
    fn all(self, tenant: &Tenant, holds: impl Fn(&CacheUser) -> bool) -> bool {
        match self {
            Self::Main => holds(&tenant.main),
            Self::All => tenant.users().all(holds),
        }
    }
}

impl PatchTenant {
    fn concerns(&self) -> Concern {
        if self.suspended.is_some() { Concern::All } else { Concern::Main }
    }

    fn describe(self, api: &Api, tenant: &Tenant) -> Result<Description, Problem> {
        let profile = self.profile.as_deref().map(|text| api.profiles.find(text)).transpose();
        let profile = profile.map_err(|error| refused("/profile", error.to_string()))?;
        let grant = profile.map(|profile| Grant::Profile(profile.name().clone()));
        let rotate_every = match self.rotate_every_seconds {
            Patch::Keep => Patch::Keep,
            Patch::Remove => Patch::Remove,
            Patch::Set(seconds) => Patch::Set(
                RotationInterval::from_seconds(seconds)
                    .map_err(|error| refused("/rotate_every_seconds", error.to_string()))?,
            ),
        };
        let login = self.auth.map(|auth| api.placement.login(api, tenant, Auth::from(auth)));
        let suspension = match self.suspended {
            None => None,
            Some(true) => Some(Suspension::Suspend),
            Some(false) => Some(Suspension::Resume),
        };
        let (login, labels) = (login.transpose()?, self.labels);
        Ok(Description { grant, login, labels, rotate_every, suspension })
    }
}

fn refused(pointer: &str, why: String) -> Problem {
    Problem::new(Code::InvalidBody, "the body has values that this operation cannot take")
        .with_faults([Fault::in_body(pointer, why)])
}
