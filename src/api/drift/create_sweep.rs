//! `POST /drift/sweeps`

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{repair_body::cache_named, wait};
use crate::api::{
    Api,
    extract::{Asked, Json, given},
    problem::{Problem, problem_responses},
    rotations::refused,
};

/// Which caches are to be swept.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateDriftSweep {
    /// The cache. Default: all.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, example = "main")]
    cache: Option<String>,
}

/// Which caches are being swept.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DriftSweep {
    /// The caches.
    #[schema(example = json!(["main"]))]
    caches: Vec<String>,
}

problem_responses!(CreateDriftSweepProblems:
    InvalidBody,
    InvalidHeader,
    BodyTooLarge,
    UnsupportedMediaType,
    StoreUnavailable,
);

/// Compare AWS with the store now.
///
/// As each sweep does, it repairs what the policy says is repaired by itself. With `Prefer: wait` the
/// answer comes when the sweep is over, and `GET /drift` shows what it has found.
#[utoipa::path(
    post,
    path = "/drift/sweeps",
    operation_id = "create_drift_sweep",
    tag = "drift",
    params(
        ("Prefer" = Option<String>, Header, nullable = false, description = "`wait=N`: answer when the sweep is over, after N seconds at the latest.", example = "wait=30"),
    ),
    request_body(content = CreateDriftSweep, example = json!({"cache": "main"})),
    responses(
        (status = 202, description = "The caches.", body = DriftSweep, example = json!({"caches": ["main"]})),
        CreateDriftSweepProblems
    )
)]
pub(crate) async fn create_drift_sweep(
    State(api): State<Api>,
    Asked { prefer, .. }: Asked,
    Json(body): Json<CreateDriftSweep>,
) -> Result<Response, Problem> {
    let named = body.cache.as_deref().map(|text| cache_named(&api, text)).transpose();
    let caches = match named.map_err(|fault| refused([fault]))? {
        Some(name) => vec![name],
        None => api.caches.iter().map(|cache| cache.config().name.clone()).collect(),
    };
    let swept = DriftSweep { caches: caches.iter().map(ToString::to_string).collect() };
    wait::sweep(&api, caches, prefer.wait()).await;
    Ok((StatusCode::ACCEPTED, prefer.applied(), axum::Json(swept)).into_response())
}
