//! Panics: the request fails, the service goes on.

use std::any::Any;

use axum::response::{IntoResponse, Response};

use crate::api::problem::Problem;

/// Answers a request whose handler panicked.
#[expect(clippy::needless_pass_by_value, reason = "the layer hands the panic over")]
pub(super) fn answer(panic: Box<dyn Any + Send>) -> Response {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    Problem::internal(format!("a handler panicked: {text}")).into_response()
}

#[cfg(test)]
mod tests {
    use axum::{
        Router,
        body::{Body, to_bytes},
        extract::Request,
        http::StatusCode,
        routing::get,
    };
    use tower::ServiceExt;
    use tower_http::catch_panic::CatchPanicLayer;

    use super::{super::problem_bodies, *};
    use crate::domain::RequestId;

    async fn careless() -> String {
        panic!("the password is hunter2")
    }

    #[tokio::test]
    async fn a_panic_is_a_problem_that_tells_nothing() {
        let layer = CatchPanicLayer::custom(answer);
        let router = Router::new().route("/", get(careless)).layer(layer);
        let request = Request::get("/").body(Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        let response = problem_bodies::write(response, "/", &RequestId("1".to_owned()));
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        assert!(body.contains("\"/problems/internal-error\""), "{body}");
        assert!(!body.contains("hunter2"), "{body}");
    }
}
