//! `GET /tenants/{name}/rotations`

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::view::RotationView;
use crate::{
    api::{
        Api,
        extract::{PageToken, Query},
        problem::{Problem, problem_responses},
        tenants::TenantAtPath,
    },
    domain::{RotationId, RotationPhase},
};

const LIMIT_DEFAULT: u32 = 10;
const LIMIT_MAX: u32 = 50;

/// Which page of a tenant's rotations.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListRotations {
    /// The most rotations on a page.
    #[param(nullable = false, minimum = 1, maximum = 50, default = 10)]
    limit: Option<u32>,
    /// Where to go on: `next_page_token` of the page before.
    #[param(nullable = false)]
    page_token: Option<String>,
}

/// A page of rotations, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RotationPage {
    /// The rotations.
    items: Vec<RotationView>,
    /// What to give as `page_token` for the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    next_page_token: Option<String>,
}

impl RotationPage {
    /// A page for the API document.
    fn example() -> Self {
        Self { items: vec![RotationView::example(RotationPhase::Completed)], next_page_token: None }
    }
}

problem_responses!(ListRotationsProblems:
    InvalidQuery,
    InvalidPageToken,
    TenantNotFound,
    StoreUnavailable,
);

/// List a tenant's rotations.
///
/// Newest first, those of all its users.
#[utoipa::path(
    get,
    path = "/tenants/{name}/rotations",
    operation_id = "list_rotations",
    tag = "rotations",
    params(
        ("name" = String, Path, description = "The tenant's name.", example = "acme"),
        ListRotations,
    ),
    responses(
        (status = 200, description = "A page of rotations.", body = RotationPage,
            example = json!(RotationPage::example())),
        ListRotationsProblems
    )
)]
pub(crate) async fn list_rotations(
    State(api): State<Api>,
    TenantAtPath(tenant): TenantAtPath,
    Query(wanted): Query<ListRotations>,
) -> Result<axum::Json<RotationPage>, Problem> {
    let limit = wanted.limit.unwrap_or(LIMIT_DEFAULT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Problem::of_parameter("limit", format!("must be 1 to {LIMIT_MAX}")));
    }
    // A token is bound to the life of the tenant whose rotations it goes on with.
    let life = tenant.id.to_string();
    let before = wanted.page_token.map(|token| before(&token, &life)).transpose()?;
    // One more than the page holds tells whether there is a next page.
    let mut found = api.store.rotations(tenant.id, before, limit + 1).await?;
    let is_last_page = found.len() <= limit as usize;
    found.truncate(limit as usize);
    let last = found.last().filter(|_| !is_last_page);
    Ok(axum::Json(RotationPage {
        next_page_token: last.map(|last| PageToken::new(life, last.id.to_string()).encode()),
        items: found.iter().map(|rotation| RotationView::of(&tenant, rotation)).collect(),
    }))
}

fn before(token: &str, life: &String) -> Result<RotationId, Problem> {
    let id = PageToken::decode(token, life)?;
    let id = Uuid::parse_str(&id).map_err(|_| Problem::of_parameter("page_token", "is damaged"))?;
    Ok(RotationId(id))
}
