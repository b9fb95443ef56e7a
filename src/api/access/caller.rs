//! Who calls, for handlers that show or change tenants.

use axum::{extract::FromRequestParts, http::request::Parts};

use crate::{
    api::problem::{Code, Problem},
    domain::{Actor, Bounds, Scope, Scopes},
};

/// Who calls, and what that one may do.
#[derive(Clone, Debug)]
pub(in crate::api) struct Caller {
    /// Who it is.
    pub(in crate::api) actor: Actor,
    /// What the caller may do.
    pub(in crate::api) scopes: Scopes,
    /// With which tenants.
    pub(in crate::api) bounds: Bounds,
}

impl Caller {
    /// Somebody on this machine, where nobody is asked.
    pub(super) fn unasked() -> Self {
        let scopes = Scopes::from_iter([Scope::Admin]);
        Self { actor: Actor::Anonymous, scopes, bounds: Bounds::Everything }
    }

    /// The caller of a request that the guard has let through.
    pub(in crate::api) fn of(parts: &Parts) -> Result<Self, Problem> {
        let caller = parts.extensions.get::<Self>().cloned();
        caller.ok_or_else(|| Problem::internal("the request did not pass the guard"))
    }

    /// The problem of a caller who would make, or turn a tenant into, one beyond the bounds.
    pub(in crate::api) fn out_of_bounds(&self) -> Problem {
        let detail = match &self.bounds {
            Bounds::Everything => "the tenant is not one for this token".to_owned(),
            Bounds::Tenant(name) => format!("this token is for the tenant {name} only"),
            Bounds::Labels(labels) => {
                let pairs = labels.as_map().iter().map(|(key, value)| format!("{key}={value}"));
                let pairs: Vec<_> = pairs.collect();
                format!(
                    "this token is for tenants with the labels {} only, and a tenant keeps them",
                    pairs.join(", ")
                )
            }
        };
        Problem::new(Code::Forbidden, detail)
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        Self::of(parts)
    }
}
