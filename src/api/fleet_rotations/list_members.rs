//! `GET /rotations/{id}/members`

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{member_view::MemberView, path::FleetRotationAtPath};
use crate::{
    api::{
        Api,
        extract::{PageToken, Query},
        problem::{Problem, problem_responses},
    },
    domain::{FleetRotationId, UnknownMemberStatus},
    store::MemberQuery,
};

const LIMIT_DEFAULT: u32 = 50;
const LIMIT_MAX: u32 = 200;

/// Which members, and which page of them.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListFleetMembers {
    /// Only members with this status: `waiting`, `running`, `grace`, `completed`, `failed`,
    /// `cancelled` or `skipped`.
    #[param(
        nullable = false,
        example = "failed",
        pattern = "^(waiting|running|grace|completed|failed|cancelled|skipped)$"
    )]
    status: Option<String>,
    /// The most members on a page.
    #[param(nullable = false, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// Where to go on: `next_page_token` of the page before.
    #[param(nullable = false)]
    page_token: Option<String>,
}

/// A page of members, in the order in which they are started.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FleetMemberPage {
    /// The members.
    items: Vec<MemberView>,
    /// What to give as `page_token` for the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    next_page_token: Option<String>,
}

impl FleetMemberPage {
    /// A page for the API document.
    fn example() -> Self {
        Self { items: vec![MemberView::example()], next_page_token: None }
    }
}

/// What a page token is bound to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Filters {
    fleet: String,
    status: Option<String>,
}

problem_responses!(ListFleetMembersProblems:
    InvalidQuery,
    InvalidPageToken,
    FleetRotationNotFound,
    StoreUnavailable,
);

/// List the members of a fleet rotation.
///
/// Each with its own rotation, once it has been started. A member whose status changes while pages are
/// read may or may not be seen under `status`.
#[utoipa::path(
    get,
    path = "/rotations/{id}/members",
    operation_id = "list_fleet_members",
    tag = "fleet rotations",
    params(
        ("id" = String, Path, description = "The fleet rotation's id.", example = "01a2001e-33c4-7e40-8f1a-e2ad052b5067"),
        ListFleetMembers,
    ),
    responses(
        (status = 200, description = "A page of members.", body = FleetMemberPage,
            example = json!(FleetMemberPage::example())),
        ListFleetMembersProblems
    )
)]
pub(crate) async fn list_fleet_members(
    State(api): State<Api>,
    FleetRotationAtPath(report): FleetRotationAtPath,
    Query(wanted): Query<ListFleetMembers>,
) -> Result<axum::Json<FleetMemberPage>, Problem> {
    let query = wanted.query(report.fleet.id)?;
    let limit = query.limit as usize;
    // One more than the page holds tells whether there is a next page.
    let query = MemberQuery { limit: query.limit + 1, ..query };
    let mut found = api.store.fleet_members(&query).await?;
    let is_last_page = found.len() <= limit;
    found.truncate(limit);
    let last = found.last().filter(|_| !is_last_page);
    let filters = wanted.filters(report.fleet.id);
    Ok(axum::Json(FleetMemberPage {
        next_page_token: last
            .map(|last| PageToken::new(filters, last.position.to_string()).encode()),
        items: found.iter().map(MemberView::from).collect(),
    }))
}

impl ListFleetMembers {
    fn filters(&self, fleet: FleetRotationId) -> Filters {
        Filters { fleet: fleet.to_string(), status: self.status.clone() }
    }

    fn query(&self, fleet: FleetRotationId) -> Result<MemberQuery, Problem> {
        let limit = self.limit.unwrap_or(LIMIT_DEFAULT);
        if !(1..=LIMIT_MAX).contains(&limit) {
            return Err(Problem::of_parameter("limit", format!("must be 1 to {LIMIT_MAX}")));
        }
        let status = self.status.as_deref().map(str::parse).transpose();
        let status = status.map_err(|error: UnknownMemberStatus| {
            Problem::of_parameter("status", error.to_string())
        })?;
        let after = match &self.page_token {
            Some(token) => PageToken::decode(token, &self.filters(fleet))?
                .parse()
                .map_err(|_| Problem::of_parameter("page_token", "is damaged"))?,
            None => 0,
        };
        Ok(MemberQuery { fleet, status, after, limit })
    }
}
