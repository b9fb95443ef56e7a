//! The time limit of a request.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::api::{
    Api,
    extract::Prefer,
    problem::{Code, Problem},
};

/// Cuts a request off that takes longer than the limit and the wait that it asked for. What it
/// has committed by then stays; asking again gives the answer.
pub(super) async fn enforce(State(api): State<Api>, request: Request, next: Next) -> Response {
    let wait = Prefer::read(request.headers(), api.settings.wait_max).wait();
    let limit = api.settings.request_timeout.saturating_add(wait);
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(elapsed) => {
            let detail = "the request was cut off at the time limit; what it asked for may have \
                          been done, so look, or send it again unchanged";
            Problem::failure(Code::RequestTimedOut, detail, elapsed).into_response()
        }
    }
}
