//! `POST /tenants/{name}/rotations/{id}/acks`

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{path::RotationAtPath, view::RotationView};
use crate::{
    api::{
        Api,
        extract::Json,
        problem::{Code, Fault, Problem, problem_responses},
    },
    domain::{Cause, ConsumerName, ConsumerNameError, RotationPhase},
    store::RotationChange,
};

problem_responses!(AcknowledgeRotationProblems:
    InvalidBody,
    BodyTooLarge,
    UnsupportedMediaType,
    TenantNotFound,
    RotationNotFound,
    RotationNotPromoted,
    RotationTooFar,
    StoreUnavailable,
);

/// Who uses the new password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AcknowledgeRotation {
    /// The consumer's name, as in `expected_consumers`; 1 to 63 characters.
    #[schema(example = "checkout", min_length = 1, max_length = 63)]
    consumer: String,
}

/// Say that a consumer uses the new password.
///
/// With `retire_when: acks` the old password is retired when its grace is over and all expected
/// consumers have said so. Said again, it changes nothing.
#[utoipa::path(
    post,
    path = "/tenants/{name}/rotations/{id}/acks",
    operation_id = "acknowledge_rotation",
    tag = "rotations",
    params(
        ("name" = String, Path, description = "The tenant's name.", example = "acme"),
        ("id" = String, Path, description = "The rotation's id.", example = "01a2001e-33c4-7e40-8f1a-e2ad052b5067"),
    ),
    request_body(content = AcknowledgeRotation, example = json!({"consumer": "checkout"})),
    responses(
        (status = 200, description = "The rotation with the acknowledgement.", body = RotationView,
            example = json!(RotationView::example(RotationPhase::Grace))),
        AcknowledgeRotationProblems
    )
)]
pub(crate) async fn acknowledge_rotation(
    State(api): State<Api>,
    cause: Cause,
    RotationAtPath { tenant, rotation }: RotationAtPath,
    Json(body): Json<AcknowledgeRotation>,
) -> Result<axum::Json<RotationView>, Problem> {
    let consumer = consumer(&body.consumer, "/consumer")?;
    let (change, now) = (RotationChange::Acknowledge { consumer }, api.clock.now());
    let rotation = api.store.change_rotation(rotation.id, change, cause, now).await?;
    api.caches.nudge(&tenant.cache);
    Ok(axum::Json(RotationView::of(&tenant, &rotation)))
}

/// A consumer's name, or what is wrong with it.
pub(super) fn consumer(text: &str, place: &str) -> Result<ConsumerName, Problem> {
    text.parse().map_err(|error: ConsumerNameError| {
        Problem::new(Code::InvalidBody, "the body has values that this operation cannot take")
            .with_faults([Fault::in_body(place, error.to_string())])
    })
}
