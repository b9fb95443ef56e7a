//! In which form events are sent.

use axum::{
    extract::FromRequestParts,
    http::{HeaderName, request::Parts},
};
use mime::Mime;

use crate::api::{
    extract::weight_of,
    problem::{Code, Problem},
};

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// The form that the caller likes best, of those that there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Representation {
    /// A page in JSON.
    Page,
    /// All that there are, a line of JSON for each.
    Lines,
    /// As they happen, as server-sent events.
    Stream {
        /// The last that the caller has seen, if it says so.
        after: Option<u64>,
    },
}

impl<S: Sync> FromRequestParts<S> for Representation {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let lines: Mime = "application/x-ndjson".parse().map_err(Problem::internal)?;
        let offered = [mime::APPLICATION_JSON, mime::TEXT_EVENT_STREAM, lines];
        let after = last_event_id(parts)?;
        let weights = offered.map(|offered| weight_of(&offered, &parts.headers));
        let highest = weights.into_iter().fold(0.0, f32::max);
        // Of several that are as welcome, the first.
        match weights.iter().position(|weight| *weight > 0.0 && *weight >= highest) {
            Some(0) => Ok(Self::Page),
            Some(1) => Ok(Self::Stream { after }),
            Some(_) => Ok(Self::Lines),
            None => {
                let detail = "let Accept include application/json, text/event-stream or \
                              application/x-ndjson, or leave it out";
                Err(Problem::new(Code::NotAcceptable, detail))
            }
        }
    }
}

fn last_event_id(parts: &Parts) -> Result<Option<u64>, Problem> {
    let Some(value) = parts.headers.get(LAST_EVENT_ID) else { return Ok(None) };
    let number = value.to_str().ok().and_then(|text| text.parse().ok());
    // The store counts no further.
    let number = number.filter(|number: &u64| i64::try_from(*number).is_ok());
    let detail = "Last-Event-ID must be the id of an event that was sent before";
    number.map(Some).ok_or_else(|| Problem::new(Code::InvalidHeader, detail))
}
