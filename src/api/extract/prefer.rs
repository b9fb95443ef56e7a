//! `Prefer` (RFC 7240): how long a caller is willing to wait for an outcome.

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, HeaderValue, request::Parts},
};

use super::header_list;
use crate::api::Api;

/// The name of the request header.
const PREFER: HeaderName = HeaderName::from_static("prefer");
/// The name of the response header that says which preferences were followed.
const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// The preferences that Ringfence knows. A preference is a wish, so what it does not know, or
/// cannot read, is left aside as the RFC demands, and never refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Prefer {
    wait_seconds: Option<u64>,
    respond_async: bool,
}

impl Prefer {
    /// Reads the preferences of a request. A wait longer than `wait_max` is cut to it.
    pub(crate) fn read(headers: &HeaderMap, wait_max: Duration) -> Self {
        let mut prefer = Self::default();
        for preference in header_list(headers, &PREFER) {
            // Parameters of a preference follow a semicolon; those of ours have none.
            let preference = preference.split(';').next().unwrap_or_default();
            let (name, value) = preference.split_once('=').unwrap_or((preference, ""));
            let value = value.trim().trim_matches('"');
            match name.trim().to_ascii_lowercase().as_str() {
                "wait" => prefer.wait_seconds = prefer.wait_seconds.or(value.parse().ok()),
                "respond-async" => prefer.respond_async = true,
                _ => {}
            }
        }
        prefer.wait_seconds = prefer.wait_seconds.map(|s| s.min(wait_max.as_secs()));
        prefer
    }

    /// How long to wait for the outcome before answering.
    pub(crate) fn wait(self) -> Duration {
        Duration::from_secs(self.wait_seconds.unwrap_or(0))
    }

    /// The header that tells the caller which preferences were followed, if any were given.
    pub(crate) fn applied(self) -> Option<[(HeaderName, HeaderValue); 1]> {
        let wait = self.wait_seconds.map(|seconds| format!("wait={seconds}"));
        let respond_async = self.respond_async.then(|| "respond-async".to_owned());
        let applied: Vec<_> = [respond_async, wait].into_iter().flatten().collect();
        let value = HeaderValue::try_from(applied.join(", ")).ok()?;
        (!applied.is_empty()).then_some([(PREFERENCE_APPLIED, value)])
    }
}

impl FromRequestParts<Api> for Prefer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Infallible> {
        Ok(Self::read(&parts.headers, api.settings.wait_max))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&'static str]) -> (u64, Option<String>) {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(PREFER, HeaderValue::from_static(line));
        }
        let prefer = Prefer::read(&headers, Duration::from_mins(1));
        let applied = prefer.applied().map(|[(_, value)]| value.to_str().unwrap().to_owned());
        (prefer.wait().as_secs(), applied)
    }

    #[test]
    fn a_wait_is_taken_in_every_form_of_the_rfc() {
        for line in ["wait=30", "Wait = 30", "wait=\"30\"", "foo; x=\"a, wait=1\", wait=30; y"] {
            assert_eq!(read(&[line]), (30, Some("wait=30".to_owned())), "{line}");
        }
        let both = Some("respond-async, wait=10".to_owned());
        assert_eq!(read(&["respond-async, wait=10"]), (10, both.clone()));
        assert_eq!(read(&["respond-async", "wait=10, wait=20"]), (10, both));
    }

    #[test]
    fn a_long_wait_is_cut_and_says_so() {
        assert_eq!(read(&["wait=3600"]), (60, Some("wait=60".to_owned())));
    }

    #[test]
    fn what_is_unknown_or_unreadable_is_left_aside() {
        for line in ["wait", "wait=soon", "wait=-1", "return=minimal", ""] {
            assert_eq!(read(&[line]), (0, None), "{line}");
        }
    }
}
