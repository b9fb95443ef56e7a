//! `GET /break-glass`

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use super::SessionView;
use crate::{
    api::{
        Api,
        problem::{Problem, problem_responses},
        tenants::StatusView,
    },
    domain::TierKind,
    store::TenantQuery,
};

/// The sessions that are not closed yet.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionList {
    /// Those asked for first come first.
    items: Vec<SessionView>,
}

impl SessionList {
    /// A list for the API document.
    fn example() -> Self {
        Self { items: vec![SessionView::example(StatusView::Active)] }
    }
}

problem_responses!(ListSessionsProblems: StoreUnavailable);

/// List break-glass sessions.
///
/// All that are not closed yet.
#[utoipa::path(
    get,
    path = "/break-glass",
    operation_id = "list_sessions",
    tag = "break-glass",
    responses(
        (status = 200, description = "The sessions.", body = SessionList, example = json!(SessionList::example())),
        ListSessionsProblems
    )
)]
pub(crate) async fn list_sessions(State(api): State<Api>) -> Result<Json<SessionList>, Problem> {
    let query =
        TenantQuery { tier: Some(TierKind::BreakGlass), limit: u32::MAX, ..TenantQuery::default() };
    let sessions = api.store.tenants(&query).await?;
    Ok(Json(SessionList { items: sessions.iter().filter_map(SessionView::of).collect() }))
}
