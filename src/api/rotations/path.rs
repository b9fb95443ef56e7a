//! The rotation that a path names.

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};
use uuid::Uuid;

use crate::{
    api::{
        Api,
        problem::{Code, Problem},
        tenants::TenantAtPath,
    },
    domain::{Rotation, RotationId, Tenant},
};

/// The rotation that the path names, and its tenant, as they were when the request came.
pub(crate) struct RotationAtPath {
    pub(crate) tenant: Tenant,
    pub(crate) rotation: Rotation,
}

impl FromRequestParts<Api> for RotationAtPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let TenantAtPath(tenant) = TenantAtPath::from_request_parts(parts, api).await?;
        let not_found = || Problem::new(Code::RotationNotFound, "the tenant has no such rotation");
        // A text that is no id names no rotation.
        let path = RawPathParams::from_request_parts(parts, api).await.map_err(|_| not_found())?;
        let id = path.iter().find(|(parameter, _)| *parameter == "id");
        let id = id.and_then(|(_, text)| Uuid::parse_str(text).ok()).ok_or_else(not_found)?;
        let rotation = api.store.rotation(tenant.id, RotationId(id)).await?;
        Ok(Self { rotation: rotation.ok_or_else(not_found)?, tenant })
    }
}
