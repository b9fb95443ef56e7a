//! Who asked for a change, and how the answer is to be given.

use axum::{extract::FromRequestParts, http::request::Parts};

use super::{Prefer, idempotency_key::GivenKey};
use crate::{
    api::{Api, access::Caller, problem::Problem},
    domain::Cause,
    store::IdempotencyKey,
};

/// What a request that asks for work says beside its body.
#[derive(Debug)]
pub(crate) struct Asked {
    /// Who asks.
    pub(crate) caller: Caller,
    /// On whose word what is asked for happens.
    pub(crate) cause: Cause,
    /// Whether the caller wants to wait.
    pub(crate) prefer: Prefer,
    /// Its name, if the caller gave it one.
    pub(crate) key: Option<IdempotencyKey>,
}

impl FromRequestParts<Api> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let caller = Caller::of(parts)?;
        let cause =
            Cause::from_request_parts(parts, api).await.unwrap_or_else(|never| match never {});
        let prefer =
            Prefer::from_request_parts(parts, api).await.unwrap_or_else(|never| match never {});
        let GivenKey(key) = GivenKey::from_request_parts(parts, api).await?;
        Ok(Self { caller, cause, prefer, key })
    }
}
