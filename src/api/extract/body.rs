//! A JSON body.

use std::error::Error;

use axum::{
    RequestExt as _,
    body::{Body, Bytes},
    extract::{FromRequest, Request, rejection::JsonRejection},
    http::StatusCode,
};
use serde::de::DeserializeOwned;
use serde_path_to_error::{Path, Segment};
use tokio::time::timeout;

use super::json_depth;
use crate::api::{
    Api,
    problem::{Code, Fault, Problem},
};

/// The longest body that is read, in bytes.
pub(crate) const BODY_SIZE_MAX: usize = 64 * 1024;

/// A body that is JSON and what the operation takes, down to the last member.
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Api> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, api: &Api) -> Result<Self, Problem> {
        let (head, body) = request.with_limited_body().into_parts();
        let read = Bytes::from_request(Request::new(body), api);
        let read = timeout(api.settings.body_timeout, read).await;
        let bytes = read.map_err(|_| timed_out())?.map_err(JsonRejection::BytesRejection)?;
        if !json_depth::is_bearable(&bytes) {
            let detail = format!("the body is nested more than {} deep", json_depth::DEPTH_MAX);
            return Err(Problem::new(Code::InvalidBody, detail));
        }
        let request = Request::from_parts(head, Body::from(bytes));
        let axum::Json(value) = axum::Json::from_request(request, api).await?;
        Ok(Self(value))
    }
}

fn timed_out() -> Problem {
    let detail = "the body took too long to come in, so nothing was done; send it again";
    Problem::new(Code::BodyTimedOut, detail)
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        match rejection.status() {
            StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                let detail = "send the body with Content-Type: application/json";
                Self::new(Code::UnsupportedMediaType, detail)
            }
            StatusCode::PAYLOAD_TOO_LARGE => {
                let detail = format!("the body may have at most {BODY_SIZE_MAX} bytes");
                Self::new(Code::BodyTooLarge, detail)
            }
            _ => Self::new(Code::InvalidBody, summary(&rejection)).with_faults(fault(&rejection)),
        }
    }
}

fn summary(rejection: &JsonRejection) -> &'static str {
    match rejection {
        JsonRejection::JsonDataError(_) => "the body is JSON, but not what this operation takes",
        JsonRejection::JsonSyntaxError(_) => "the body is not JSON",
        _ => "the body could not be read to its end",
    }
}

/// Where the body is at fault, if it was read at all.
fn fault(rejection: &JsonRejection) -> Option<Fault> {
    let error = source::<serde_path_to_error::Error<serde_json::Error>>(rejection)?;
    Some(Fault::in_body(pointer(error.path()), error.inner().to_string()))
}

/// The error of type `E` that is, or lies under, the given one.
fn source<'e, E: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e E> {
    match error.downcast_ref() {
        Some(found) => Some(found),
        None => source(error.source()?),
    }
}

/// The path as a JSON pointer (RFC 6901).
fn pointer(path: &Path) -> String {
    path.iter().fold(String::new(), |pointer, segment| match segment {
        Segment::Seq { index } => format!("{pointer}/{index}"),
        Segment::Map { key } => json_pointer(&pointer, key),
        // An enum's variant is no place of its own, and the unknown has no name.
        Segment::Enum { .. } | Segment::Unknown => pointer,
    })
}

/// The JSON pointer (RFC 6901) to a member of what `parent` points to.
pub(crate) fn json_pointer(parent: &str, member: &str) -> String {
    format!("{parent}/{}", member.replace('~', "~0").replace('/', "~1"))
}
