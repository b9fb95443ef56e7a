//! `POST /drift/repair`

use std::collections::BTreeSet;

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{repair_body::CreateDriftRepair, view::DriftItemView, wait};
use crate::{
    api::{
        Api,
        extract::{Asked, Json},
        problem::{Problem, problem_responses},
    },
    domain::{DriftItem, DriftItemId, DriftKind},
    store::DriftQuery,
};

/// The most items that one request has repaired.
const LIMIT: u32 = 500;

/// What becomes of the items. Those whose `repair` is not `automatic` are left to a person.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DriftRepairs {
    /// The items; at most 500.
    items: Vec<DriftItemView>,
    /// Whether there are more, for another request.
    #[schema(example = false)]
    has_more: bool,
}

problem_responses!(CreateDriftRepairProblems:
    InvalidBody,
    InvalidHeader,
    BodyTooLarge,
    UnsupportedMediaType,
    StoreUnavailable,
);

/// Repair what is not as it should be.
///
/// A sweep begins that looks at AWS anew; what it sees again of these items it begins to repair,
/// whatever the policy says. From then on the work is the same as that on a new tenant, and its end is
/// an attestation. With `Prefer: wait` the answer comes when the repairs have begun. With `dry_run`
/// nothing is done: the items say what would be.
#[utoipa::path(
    post,
    path = "/drift/repair",
    operation_id = "create_drift_repair",
    tag = "drift",
    params(
        ("Prefer" = Option<String>, Header, nullable = false, description = "`wait=N`: answer when the repairs have begun, after N seconds at the latest.", example = "wait=30"),
    ),
    request_body(content = CreateDriftRepair, example = json!({"cache": "main", "kinds": ["not-in-group"]})),
    responses(
        (status = 200, description = "The answer to a dry run.", body = DriftRepairs, example = json!(DriftRepairs::example())),
        (status = 202, description = "The items.", body = DriftRepairs, example = json!(DriftRepairs::example())),
        CreateDriftRepairProblems
    )
)]
pub(crate) async fn create_drift_repair(
    State(api): State<Api>,
    Asked { cause, prefer, .. }: Asked,
    Json(body): Json<CreateDriftRepair>,
) -> Result<Response, Problem> {
    let (filter, now) = (body.read(&api)?, api.clock.now());
    let query = DriftQuery { filter, after: None, limit: LIMIT + 1 };
    let mut items = api.store.drift_items(&query, now).await?;
    let has_more = items.len() > LIMIT as usize;
    items.truncate(LIMIT as usize);
    let ids: Vec<DriftItemId> = items.iter().map(|item| item.id.clone()).collect();
    body.refuse_unknown(&ids)?;
    if body.dry_run {
        return Ok(axum::Json(DriftRepairs::of(&items, has_more)).into_response());
    }
    let query = DriftQuery { limit: LIMIT, ..query };
    api.store.ask_for_drift_repairs(query.clone(), cause, now).await?;
    let caches: BTreeSet<_> = items.iter().map(|item| item.found.cache.clone()).collect();
    wait::sweep(&api, caches.into_iter().collect(), prefer.wait()).await;
    let left = api.store.drift_items(&query, api.clock.now()).await?;
    let items: Vec<DriftItem> = items
        .into_iter()
        .map(|item| left.iter().find(|left| left.id == item.id).cloned().unwrap_or(item))
        .collect();
    let repairs = DriftRepairs::of(&items, has_more);
    Ok((StatusCode::ACCEPTED, prefer.applied(), axum::Json(repairs)).into_response())
}

impl DriftRepairs {
    fn of(items: &[DriftItem], has_more: bool) -> Self {
        Self { items: items.iter().map(DriftItemView::from).collect(), has_more }
    }

    /// An answer for the API document.
    fn example() -> Self {
        Self { items: vec![DriftItemView::example(DriftKind::NotInGroup)], has_more: false }
    }
}
