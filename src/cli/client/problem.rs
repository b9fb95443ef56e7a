//! A refusal, as the service words it (RFC 9457).

use std::fmt;

use reqwest::{StatusCode, Url};
use serde::Deserialize;

use super::output::printable;

/// The first try of a request is still being handled; the second one has to come after it.
const KEY_IN_FLIGHT: &str = "/problems/idempotency-key-in-flight";

/// What is read of a problem document. Members that are missing do not make it less of a refusal.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Document {
    #[serde(rename = "type")]
    kind: String,
    title: String,
    detail: String,
    errors: Vec<Fault>,
    request_id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Fault {
    pointer: Option<String>,
    parameter: Option<String>,
    header: Option<String>,
    detail: String,
}

/// A request that the service did not grant.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    document: Document,
    /// The page with the remedy, at the service.
    page: Option<Url>,
}

impl Refusal {
    /// Reads an answer; a proxy in between may have sent something else than a problem document.
    /// `service` is where the service is, which may be behind a path of a proxy.
    pub(super) fn read(status: StatusCode, body: &str, service: &Url) -> Self {
        let document: Document = serde_json::from_str(body).unwrap_or_default();
        let is_ours = document.kind.starts_with("/problems/");
        let base = service.as_str().trim_end_matches('/');
        let page = is_ours.then(|| Url::parse(&format!("{base}{}", document.kind)).ok()).flatten();
        Self { status, document, page }
    }

    /// Whether the same request may well be granted in a moment.
    pub(super) fn may_pass(&self) -> bool {
        match self.status {
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => true,
            StatusCode::CONFLICT => self.document.kind == KEY_IN_FLIGHT,
            _ => false,
        }
    }

    /// The HTTP status.
    pub(super) fn status(&self) -> u16 {
        self.status.as_u16()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Document { title, detail, errors, request_id, .. } = &self.document;
        match (title.as_str(), detail.as_str()) {
            ("", _) => write!(f, "the service answers {}", self.status)?,
            (title, "") => f.write_str(&printable(title))?,
            (title, detail) => write!(f, "{}: {}", printable(title), printable(detail))?,
        }
        for fault in errors {
            let Fault { pointer, parameter, header, detail } = fault;
            let place = pointer.as_ref().or(parameter.as_ref()).or(header.as_ref());
            let place = place.map_or("", String::as_str);
            write!(f, "\n  {}: {}", printable(place), printable(detail))?;
        }
        if let Some(page) = &self.page {
            write!(f, "\n  what to do: {page}")?;
        }
        if let Some(id) = request_id {
            write!(f, "\n  request: {}", printable(id))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(body: &str) -> String {
        let service = Url::parse("http://127.0.0.1:8080/").unwrap();
        Refusal::read(StatusCode::CONFLICT, body, &service).to_string()
    }

    #[test]
    fn a_problem_is_told_with_its_places_and_the_page_of_its_remedy() {
        let body = r#"{"type": "/problems/invalid-body", "title": "The body is not valid",
            "detail": "it has values that cannot be taken",
            "errors": [{"pointer": "/name", "detail": "is empty"}], "request_id": "7"}"#;
        assert_eq!(
            told(body),
            "The body is not valid: it has values that cannot be taken\n  /name: is empty\n  \
             what to do: http://127.0.0.1:8080/problems/invalid-body\n  request: 7"
        );
    }

    #[test]
    fn what_is_no_problem_document_is_told_by_its_status() {
        for body in ["<html>no</html>", "{}", "[]", ""] {
            assert_eq!(told(body), "the service answers 409 Conflict");
        }
    }

    #[test]
    fn an_answer_cannot_steer_the_terminal() {
        let body = r#"{"title": "a\u001b[2Jb", "detail": "c\nd"}"#;
        assert_eq!(told(body), "a\u{fffd}[2Jb: c d");
    }
}
