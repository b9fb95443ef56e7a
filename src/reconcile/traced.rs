//! Work as the traces show it that are exported, if they are.
//!
//! Each piece of work begins a trace of its own, in which the calls are that it makes. It is linked with the
//! requests that it is done for: one for a step of a user, many for a look at AWS or a change of the group that
//! all of them wait for. Who has asked is known by the rows, so that a restart changes nothing about it.

use std::fmt::Display;

use tracing::{Span, debug, info_span};

use crate::{
    config::CacheConfig,
    domain::{Attestation, CacheUser, RequestId, Rotation},
    store::Store,
    telemetry,
};

/// The span of work that brings a user forward.
pub(super) async fn of_user(store: &Store, user: &CacheUser) -> Span {
    let work = Work { name: "reconcile user", phase: &user.phase, by: user.requested_by.as_ref() };
    work.on(store, user).await
}

/// The span of work that brings a rotation forward, for whoever asked for the rotation.
pub(super) async fn of_rotation(store: &Store, rotation: &Rotation, user: &CacheUser) -> Span {
    let by = rotation.requested_by.as_ref();
    Work { name: "reconcile rotation", phase: &rotation.phase, by }.on(store, user).await
}

/// The span of an attestation, for whoever asked for it.
pub(super) async fn of_attestation(
    store: &Store,
    attestation: &Attestation,
    user: &CacheUser,
) -> Span {
    let by = attestation.requested_by.as_ref();
    Work { name: "attest user", phase: &user.phase, by }.on(store, user).await
}

/// The span of work for all users of a cache that wait for it.
pub(super) fn of_cache(work: &'static str, cache: &CacheConfig) -> Span {
    info_span!(
        target: telemetry::TARGET,
        "work",
        otel.name = work,
        ringfence.cache = cache.name.as_str(),
    )
}

/// Links a span with these requests, before it is entered, and tells its trace to the span of the log.
pub(super) async fn linked<'a>(
    store: &Store,
    span: Span,
    requests: impl IntoIterator<Item = Option<&'a RequestId>>,
) -> Span {
    if span.is_disabled() {
        return span;
    }
    let requests: Vec<RequestId> = requests.into_iter().flatten().cloned().collect();
    match store.request_traces(&requests).await {
        Ok(traces) => traces.into_iter().for_each(|trace| telemetry::link(&span, trace)),
        Err(error) => debug!(%error, "the work cannot be linked with its requests"),
    }
    if let Some(trace) = telemetry::context(&span) {
        Span::current().record("trace.id", trace.trace_id_text().as_str());
    }
    span
}

/// What is done for one user, and for whom.
struct Work<'a> {
    name: &'static str,
    /// Of what it is done on, when it begins.
    phase: &'a (dyn Display + Sync),
    by: Option<&'a RequestId>,
}

impl Work<'_> {
    async fn on(self, store: &Store, user: &CacheUser) -> Span {
        let span = info_span!(
            target: telemetry::TARGET,
            "work",
            otel.name = self.name,
            ringfence.cache = user.cache.as_str(),
            ringfence.tenant.name = user.tenant_name.as_str(),
            ringfence.user.name = user.name.as_str(),
            ringfence.request_id = self.by.map(|request| request.0.as_str()),
            ringfence.phase = %self.phase,
        );
        linked(store, span, [self.by]).await
    }
}
