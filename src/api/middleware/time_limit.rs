//! The time limit of a request.

use std::time::Duration;

use axum::{
    http::HeaderMap,
    response::{IntoResponse, Response},
};

use crate::api::{
    ApiSettings,
    extract::Prefer,
    problem::{Code, Problem},
};

/// How long a request with these headers may take.
pub(super) fn of(headers: &HeaderMap, settings: ApiSettings) -> Duration {
    let wait = Prefer::read(headers, settings.wait_max).wait();
    settings.request_timeout.saturating_add(wait)
}

/// Cuts a request off that takes longer. What it has committed by then stays. Asking again with the same
/// idempotency key, or for what has a name, gives the answer.
pub(super) async fn enforce(limit: Duration, answer: impl Future<Output = Response>) -> Response {
    match tokio::time::timeout(limit, answer).await {
        Ok(response) => response,
        Err(elapsed) => {
            let detail = "the request was cut off at the time limit; what it asked for may have \
                          been done, so look, or send it again: only a POST without an \
                          Idempotency-Key may then do it twice";
            Problem::failure(Code::RequestTimedOut, detail, elapsed).into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use axum::http::{HeaderValue, StatusCode, header::HeaderName};

    use super::*;

    #[tokio::test]
    async fn a_request_that_never_ends_is_cut_off() {
        let response = enforce(Duration::ZERO, pending()).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        let problem = response.extensions().get::<Problem>().unwrap();
        assert_eq!(problem.code(), Code::RequestTimedOut);
    }

    #[test]
    fn the_wait_that_was_asked_for_comes_on_top_as_far_as_it_is_granted() {
        let settings = ApiSettings {
            request_timeout: Duration::from_secs(10),
            body_timeout: Duration::ZERO,
            wait_max: Duration::from_secs(30),
            idempotency_ttl: Duration::ZERO,
            rotation_grace: Duration::ZERO,
        };
        let limit = |prefer| {
            let header = (HeaderName::from_static("prefer"), HeaderValue::from_static(prefer));
            of(&HeaderMap::from_iter([header]), settings)
        };
        assert_eq!(limit("respond-async"), Duration::from_secs(10));
        assert_eq!(limit("wait=20"), Duration::from_secs(30));
        assert_eq!(limit("wait=60"), Duration::from_secs(40));
    }
}
