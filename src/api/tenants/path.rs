//! The tenant, service, session or user that a path names. One that lies beyond the caller's bounds is
//! not there.

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};

use super::view::as_json;
use crate::{
    api::{
        Api,
        access::Caller,
        middleware::name_tenant,
        problem::{Code, Problem},
    },
    domain::{CacheUser, LocalUserName, Tenant, TenantName, TierKind},
    store::KeptView,
};

/// The living tenant that the path names, as it was when the request came.
pub(crate) struct TenantAtPath(pub(crate) Tenant);

/// The view of the living tenant that the path names.
pub(crate) struct TenantViewAtPath(pub(crate) KeptView);

/// The view of the living service that the path names.
pub(crate) struct ServiceViewAtPath(pub(crate) KeptView);

/// The living service that the path names, as it was when the request came.
pub(crate) struct ServiceAtPath(pub(crate) Tenant);

/// The living break-glass session that the path names, as it was when the request came.
pub(crate) struct SessionAtPath(pub(crate) Tenant);

/// The user that the path names, and its tenant, as they were when the request came.
pub(crate) struct UserAtPath {
    pub(crate) tenant: Tenant,
    pub(crate) user: CacheUser,
}

/// The name of a user that the path holds, whether or not there is one, and its tenant.
pub(crate) struct UserNameAtPath {
    pub(crate) tenant: Tenant,
    pub(crate) name: LocalUserName,
}

impl FromRequestParts<Api> for TenantAtPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        find(parts, api, TierKind::Tenant).await.map(Self)
    }
}

impl FromRequestParts<Api> for TenantViewAtPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        find_view(parts, api, TierKind::Tenant).await.map(Self)
    }
}

impl FromRequestParts<Api> for ServiceViewAtPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        find_view(parts, api, TierKind::Service).await.map(Self)
    }
}

impl FromRequestParts<Api> for ServiceAtPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        find(parts, api, TierKind::Service).await.map(Self)
    }
}

impl FromRequestParts<Api> for SessionAtPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        find(parts, api, TierKind::BreakGlass).await.map(Self)
    }
}

impl FromRequestParts<Api> for UserNameAtPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let tenant = find(parts, api, TierKind::Tenant).await?;
        let text = parameter(parts, api, "user").await;
        let no_user = |why| Problem::new(Code::UserNotFound, why);
        let text = text.ok_or_else(|| no_user("the user in the path is no text".to_owned()))?;
        let name = LocalUserName::parse(&text);
        let name =
            name.map_err(|error| no_user(format!("no user can have this name: it {error}")))?;
        Ok(Self { tenant, name })
    }
}

impl FromRequestParts<Api> for UserAtPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let UserNameAtPath { tenant, name } =
            UserNameAtPath::from_request_parts(parts, api).await?;
        let Some(user) = tenant.user(&name).cloned() else {
            let detail = format!("{} has no user named {name}", tenant.name);
            return Err(Problem::new(Code::UserNotFound, detail));
        };
        Ok(Self { tenant, user })
    }
}

async fn find(parts: &mut Parts, api: &Api, kind: TierKind) -> Result<Tenant, Problem> {
    let name = tenant_name(parts, api, kind).await?;
    let bounds = Caller::of(parts)?.bounds;
    let tenant = api.store.tenant(&name).await?;
    let tenant = tenant.filter(|tenant| tenant.kind() == kind && bounds.hold_tenant(tenant));
    tenant.ok_or_else(|| not_there(kind, &name))
}

async fn find_view(parts: &mut Parts, api: &Api, kind: TierKind) -> Result<KeptView, Problem> {
    if Caller::of(parts)?.bounds.are_narrow() {
        // A view does not tell by itself whether it lies within them.
        let tenant = find(parts, api, kind).await?;
        return Ok(KeptView {
            kind,
            id: tenant.id,
            revision: tenant.revision,
            body: as_json(&tenant),
        });
    }
    let name = tenant_name(parts, api, kind).await?;
    let view = api.store.tenant_view(&name, as_json).await?.filter(|view| view.kind == kind);
    view.ok_or_else(|| not_there(kind, &name))
}

async fn tenant_name(parts: &mut Parts, api: &Api, kind: TierKind) -> Result<TenantName, Problem> {
    // A text that cannot be a name names nothing: 404, like any other that does not exist.
    let Some(text) = parameter(parts, api, "name").await else {
        return Err(not_found(kind, "the name in the path is no text"));
    };
    let name = TenantName::parse(&text)
        .map_err(|error| not_found(kind, format!("no {kind} can have this name: it {error}")))?;
    name_tenant(&name);
    Ok(name)
}

/// Says that nothing of this kind has this name.
fn not_there(kind: TierKind, name: &TenantName) -> Problem {
    not_found(kind, format!("there is no {kind} named {name}"))
}

/// A parameter by its name, because a path may have several.
async fn parameter(parts: &mut Parts, api: &Api, name: &str) -> Option<String> {
    let path = RawPathParams::from_request_parts(parts, api).await.ok()?;
    let (_, text) = path.iter().find(|(parameter, _)| *parameter == name)?;
    Some(text.to_owned())
}

fn not_found(kind: TierKind, detail: impl Into<String>) -> Problem {
    let code = match kind {
        TierKind::Tenant => Code::TenantNotFound,
        TierKind::Service => Code::ServiceNotFound,
        TierKind::BreakGlass => Code::SessionNotFound,
    };
    Problem::new(code, detail)
}
