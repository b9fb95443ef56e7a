//! `POST /tenants/{name}/rotations`

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    answer::{path_of, show, wait_for},
    terms::{GateText, ModeText, Terms, refused},
    view::RotationView,
};
use crate::{
    api::{
        Api,
        extract::{Asked, Json, given, given_whole},
        idempotency::{Known, look_up, send},
        problem::{Code, Fault, Problem, problem_responses},
        tenants::TenantAtPath,
    },
    domain::{
        Auth, CacheName, CacheUser, LocalUserName, Reason, Rotation, RotationId, RotationMode,
        RotationPhase, Status, Tenant,
    },
    store::StoreError,
};

/// How a password is to be replaced.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateRotation {
    /// The user within the tenant.
    #[serde(default, deserialize_with = "given")]
    #[schema(default = "main", nullable = false, example = "sessions")]
    user: Option<String>,
    /// `overlap`: the old password goes on working for its grace. `emergency`: for a password that has
    /// leaked.
    #[serde(default)]
    mode: ModeText,
    /// How long the old password goes on working once the new one is `AWSCURRENT`, in seconds.
    /// Default: the setting `rotation.grace`. Not with `emergency`.
    #[serde(default, deserialize_with = "given_whole")]
    #[schema(nullable = false, minimum = 0, maximum = 604_800, example = 3600)]
    grace_seconds: Option<u32>,
    /// What has to be so beside the time before the old password is retired: `time`: nothing.
    /// `acks`: all of `expected_consumers` have acknowledged. `manual`: somebody has asked for it.
    /// Default: `acks` if consumers are named, otherwise what the cache's settings say. Not with
    /// `emergency`.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    retire_when: Option<GateText>,
    /// Who has to acknowledge the new password; at most 32.
    #[serde(default)]
    #[schema(max_items = 32, example = json!(["checkout"]))]
    expected_consumers: Vec<String>,
    /// Why; for `emergency` it must be given. 1 to 500 characters on one line.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, example = "INC-4712: password in a log")]
    reason: Option<String>,
}

problem_responses!(CreateRotationProblems:
    InvalidBody,
    InvalidHeader,
    TenantNotFound,
    UserNotFound,
    TenantNotActive,
    NoPassword,
    RotationRunning,
    IdempotencyKeyInFlight,
    BodyTooLarge,
    UnsupportedMediaType,
    IdempotencyKeyReused,
    StoreUnavailable,
);

/// Replace a user's password.
///
/// In steps that survive a crash: **create** a password in Secrets Manager as `AWSPENDING`, **set**
/// both on the ElastiCache user, **test** the new one by a login on every node and the fence with it,
/// **finish** by moving `AWSCURRENT`, and after the grace **retire** the old one and prove that it
/// cannot log in. At no time is there a moment in which no stored password works, and no connection
/// is cut.
///
/// `emergency` is for a password that has leaked: the old one is retired as soon as the new one is
/// `AWSCURRENT`, and then open connections are cut by taking the user out of the group and putting it
/// back. A rotation that runs is cancelled or its grace ended, and the emergency begins when that one
/// is over.
///
/// A user that authenticates by IAM has no password: it is refused with `409`.
///
/// Answers `202`; with `Prefer: wait=30` it waits until the rotation is in its grace or over, and
/// answers `200` then.
#[utoipa::path(
    post,
    path = "/tenants/{name}/rotations",
    operation_id = "create_rotation",
    tag = "rotations",
    params(
        ("name" = String, Path, description = "The tenant's name.", example = "acme"),
        ("Prefer" = Option<String>, Header, nullable = false, description = "`wait=N`: wait up to N seconds for the outcome (RFC 7240).", example = "wait=30"),
        ("Idempotency-Key" = Option<String>, Header, nullable = false, description = "A name for this request, 1 to 255 printable ASCII characters.", example = "8e03978e-40d5-43e8-bc93-6894a57f9324"),
    ),
    request_body(content = CreateRotation, example = json!({"grace_seconds": 3600})),
    responses(
        (status = 200, description = "The rotation is in its grace, or over.", body = RotationView,
            headers(("Location", description = "The rotation."), ("Preference-Applied", description = "The preferences that were followed."), ("Idempotency-Replayed", description = "`true` if this is the kept answer to an earlier request.")),
            example = json!(RotationView::example(RotationPhase::Grace))),
        (status = 202, description = "The rotation is under way.", body = RotationView,
            headers(("Location", description = "The rotation."), ("Preference-Applied", description = "The preferences that were followed."), ("Idempotency-Replayed", description = "`true` if this is the kept answer to an earlier request.")),
            example = json!(RotationView::example(RotationPhase::Creating))),
        CreateRotationProblems
    )
)]
pub(crate) async fn create_rotation(
    State(api): State<Api>,
    Asked { cause, prefer, key, .. }: Asked,
    TenantAtPath(tenant): TenantAtPath,
    Json(body): Json<CreateRotation>,
) -> Result<Response, Problem> {
    let payload = ("create_rotation", tenant.name.as_str(), &body);
    let first = match look_up(&api, key, &payload).await? {
        Known::Answered(answer) => return answer.replay(),
        Known::New(first) => first,
    };
    let user = rotatable(&api, &tenant, body.user.as_deref())?;
    let (mode, reason) = body.read(&api, &user.cache)?;
    let id = RotationId(api.new_id());
    let request = cause.request.clone();
    let rotation = Rotation::begin(id, user, (mode, reason), request, api.clock.now());
    let shown = tenant.clone();
    let keep = first
        .as_ref()
        .map(|first| first.keep(&api, move |rotation| show(&shown, rotation)))
        .transpose()?;
    let started = api.store.start_rotation(rotation, keep, cause).await;
    let rotation = started.map_err(|error| refusal(&tenant, error))?;
    api.caches.nudge(&tenant.cache);
    let rotation = wait_for(&api, &tenant, rotation, &prefer).await?;
    let answer = show(&tenant, &rotation);
    if let Some(first) = first.filter(|_| rotation.phase != RotationPhase::Creating) {
        first.keep_instead(&api, answer.clone()).await?;
    }
    Ok((prefer.applied(), send(answer)?).into_response())
}

