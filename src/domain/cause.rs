//! On whose word something happens.

use super::{Actor, RequestId, TraceContext};

/// Who causes something, and by which request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// Who.
    pub actor: Actor,
    /// The request; `None` where nobody sent one.
    pub request: Option<RequestId>,
    /// The span that records the request, if one does. What is done later is linked with it.
    pub trace: Option<TraceContext>,
}

impl Cause {
    /// The service by itself.
    pub const SERVICE: Self = Self { actor: Actor::Service, request: None, trace: None };

    /// A command that is run where the store is.
    pub const COMMAND: Self = Self { actor: Actor::Command, request: None, trace: None };

    /// The service, which does now what a request has asked for before.
    #[must_use]
    pub fn asked_for_by(request: Option<RequestId>) -> Self {
        Self { request, ..Self::SERVICE }
    }
}
