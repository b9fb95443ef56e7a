//! `POST /rotations`

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    create_body::{CreateFleetRotation, Order},
    fleet_path,
    view::FleetRotationView,
};
use crate::{
    api::{
        Api,
        extract::{Asked, Json},
        idempotency::{Known, look_up, send},
        problem::{Problem, problem_responses},
    },
    domain::{FleetReport, FleetRotation, FleetRotationId, FleetState, RequestId},
    store::StoredAnswer,
};

/// What a fleet rotation would do.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FleetDryRun {
    /// How many users are selected.
    #[schema(example = 12)]
    selected: u64,
}

problem_responses!(CreateFleetRotationProblems:
    InvalidBody,
    InvalidHeader,
    IdempotencyKeyInFlight,
    BodyTooLarge,
    UnsupportedMediaType,
    IdempotencyKeyReused,
    StoreUnavailable,
);

/// Replace many passwords, a few at a time.
///
/// The users that are selected in this moment become the members of a fleet rotation. Each gets a
/// rotation of its own when its turn comes, with at most `max_in_flight` on their way at once over all
/// caches. One that fails holds up nobody. A member whose password is being replaced already waits for
/// the end of that rotation, and one that is being changed until it is active again; one that is gone
/// or blocked by then is skipped.
///
/// With `dry_run`, nothing is started.
#[utoipa::path(
    post,
    path = "/rotations",
    operation_id = "create_fleet_rotation",
    tag = "fleet rotations",
    params(
        ("Idempotency-Key" = Option<String>, Header, nullable = false, description = "A name for this request, 1 to 255 printable ASCII characters.", example = "8e03978e-40d5-43e8-bc93-6894a57f9324"),
    ),
    request_body(content = CreateFleetRotation, example = json!({"selector": {"labels": {"team": "checkout"}}, "reason": "quarterly", "grace_seconds": 3600})),
    responses(
        (status = 200, description = "The answer to a dry run.", body = FleetDryRun, example = json!({"selected": 12})),
        (status = 202, description = "The fleet rotation.", body = FleetRotationView,
            headers(("Location", description = "The fleet rotation."), ("Idempotency-Replayed", description = "`true` if this is the kept answer to an earlier request.")),
            example = json!(FleetRotationView::example(FleetState::Running))),
        CreateFleetRotationProblems
    )
)]
pub(crate) async fn create_fleet_rotation(
    State(api): State<Api>,
    Asked { cause, key, .. }: Asked,
    Json(body): Json<CreateFleetRotation>,
) -> Result<Response, Problem> {
    let first = match look_up(&api, key, &("create_fleet_rotation", &body)).await? {
        Known::Answered(answer) => return answer.replay(),
        Known::New(first) => first,
    };
    let order = body.read(&api).await?;
    if body.dry_run {
        let selected = api.store.count_selected(&order.selector).await?;
        return Ok(axum::Json(FleetDryRun { selected }).into_response());
    }
    let keep = first.as_ref().map(|first| first.keep(&api, show)).transpose()?;
    let fleet = order.begin(&api, cause.request.clone());
    let started = api.store.start_fleet_rotation(fleet, keep, cause).await?;
    api.caches.nudge_all();
    send(show(&started))
}

impl Order {
    fn begin(self, api: &Api, requested_by: Option<RequestId>) -> FleetRotation {
        let now = api.clock.now();
        FleetRotation {
            id: FleetRotationId(api.new_id()),
            selector: self.selector,
            mode: self.mode,
            reason: self.reason,
            max_in_flight: self.max_in_flight,
            state: FleetState::Running,
            requested_by,
            created_at: now,
            updated_at: now,
        }
    }
}

fn show(report: &FleetReport) -> StoredAnswer {
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::LOCATION, fleet_path(report.fleet.id)),
    ];
    StoredAnswer {
        status: StatusCode::ACCEPTED.as_u16(),
        headers: headers.map(|(name, value)| (name.to_string(), value)).into(),
        body: serde_json::to_string(&FleetRotationView::from(report))
            .expect("a view is text, numbers and times"),
    }
}
