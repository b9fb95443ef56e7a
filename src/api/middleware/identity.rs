//! The names of a request: `X-Request-Id`, for people and logs, and `traceparent`, for tracing.

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use crate::{
    api::Api,
    domain::{RequestId, TraceContext},
};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const LENGTH_MAX: usize = 128;

/// The names of one request, the caller's or ours.
pub(super) struct Identity {
    pub(super) id: RequestId,
    pub(super) trace: TraceContext,
    /// The same, if requests are traced: work is linked with it, and exported if it is sampled.
    pub(super) recorded: Option<TraceContext>,
}

impl Identity {
    /// The names that the caller gave, and new ones for those that are missing or useless. A request that
    /// has a span has that one's.
    pub(super) fn of(api: &Api, headers: &HeaderMap, span: Option<TraceContext>) -> Self {
        let id = given_id(headers).unwrap_or_else(|| RequestId(api.new_id().to_string()));
        let trace = span.unwrap_or_else(|| {
            // A trace that begins here is not sampled: whoever wants it recorded says so in the request.
            let begin = || TraceContext::new(api.new_id().as_u128(), 0, false);
            let trace = given_trace(headers).unwrap_or_else(begin);
            // The second half of an id of ours is the random one.
            let (_, low) = api.new_id().as_u64_pair();
            trace.enter(low)
        });
        Self { id, trace, recorded: span }
    }

    /// Tells the caller.
    pub(super) fn write(self, headers: &mut HeaderMap) {
        for (name, text) in [(X_REQUEST_ID, self.id.0), (TRACEPARENT, self.trace.to_string())] {
            let value = HeaderValue::try_from(text).expect("both were checked to be plain ASCII");
            headers.insert(name, value);
        }
    }
}

/// The caller's trace, and its own span in it.
pub(super) fn given_trace(headers: &HeaderMap) -> Option<TraceContext> {
    TraceContext::parse(headers.get(TRACEPARENT)?.to_str().ok()?)
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
