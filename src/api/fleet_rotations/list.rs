//! `GET /rotations`

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::view::FleetRotationView;
use crate::{
    api::{
        Api,
        extract::{PageToken, Query},
        problem::{Problem, problem_responses},
    },
    domain::{FleetRotationId, FleetState},
};

const LIMIT_DEFAULT: u32 = 10;
const LIMIT_MAX: u32 = 50;
/// What a page token is bound to, so that one of another list is refused.
const LIST: &str = "fleet rotations";

/// Which page of the fleet rotations.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListFleetRotations {
    /// The most fleet rotations on a page.
    #[param(nullable = false, minimum = 1, maximum = 50, default = 10)]
    limit: Option<u32>,
    /// Where to go on: `next_page_token` of the page before.
    #[param(nullable = false)]
    page_token: Option<String>,
}

/// A page of fleet rotations, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FleetRotationPage {
    /// The fleet rotations.
    items: Vec<FleetRotationView>,
    /// What to give as `page_token` for the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    next_page_token: Option<String>,
}

impl FleetRotationPage {
    /// A page for the API document.
    fn example() -> Self {
        let items = vec![FleetRotationView::example(FleetState::Completed)];
        Self { items, next_page_token: None }
    }
}

problem_responses!(ListFleetRotationsProblems: InvalidQuery, InvalidPageToken, StoreUnavailable);

/// List fleet rotations.
///
/// Newest first.
#[utoipa::path(
    get,
    path = "/rotations",
    operation_id = "list_fleet_rotations",
    tag = "fleet rotations",
    params(ListFleetRotations),
    responses(
        (status = 200, description = "A page of fleet rotations.", body = FleetRotationPage,
            example = json!(FleetRotationPage::example())),
        ListFleetRotationsProblems
    )
)]
pub(crate) async fn list_fleet_rotations(
    State(api): State<Api>,
    Query(wanted): Query<ListFleetRotations>,
) -> Result<axum::Json<FleetRotationPage>, Problem> {
    let limit = wanted.limit.unwrap_or(LIMIT_DEFAULT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Problem::of_parameter("limit", format!("must be 1 to {LIMIT_MAX}")));
    }
    let before = wanted.page_token.map(|token| before(&token)).transpose()?;
    // One more than the page holds tells whether there is a next page.
    let mut found = api.store.fleet_rotations(before, limit + 1).await?;
    let is_last_page = found.len() <= limit as usize;
    found.truncate(limit as usize);
    let last = found.last().filter(|_| !is_last_page);
    let token = |last: &Uuid| PageToken::new(LIST.to_owned(), last.to_string()).encode();
    Ok(axum::Json(FleetRotationPage {
        next_page_token: last.map(|last| token(&last.fleet.id.0)),
        items: found.iter().map(FleetRotationView::from).collect(),
    }))
}

fn before(token: &str) -> Result<FleetRotationId, Problem> {
    let id = PageToken::decode(token, &LIST.to_owned())?;
    let id = Uuid::parse_str(&id).map_err(|_| Problem::of_parameter("page_token", "is damaged"))?;
    Ok(FleetRotationId(id))
}
