//! `GET /tenants/{name}/credentials`

use axum::{Extension, extract::State};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use super::path::TenantAtPath;
use crate::{
    api::{
        Api,
        problem::{Code, Problem, problem_responses},
    },
    domain::{
        CacheUser, Endpoint, PasswordLifetime, Prospect, RequestId, Status, Tenant,
        TenantCredentials, Tier,
    },
    reconcile::Cache,
};

/// Everything that a tenant needs to log in.
#[derive(Serialize, ToSchema)]
#[schema(as = TenantCredentials)]
pub(crate) struct CredentialsView {
    /// What goes first in `AUTH`.
    #[schema(example = "acme")]
    username: String,
    /// What goes second.
    #[schema(format = Password)]
    password: String,
    /// Where to connect.
    #[schema(example = "cache-main.abc123.euc1.cache.amazonaws.com")]
    host: String,
    /// The port.
    #[schema(example = 6379)]
    port: u16,
    /// Whether the connection is TLS.
    tls: bool,
    /// What every key and channel must start with.
    #[schema(example = "acme:")]
    key_prefix: String,
    /// All of it but the prefix in one, for clients that take a URL.
    #[schema(format = Password)]
    url: String,
    /// Before this the password does not stop working by a rotation that is running or scheduled. One
    /// that has begun replaces the password at any moment, and then its grace is left; a scheduled one
    /// begins when it is due or later. So the password can live longer, and this moves with every
    /// reading. It can end sooner only if somebody asks for that: by another rotation, by ending a
    /// grace, or in an emergency, which may be at any time. Of a break-glass session: when the session
    /// ends. Absent where no end is in sight: no schedule, and no rotation that will replace it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    expires_at: Option<Timestamp>,
    /// When to read the credentials again at the latest: half the grace before `expires_at`. Absent
    /// where that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    renew_before: Option<Timestamp>,
}

problem_responses!(GetTenantCredentialsProblems:
    TenantNotFound,
    TenantNotActive,
    StoreUnavailable,
    CloudUnavailable,
);

/// Hand out a tenant's credentials.
///
/// They are read from Secrets Manager at this moment and kept nowhere else. Only an active tenant has
/// credentials that are known to work. That they were read is recorded.
#[utoipa::path(
    get,
    path = "/tenants/{name}/credentials",
    operation_id = "get_tenant_credentials",
    tag = "tenants",
    params(("name" = String, Path, description = "The tenant's name.", example = "acme")),
    responses(
        (status = 200, description = "The credentials.", body = CredentialsView,
            headers(("Cache-Control", description = "Always `no-store`.")),
            example = json!(CredentialsView::example())),
        GetTenantCredentialsProblems
    )
)]
pub(crate) async fn get_tenant_credentials(
    State(api): State<Api>,
    Extension(request): Extension<RequestId>,
    TenantAtPath(tenant): TenantAtPath,
) -> Result<axum::Json<CredentialsView>, Problem> {
    hand_out(&api, &tenant, &tenant.main, request).await
}

/// Reads what a user needs to log in, and records that it was read.
pub(in crate::api) async fn hand_out(
    api: &Api,
    tenant: &Tenant,
    user: &CacheUser,
    request: RequestId,
) -> Result<axum::Json<CredentialsView>, Problem> {
    let endpoint = endpoint(api, user)?;
    let lifetime = lifetime(api, tenant, user).await?;
    let secret = api.cloud.secret_string(&user.secret_name).await?;
    let password = TenantCredentials::password_in(&secret)?;
    let username = user.user_name.clone();
    let credentials = TenantCredentials::new(username, password, endpoint, &user.key_pattern);
    // Recorded before it is sent: a reading without a record must not be.
    let now = api.clock.now();
    api.store.record_credentials_read(tenant, user, Some(request), now).await?;
    Ok(axum::Json(CredentialsView::new(credentials, lifetime)))
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
    Ok(prospect.lifetime(api.clock.now()))
}

/// Where a user that can log in connects.
fn endpoint(api: &Api, user: &CacheUser) -> Result<Endpoint, Problem> {
    if !user.can_log_in() {
        let status = user.status();
        let detail = format!(
            "{} is {status}; credentials are handed out while it is active",
            user.user_name
        );
        let problem = Problem::new(Code::TenantNotActive, detail);
        return Err(match status {
            Status::Provisioning => problem,
            _ => problem.not_to_be_retried(),
        });
    }
    api.caches.get(&user.cache).and_then(Cache::endpoint).ok_or_else(|| {
        let detail = "where the tenant's cache takes connections is not known yet; try again";
        Problem::failure(Code::CloudUnavailable, detail, "the cache has not been observed")
    })
}

impl CredentialsView {
    /// Credentials for the API document.
    pub(in crate::api) fn example() -> Self {
        // 2026-12-21T22:15:00Z
        let expires_at = Timestamp::constant(1_797_891_300, 0);
        Self {
            username: "acme".to_owned(),
            password: "…64 hexadecimal digits…".to_owned(),
            host: "cache-main.abc123.euc1.cache.amazonaws.com".to_owned(),
            port: 6379,
            tls: true,
            key_prefix: "acme:".to_owned(),
            url: "rediss://acme:…@cache-main.abc123.euc1.cache.amazonaws.com:6379".to_owned(),
            expires_at: Some(expires_at),
            renew_before: Some(expires_at - SignedDuration::from_hours(1)),
        }
    }

    fn new(credentials: TenantCredentials, lifetime: Option<PasswordLifetime>) -> Self {
        Self {
            username: credentials.username.to_string(),
            password: credentials.password.expose().to_owned(),
            url: credentials.url().to_string(),
            host: credentials.endpoint.host,
            port: credentials.endpoint.port,
            tls: credentials.endpoint.tls,
            key_prefix: credentials.key_prefix,
            expires_at: lifetime.map(|lifetime| lifetime.expires_at),
            renew_before: lifetime.map(|lifetime| lifetime.renew_before),
        }
    }
}
