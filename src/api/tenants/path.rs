//! The tenant that a path names.

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};

use crate::{
    api::{
        Api,
        middleware::name_tenant,
        problem::{Code, Problem},
    },
    domain::{Tenant, TenantName},
};

/// The living tenant that the path names, as it was when the request came.
pub(crate) struct TenantAtPath(pub(crate) Tenant);

impl FromRequestParts<Api> for TenantAtPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        // By its name, because a path may have further parameters.
        let path = RawPathParams::from_request_parts(parts, api).await;
        // A text that cannot be a name names no tenant: 404, like any other that does not exist.
        let path = path.map_err(|_| not_found("the name in the path is no text"))?;
        let text = path.iter().find(|(parameter, _)| *parameter == "name");
        let text = text.map(|(_, text)| text).unwrap_or_default();
        let name = TenantName::parse(text)
            .map_err(|error| not_found(format!("no tenant can have this name: it {error}")))?;
        name_tenant(&name);
        let tenant = api.store.tenant(&name).await?;
        tenant.map(Self).ok_or_else(|| not_found(format!("there is no tenant named {name}")))
    }
}

fn not_found(detail: impl Into<String>) -> Problem {
    Problem::new(Code::TenantNotFound, detail)
}
