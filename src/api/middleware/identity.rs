//! The names of a request: `X-Request-Id`, for people and logs, and `traceparent`, for tracing.

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::trace_context::TraceContext;
use crate::{api::Api, domain::RequestId};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const LENGTH_MAX: usize = 128;

/// The names of one request, the caller's or ours.
pub(super) struct Identity {
    pub(super) id: RequestId,
    pub(super) trace: TraceContext,
}

impl Identity {
    /// The names that the caller gave, and new ones for those that are missing or useless.
    pub(super) fn of(api: &Api, headers: &HeaderMap) -> Self {
        let id = given_id(headers).unwrap_or_else(|| RequestId(api.new_id().to_string()));
        let given = headers.get(TRACEPARENT).and_then(|line| line.to_str().ok());
        let trace = given
            .and_then(TraceContext::parse)
            .unwrap_or_else(|| TraceContext::begin(api.new_id()))
            .enter(api.new_id());
        Self { id, trace }
    }

    /// Tells the caller.
    pub(super) fn write(self, headers: &mut HeaderMap) {
        for (name, text) in [(X_REQUEST_ID, self.id.0), (TRACEPARENT, self.trace.to_string())] {
            let value = HeaderValue::try_from(text).expect("both were checked to be plain ASCII");
            headers.insert(name, value);
        }
    }
}

/// The caller's id. It goes into logs and headers, so only characters that mean nothing there are
/// taken.
fn given_id(headers: &HeaderMap) -> Option<RequestId> {
    let text = headers.get(X_REQUEST_ID)?.to_str().ok()?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:/+=".contains(&byte);
    let is_sane = (1..=LENGTH_MAX).contains(&text.len()) && text.bytes().all(is_plain);
    is_sane.then(|| RequestId(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_could_mean_something_to_a_log_is_not_taken() {
        let given = |id: &str| {
            let value = HeaderValue::from_str(id).unwrap();
            given_id(&HeaderMap::from_iter([(X_REQUEST_ID, value)]))
        };
        assert_eq!(given("a-1_b.c:d/e+f="), Some(RequestId("a-1_b.c:d/e+f=".to_owned())));
        for bad in ["", "a b", "a\"b", "<script>", &"a".repeat(129)] {
            assert_eq!(given(bad), None, "{bad}");
        }
    }
}
