//! On whose word a request asks for something.

use std::convert::Infallible;

use axum::{extract::FromRequestParts, http::request::Parts};

use crate::domain::{Actor, Cause};

impl<S: Sync> FromRequestParts<S> for Cause {
    type Rejection = Infallible;

    /// Takes what the layers before have found out.
    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let actor = parts.extensions.get().cloned().unwrap_or(Actor::Anonymous);
        let request = parts.extensions.get().cloned();
        Ok(Self { actor, request, trace: parts.extensions.get().copied() })
    }
}
