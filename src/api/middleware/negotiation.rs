//! Content negotiation (RFC 9110, section 12.5.1): answers are JSON, and a caller that takes none
//! is told so instead of being sent what it cannot read.

use axum::{
    extract::Request,
    http::{HeaderMap, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use mime::Mime;

use crate::api::{
    extract::header_list,
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

/// Of the ranges that match, the most exact one decides.
fn takes_json(headers: &HeaderMap) -> bool {
    if !headers.contains_key(header::ACCEPT) {
        return true;
    }
    header_list(headers, &header::ACCEPT)
        .iter()
        .filter_map(|range| range.parse::<Mime>().ok())
        .filter_map(|range| Some((exactness(&range)?, weight(&range))))
        .max_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal))
        .is_some_and(|(_, weight)| weight > 0.0)
}

/// How exactly a range names `application/json`; `None` if it does not match it.
fn exactness(range: &Mime) -> Option<u8> {
    match (range.type_(), range.subtype()) {
        (mime::APPLICATION, mime::JSON) => Some(2),
        (mime::APPLICATION, mime::STAR) => Some(1),
        (mime::STAR, mime::STAR) => Some(0),
        _ => None,
    }
}

/// The `q` of a range. One that cannot be read counts as not given.
fn weight(range: &Mime) -> f32 {
    range.get_param("q").and_then(|q| q.as_str().parse().ok()).unwrap_or(1.0)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

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