/// Says which rotation stands in the way, if one does.
fn refusal(tenant: &Tenant, error: StoreError) -> Problem {
    let running = match &error {
        StoreError::RotationRunning { id } => Some(path_of(tenant, *id)),
        _ => None,
    };
    let problem = Problem::from(error);
    match running {
        Some(path) => problem.conflicting_with(path),
        None => problem,
    }
}

/// The user whose password is to be replaced, if it has one that works.
fn rotatable<'a>(
    api: &Api,
    tenant: &'a Tenant,
    name: Option<&str>,
) -> Result<&'a CacheUser, Problem> {
    let name = name.map_or_else(|| Ok(LocalUserName::main()), LocalUserName::parse);
    let name = name.map_err(|error| refused([Fault::in_body("/user", error.to_string())]))?;
    let user = tenant.user(&name).ok_or_else(|| {
        Problem::new(Code::UserNotFound, format!("{} has no user named {name}", tenant.name))
    })?;
    // A main user that gives way to one without a password still has its own.
    let with_password = tenant.main_by(Auth::Password).filter(|_| name.is_main());
    let user = with_password.unwrap_or(user);
    if api.caches.get(&user.cache).is_none() {
        let detail = format!(
            "the cache {} of {} is not in the configuration any more; put it back",
            user.cache, user.user_name
        );
        return Err(Problem::new(Code::TenantNotActive, detail).not_to_be_retried());
    }
    if user.status() == Status::Active {
        return Ok(user);
    }
    let detail = format!(
        "{} is {}; a password is replaced while its user is active",
        user.user_name,
        user.status()
    );
    Err(Problem::new(Code::TenantNotActive, detail))
}

impl CreateRotation {
    fn read(
        &self,
        api: &Api,
        cache: &CacheName,
    ) -> Result<(RotationMode, Option<Reason>), Problem> {
        let reason = self.reason.as_deref().map(Reason::parse).transpose();
        let reason =
            reason.map_err(|error| refused([Fault::in_body("/reason", error.to_string())]))?;
        let terms = Terms {
            mode: self.mode,
            grace_seconds: self.grace_seconds,
            retire_when: self.retire_when,
            expected_consumers: &self.expected_consumers,
            reason: reason.as_ref(),
        };
        let asked = terms.read(api.settings.rotation_grace)?;
        let usual = api.caches.get(cache).map(|cache| cache.config().retirement.clone());
        Ok((asked.in_cache(&usual.unwrap_or_default()), reason))
    }
}
