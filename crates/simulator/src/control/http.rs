//! The knobs over HTTP.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Control;
use crate::calls::CallRecord;
use crate::chain::Chain;
use crate::faults::Fault;
use crate::knobs::Settings;
use crate::simulation::{NodeError, Simulation};

/// Everything under `/_simulator`.
pub(crate) fn routes() -> Router<Arc<Simulation>> {
    Router::new()
        .route("/state", get(state))
        .route("/settings", get(settings).patch(patch_settings))
        .route("/faults", get(faults).post(add_fault).delete(clear_faults))
        .route("/faults/release", post(release_delayed))
        .route("/calls", get(calls).delete(clear_calls))
        .route("/clock", get(clock).post(advance_clock))
        .route("/failovers", post(fail_over))
        .route("/engine-users", get(engine_users).post(change_engine_user))
        .fallback(async || StatusCode::NOT_FOUND)
}

async fn state(control: Control) -> Json<Value> {
    Json(control.dump().await)
}

async fn settings(control: Control) -> Json<Settings> {
    Json(control.settings())
}

/// A JSON merge patch (RFC 7396).
async fn patch_settings(
    control: Control,
    Json(patch): Json<Value>,
) -> Result<Json<Settings>, Response> {
    control
        .change_settings(|settings| {
            let mut document = serde_json::to_value(&*settings)?;
            merge(&mut document, patch);
            *settings = serde_json::from_value(document)?;
            Ok(Json(settings.clone()))
        })
        .map_err(|error: serde_json::Error| {
            (StatusCode::UNPROCESSABLE_ENTITY, error.to_string()).into_response()
        })
}

fn merge(document: &mut Value, patch: Value) {
    match (document, patch) {
        (Value::Object(fields), Value::Object(changes)) => {
            for (name, change) in changes {
                if change.is_null() {
                    fields.remove(&name);
                } else {
                    merge(fields.entry(name).or_insert(Value::Null), change);
                }
            }
        }
        (document, patch) => *document = patch,
    }
}

async fn faults(control: Control) -> Json<Vec<Fault>> {
    Json(control.faults())
}

async fn add_fault(control: Control, Json(fault): Json<Fault>) -> StatusCode {
    control.add_fault(fault);
    StatusCode::CREATED
}

async fn clear_faults(control: Control) -> StatusCode {
    control.clear_faults();
    StatusCode::NO_CONTENT
}

async fn release_delayed(control: Control) -> StatusCode {
    control.release_delayed();
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Which {
    /// Only calls with a number above this one.
    #[serde(default)]
    after: u64,
}

async fn calls(
    State(simulation): State<Arc<Simulation>>,
    Query(which): Query<Which>,
) -> Json<Vec<CallRecord>> {
    Json(simulation.calls.list(which.after))
}

async fn clear_calls(control: Control) -> StatusCode {
    control.clear_calls();
    StatusCode::NO_CONTENT
}

async fn clock(control: Control) -> Json<Value> {
    Json(json!({ "now": control.now() }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_ms: u64,
}

async fn advance_clock(
    control: Control,
    Json(Advance { advance_ms }): Json<Advance>,
) -> Result<Json<Value>, Response> {
    match control.advance_clock(Duration::from_millis(advance_ms)).await {
        Ok(now) => Ok(Json(json!({ "now": now }))),
        Err(error) => Err((StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response()),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FailOver {
    cache: String,
    shard: usize,
}

async fn fail_over(control: Control, Json(FailOver { cache, shard }): Json<FailOver>) -> Response {
    done(control.fail_over(&cache, shard).await)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OnNode {
    node: SocketAddr,
}

async fn engine_users(
    control: Control,
    Query(OnNode { node }): Query<OnNode>,
) -> Result<Json<Vec<String>>, Response> {
    control.engine_users(node).await.map(Json).map_err(|error| failed(&error))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EngineUser {
    node: SocketAddr,
    user: String,
    rules: Vec<String>,
}

async fn change_engine_user(
    control: Control,
    Json(EngineUser { node, user, rules }): Json<EngineUser>,
) -> Response {
    let rules: Vec<&str> = rules.iter().map(String::as_str).collect();
    done(control.change_engine_user(node, &user, &rules).await)
}

fn done(result: Result<(), NodeError>) -> Response {
    result.map_or_else(|error| failed(&error), |()| StatusCode::NO_CONTENT.into_response())
}

fn failed(error: &NodeError) -> Response {
    let status = match error {
        NodeError::Refused { .. } | NodeError::UnknownNode { .. } => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        NodeError::Engine(_) => StatusCode::INTERNAL_SERVER_ERROR,
    };
    (status, Chain(error).to_string()).into_response()
}

impl axum::extract::FromRequestParts<Arc<Simulation>> for Control {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        _: &mut axum::http::request::Parts,
        simulation: &Arc<Simulation>,
    ) -> Result<Self, Self::Rejection> {
        Ok(Self::new(Arc::clone(simulation)))
    }
}
