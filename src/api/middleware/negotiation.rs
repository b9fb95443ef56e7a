//! Content negotiation (RFC 9110, section 12.5.1): answers are JSON, and a caller that takes none
//! is told so instead of being sent what it cannot read.

use axum::{
    extract::Request,
    http::HeaderMap,
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::api::{
    extract::weight_of,
    problem::{Code, Problem},
};

/// Refuses a request whose `Accept` leaves out `application/json`. The refusal itself is sent as
/// JSON all the same, which the RFC allows.
pub(super) async fn require_json(request: Request, next: Next) -> Response {
    if takes_json(request.headers()) {
        return next.run(request).await;
    }
    let detail = "let Accept include application/json, or leave it out";
    Problem::new(Code::NotAcceptable, detail).into_response()
}

fn takes_json(headers: &HeaderMap) -> bool {
    weight_of(&mime::APPLICATION_JSON, headers) > 0.0
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderValue, header};

    use super::*;

    fn takes(accept: &'static str) -> bool {
        takes_json(&HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))]))
    }

    #[test]
    fn json_is_taken_by_name_by_range_and_by_silence() {
        assert!(takes_json(&HeaderMap::new()));
        for accept in [
            "*/*",
            "application/*;q=0.1",
            "application/json",
            "application/json; charset=utf-8",
            "application/problem+json, application/json",
            "text/html, application/xml;q=0.9, */*;q=0.8",
        ] {
            assert!(takes(accept), "{accept}");
        }
    }

    #[test]
    fn a_list_that_leaves_json_out_is_respected() {
        for accept in
            ["text/html", "application/xml", "application/json;q=0", "*/*, application/json;q=0.0"]
        {
            assert!(!takes(accept), "{accept}");
        }
    }
}
