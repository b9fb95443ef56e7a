//! The time limit of a request.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::api::{
    ApiSettings,
    extract::Prefer,
    problem::{Code, Problem},
};

/// Cuts a request off that takes longer than the limit and the wait that it asked for. What it
/// has committed by then stays; asking again gives the answer.
pub(super) async fn enforce(
    State(settings): State<ApiSettings>,
    request: Request,
    next: Next,
) -> Response {
    let wait = Prefer::read(request.headers(), settings.wait_max).wait();
    let limit = settings.request_timeout.saturating_add(wait);
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(elapsed) => {
            let detail = "the request was cut off at the time limit; what it asked for may have \
                          been done, so look, or send it again unchanged";
            Problem::failure(Code::RequestTimedOut, detail, elapsed).into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{future::pending, time::Duration};

    use axum::{
        Router, body::Body, http::StatusCode, middleware::from_fn_with_state, routing::get,
    };
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn a_request_that_never_ends_is_cut_off() {
        let settings = ApiSettings {
            request_timeout: Duration::ZERO,
            wait_max: Duration::ZERO,
            idempotency_ttl: Duration::ZERO,
            rotation_grace: Duration::from_hours(2),
        };
        let router = Router::new()
            .route("/", get(pending::<()>))
            .layer(from_fn_with_state(settings, enforce));
        let request = Request::get("/").header("prefer", "wait=60").body(Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        let problem = response.extensions().get::<Problem>().unwrap();
        assert_eq!(problem.code(), Code::RequestTimedOut);
    }
}
