//! Who asked for a change, and how the answer is to be given.

use axum::{Extension, extract::FromRequestParts, http::request::Parts};

use super::{Prefer, idempotency_key::GivenKey};
use crate::{
    api::{Api, problem::Problem},
    domain::RequestId,
    store::IdempotencyKey,
};

/// What a request that asks for work says beside its body.
#[derive(Debug)]
pub(crate) struct Asked {
    /// Its id.
    pub(crate) request: RequestId,
    /// Whether the caller wants to wait.
    pub(crate) prefer: Prefer,
    /// Its name, if the caller gave it one.
    pub(crate) key: Option<IdempotencyKey>,
}

impl FromRequestParts<Api> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let Extension(request) =
            Extension::from_request_parts(parts, api).await.map_err(Problem::internal)?;
        let prefer =
            Prefer::from_request_parts(parts, api).await.unwrap_or_else(|never| match never {});
        let GivenKey(key) = GivenKey::from_request_parts(parts, api).await?;
        Ok(Self { request, prefer, key })
    }
}
