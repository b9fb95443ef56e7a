//! The problem of a tenant: not an answer that failed, but work that does not go on.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{CacheUser, Remedy, TenantProblem, TenantProblemCode};

/// What stands in the way of the work on a tenant.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TenantProblem)]
pub(crate) struct TenantProblemView {
    /// What kind of problem this is: the path of the page that says what to do, relative to the API.
    #[serde(rename = "type")]
    #[schema(format = "uri-reference", example = "/problems/user-group-full")]
    kind: String,
    /// What kind of problem this is, for people.
    #[schema(example = "The user group has no room")]
    title: &'static str,
    /// Which of the tenant's users it is about.
    #[schema(example = "main")]
    user: String,
    /// What happened.
    detail: String,
    /// Whether Ringfence tries again by itself. If not, the tenant is `blocked` until a person has
    /// removed the cause and has posted the tenant again.
    retryable: bool,
    /// When it tries again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    retry_at: Option<Timestamp>,
}

impl TenantProblemView {
    pub(crate) fn of(user: &CacheUser, problem: &TenantProblem) -> Self {
        let retry_at = match problem.remedy {
            Remedy::Retry { at } => Some(at),
            Remedy::Person => None,
        };
        Self {
            kind: page_path(problem.code),
            title: title(problem.code),
            user: user.name.to_string(),
            detail: problem.detail.clone(),
            retryable: retry_at.is_some(),
            retry_at,
        }
    }
}

/// Where the page of a kind of problem is served.
pub(super) fn page_path(code: TenantProblemCode) -> String {
    format!("/problems/{code}")
}

/// The headline of the page.
pub(super) fn title(code: TenantProblemCode) -> &'static str {
    page(code).lines().next().map_or("", |line| line.trim_start_matches("# "))
}

/// The page that documents a kind of problem, in Markdown.
pub(super) fn page(code: TenantProblemCode) -> &'static str {
    macro_rules! page {
        ($slug:literal) => {
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/problems/", $slug, ".md"))
        };
    }
    match code {
        TenantProblemCode::CloudUnavailable => page!("cloud-unavailable"),
        TenantProblemCode::CloudThrottled => page!("cloud-throttled"),
        TenantProblemCode::CloudDenied => page!("cloud-denied"),
        TenantProblemCode::CloudRefused => page!("cloud-refused"),
        TenantProblemCode::UserQuotaExceeded => page!("user-quota-exceeded"),
        TenantProblemCode::UserIdTaken => page!("user-id-taken"),
        TenantProblemCode::UserNameTaken => page!("user-name-taken"),
        TenantProblemCode::SecretNameTaken => page!("secret-name-taken"),
        TenantProblemCode::SecretUnreadable => page!("secret-unreadable"),
        TenantProblemCode::SecretChanged => page!("secret-changed"),
        TenantProblemCode::SecretRotatedElsewhere => page!("secret-rotated-elsewhere"),
        TenantProblemCode::UserGone => page!("user-gone"),
        TenantProblemCode::UserGroupMissing => page!("user-group-missing"),
        TenantProblemCode::UserGroupFull => page!("user-group-full"),
        TenantProblemCode::UserGroupBusy => page!("user-group-busy"),
        TenantProblemCode::CacheNotConfigured => page!("cache-not-configured"),
        TenantProblemCode::ProfileNotConfigured => page!("profile-not-configured"),
        TenantProblemCode::EngineUnreachable => page!("engine-unreachable"),
        TenantProblemCode::LoginRefused => page!("login-refused"),
        TenantProblemCode::FenceLeaky => page!("fence-leaky"),
        TenantProblemCode::FenceTooTight => page!("fence-too-tight"),
    }
}
