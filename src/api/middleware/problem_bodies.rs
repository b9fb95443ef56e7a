//! Gives problems their body and logs the failures among them.

use axum::{
    Json,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use tracing::error;

use crate::{
    api::problem::{Problem, ProblemBody},
    domain::RequestId,
};

/// When a problem that passes by itself is worth another try. What takes longer says so again.
const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("1");

/// Writes the body of the problem that a request for this path was answered with, if it was.
pub(super) fn write(mut response: Response, path: &str, id: &RequestId) -> Response {
    let Some(problem) = response.extensions_mut().remove::<Problem>() else {
        return response;
    };
    if let Some(cause) = problem.cause() {
        error!(problem.code = problem.code().slug(), error = chain(cause), "request failed");
    }
    let is_retryable = problem.is_retryable();
    let body = Json(ProblemBody::new(problem, path.to_owned(), id.0.clone()));
    let (mut parts, _) = response.into_parts();
    // The body's own length and type take the place of the empty one's.
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.remove(header::CONTENT_TYPE);
    let mut response = (parts.status, parts.headers, body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if is_retryable {
        headers.entry(header::RETRY_AFTER).or_insert(RETRY_AFTER_SECONDS);
    }
    response
}

/// The error with everything that caused it, outermost first.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let errors = std::iter::successors(Some(error), |error| error.source());
    errors.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
