//! The wire: which service a request is for, who sends it, and what comes back.

mod caller;
mod dispatch;
mod reply;
mod request;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use tokio::net::TcpListener;

use crate::chain::Chain;
use crate::control;
use crate::simulation::Simulation;

/// Serves until the simulation is told to stop, then lets the requests in flight end.
pub(crate) async fn serve(listener: TcpListener, simulation: Arc<Simulation>) {
    let stop = simulation.stop.clone();
    let app =
        Router::new().nest("/_simulator", control::routes()).fallback(aws).with_state(simulation);
    let served = axum::serve(listener, app)
        .with_graceful_shutdown(async move { stop.cancelled().await })
        .await;
    if let Err(error) = served {
        tracing::error!(error = %Chain(&error), "the simulator no longer listens");
    }
}

/// Both services have one address, as with the SDKs' setting of one endpoint for all.
async fn aws(
    State(simulation): State<Arc<Simulation>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match request::parse(&headers, &body, &simulation.account) {
        Ok(request) => dispatch::dispatch(simulation, request).await,
        Err(refused) => refused.into_response(),
    }
}
