//! `GET /tenants/{name}/credentials`

use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

pub(in crate::api) use super::credentials_view::CredentialsView;
use super::{auth_text::AuthText, path::TenantAtPath};
use crate::{
    api::{
        Api,
        extract::Query,
        problem::{Code, Problem, problem_responses},
    },
    cloud::Cloud,
    domain::{
        Auth, CacheUser, Cause, Endpoint, PasswordLifetime, Prospect, Status, Tenant,
        TenantCredentials, Tier,
    },
};

/// Which credentials.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ChooseCredentials {
    /// Those of the main user that proves who it is in this way: `password` or `iam`. A tenant has both
    /// while it changes from one to the other. Default: the one that stays, as soon as it works.
    #[param(nullable = false, inline)]
    auth: Option<AuthText>,
}

problem_responses!(GetTenantCredentialsProblems:
    InvalidQuery,
    TenantNotFound,
    UserNotFound,
    TenantNotActive,
    StoreUnavailable,
    CloudUnavailable,
);

/// Hand out a tenant's credentials.
///
/// A password is read from Secrets Manager at this moment and kept nowhere else. Only an active tenant
/// has credentials that are known to work. That they were read is recorded. A tenant that
/// authenticates by IAM has no password: its client makes a token from what `iam` says.
#[utoipa::path(
    get,
    path = "/tenants/{name}/credentials",
    operation_id = "get_tenant_credentials",
    tag = "tenants",
    params(("name" = String, Path, description = "The tenant's name.", example = "acme"), ChooseCredentials),
    responses(
        (status = 200, description = "The credentials.", body = CredentialsView,
            headers(("Cache-Control", description = "Always `no-store`.")),
            example = json!(CredentialsView::example())),
        GetTenantCredentialsProblems
    )
)]
pub(crate) async fn get_tenant_credentials(
    State(api): State<Api>,
    cause: Cause,
    TenantAtPath(tenant): TenantAtPath,
    Query(ChooseCredentials { auth }): Query<ChooseCredentials>,
) -> Result<axum::Json<CredentialsView>, Problem> {
    let user = match auth.map(Auth::from) {
        None => tenant.login(),
        Some(auth) => tenant.main_by(auth).ok_or_else(|| {
            let detail = format!("{} has no user that authenticates by {auth}", tenant.name);
            Problem::new(Code::UserNotFound, detail)
        })?,
    };
    hand_out(&api, &tenant, user, cause).await
}

/// Reads what a user needs to log in, and records that it was read.
pub(in crate::api) async fn hand_out(
    api: &Api,
    tenant: &Tenant,
    user: &CacheUser,
    cause: Cause,
) -> Result<axum::Json<CredentialsView>, Problem> {
    require_login(user)?;
    let cache = api.caches.get(&user.cache).ok_or_else(unknown_endpoint)?;
    let cloud = api.clouds.for_cache(&user.cache).ok_or_else(unknown_endpoint)?;
    let endpoint = cache.endpoint().ok_or_else(unknown_endpoint)?;
    let view = match user.auth {
        Auth::Password => {
            let lifetime = lifetime(api, tenant, user).await?;
            CredentialsView::by_password(read(cloud, user, endpoint).await?, lifetime)
        }
        Auth::Iam => {
            let target = &cache.config().target;
            CredentialsView::by_iam(user, endpoint, target, cloud.region())
        }
    };
    // Recorded before it is sent: a reading without a record must not be.
    let now = api.clock.now();
    api.store.record_credentials_read(tenant, user, cause, now).await?;
    Ok(axum::Json(view))
}

/// How long the password that is read next works. The order matters: see [`Prospect`].
async fn lifetime(
    api: &Api,
    tenant: &Tenant,
    user: &CacheUser,
) -> Result<Option<PasswordLifetime>, Problem> {
    if let Tier::BreakGlass(session) = &tenant.tier {
        let end = session.expires_at;
        return Ok(Some(PasswordLifetime { expires_at: end, renew_before: end }));
    }
    let rotation = api.store.rotation_under_way(user.id).await?;
    let prospect = Prospect {
        rotation: rotation.as_ref(),
        due_at: user.rotation_due_at,
        grace: api.settings.rotation_grace,
    };
    let by_rotation = prospect.lifetime(api.clock.now());
    // One that gives way to a login by IAM ends with that, or sooner.
    let by_change = tenant.outgoing_ends_at().filter(|_| user.outgoing.is_some());
    let by_change = by_change.map(|end| PasswordLifetime { expires_at: end, renew_before: end });
    Ok([by_rotation, by_change].into_iter().flatten().min_by_key(|lifetime| lifetime.expires_at))
}

async fn read(
    cloud: &Cloud,
    user: &CacheUser,
    endpoint: Endpoint,
) -> Result<TenantCredentials, Problem> {
    let secret = cloud.secret_string(&user.secret_name).await?;
    let password = TenantCredentials::password_in(&secret)?;
    Ok(TenantCredentials::new(user.user_name.clone(), password, endpoint, &user.key_pattern))
}

/// Refuses a user whose login is not known to work.
fn require_login(user: &CacheUser) -> Result<(), Problem> {
    if user.can_log_in() {
        return Ok(());
    }
    let status = user.status();
    let detail =
        format!("{} is {status}; credentials are handed out while it is active", user.user_name);
    let problem = Problem::new(Code::TenantNotActive, detail);
    Err(match status {
        Status::Provisioning => problem,
        _ => problem.not_to_be_retried(),
    })
}

fn unknown_endpoint() -> Problem {
    let detail = "where the tenant's cache takes connections is not known yet; try again";
    Problem::failure(Code::CloudUnavailable, detail, "the cache has not been observed")
}
