//! `POST /break-glass`

use std::time::Duration;

use axum::{extract::State, response::Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::SessionView;
use crate::{
    api::{
        Api,
        extract::{Asked, Json, given, whole},
        idempotency::{Known, look_up},
        middleware::name_tenant,
        problem::{Code, Fault, Problem, problem_responses},
        tenants::{StatusView, reserve},
    },
    domain::{CacheName, Reason},
};

/// The shortest and the longest time that a session can be asked to last, in seconds.
const TTL_MIN: u32 = 60;
const TTL_MAX: u32 = 24 * 60 * 60;

/// Why somebody needs to see everything, and for how long.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateSession {
    /// Why: 1 to 500 characters on one line. It is recorded.
    #[schema(example = "INC-4711: queue of acme is stuck", min_length = 1, max_length = 500)]
    reason: String,
    /// How long the access lasts, in seconds.
    #[serde(default = "one_hour", deserialize_with = "whole")]
    #[schema(default = 3600, minimum = 60, maximum = 86400)]
    ttl_seconds: u32,
    /// The cache. Default: the first that is configured.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, example = "main")]
    cache: Option<String>,
}

problem_responses!(CreateSessionProblems:
    InvalidBody,
    InvalidHeader,
    IdempotencyKeyInFlight,
    BodyTooLarge,
    UnsupportedMediaType,
    IdempotencyKeyReused,
    NoCapacity,
    StoreUnavailable,
);

/// Open a break-glass session.
///
/// Makes a user that may do everything in the cache, to every tenant's keys. It removes itself when
/// its time is over: its connections are cut, its user and its secret are deleted. Both ends are
/// recorded with the reason. Its credentials are handed out by `GET /break-glass/{name}/credentials`.
///
/// Answers `202` at once, and with `Prefer: wait=30` `201` when the login works. Send an
/// `Idempotency-Key`: without one, each request opens another session.
#[utoipa::path(
    post,
    path = "/break-glass",
    operation_id = "create_session",
    tag = "break-glass",
    params(
        ("Prefer" = Option<String>, Header, nullable = false, description = "`wait=N`: wait up to N seconds for the outcome (RFC 7240).", example = "wait=30"),
        ("Idempotency-Key" = Option<String>, Header, nullable = false, description = "A name for this request, 1 to 255 printable ASCII characters.", example = "8e03978e-40d5-43e8-bc93-6894a57f9324"),
    ),
    request_body(content = CreateSession, example = json!({"reason": "INC-4711: queue of acme is stuck", "ttl_seconds": 900})),
    responses(
        (status = 201, description = "The session is open.", body = SessionView,
            headers(("ETag", description = "The session's state."), ("Location", description = "The session."), ("Preference-Applied", description = "The preferences that were followed."), ("Idempotency-Replayed", description = "`true` if this is the kept answer to an earlier request.")),
            example = json!(SessionView::example(StatusView::Active))),
        (status = 202, description = "The wish is written down; the session is being opened.", body = SessionView,
            headers(("ETag", description = "The session's state."), ("Location", description = "The session."), ("Preference-Applied", description = "The preferences that were followed."), ("Idempotency-Replayed", description = "`true` if this is the kept answer to an earlier request.")),
            example = json!(SessionView::example(StatusView::Provisioning))),
        CreateSessionProblems
    )
)]
pub(crate) async fn create_session(
    State(api): State<Api>,
    Asked { cause, prefer, key, .. }: Asked,
    Json(body): Json<CreateSession>,
) -> Result<Response, Problem> {
    let first = match look_up(&api, key, &("create_session", &body)).await? {
        Known::Answered(answer) => return answer.replay(),
        Known::New(first) => first,
    };
    let (cache, reason, ttl) = body.read()?;
    let new = api.placement.session(&api, cache.as_ref(), reason, ttl)?;
    name_tenant(&new.name);
    reserve(&api, new, first, (cause, prefer)).await
}

impl CreateSession {
    fn read(&self) -> Result<(Option<CacheName>, Reason, Duration), Problem> {
        let at = |place: &'static str| move |why: String| Fault::in_body(place, why);
        let cache = self.cache.as_deref().map(CacheName::parse).transpose();
        let cache = cache.map_err(|error| at("/cache")(error.to_string()));
        let reason = Reason::parse(&self.reason).map_err(|error| at("/reason")(error.to_string()));
        let ttl = Duration::from_secs(self.ttl_seconds.into());
        let ttl = if (TTL_MIN..=TTL_MAX).contains(&self.ttl_seconds) {
            Ok(ttl)
        } else {
            Err(at("/ttl_seconds")(format!("must be {TTL_MIN} to {TTL_MAX}")))
        };
        match (cache, reason, ttl) {
            (Ok(cache), Ok(reason), Ok(ttl)) => Ok((cache, reason, ttl)),
            (cache, reason, ttl) => {
                let faults = [cache.err(), reason.err(), ttl.err()];
                let detail = "the body has values that this operation cannot take";
                Err(Problem::new(Code::InvalidBody, detail)
                    .with_faults(faults.into_iter().flatten()))
            }
        }
    }
}

fn one_hour() -> u32 {
    60 * 60
}
