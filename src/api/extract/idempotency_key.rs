//! `Idempotency-Key`: the caller's name for one request, so that its repetition is known as one.

use axum::{
    extract::FromRequestParts,
    http::{HeaderName, request::Parts},
};

use crate::{
    api::{
        access::Caller,
        problem::{Code, Fault, Problem},
    },
    store::IdempotencyKey,
};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const LENGTH_MAX: usize = 255;

/// The key of a request that may have one: 1 to 255 printable ASCII characters. It is the caller's:
/// another caller's request with the same key is another request.
///
/// The draft (<https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/>) wants
/// a quoted string, and most clients send the bare text; both name the same key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GivenKey(pub(crate) Option<IdempotencyKey>);

impl<S: Sync> FromRequestParts<S> for GivenKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let mut lines = parts.headers.get_all(IDEMPOTENCY_KEY).iter();
        let Some(line) = lines.next() else {
            return Ok(Self(None));
        };
        let key = line.to_str().ok().and_then(unquoted);
        if key.is_none() || lines.next().is_some() {
            let detail = format!("give one key of 1 to {LENGTH_MAX} printable ASCII characters");
            return Err(Problem::new(Code::InvalidHeader, "the idempotency key is not valid")
                .with_faults([Fault::in_header("Idempotency-Key", detail)]));
        }
        let caller = Caller::of(parts)?.actor.to_string();
        Ok(Self(key.map(|key| IdempotencyKey { caller, key })))
    }
}

/// The key without its quotes, if it is one.
fn unquoted(text: &str) -> Option<String> {
    let text = text.trim();
    let key = text.strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or(text);
    let is_printable = key.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    let is_key = is_printable && (1..=LENGTH_MAX).contains(&key.len());
    is_key.then(|| key.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_key_and_a_bare_one_are_the_same() {
        let bare = unquoted("8e03978e-40d5").unwrap();
        assert_eq!(unquoted("\"8e03978e-40d5\""), Some(bare));
    }

    #[test]
    fn keys_have_1_to_255_printable_characters() {
        assert!(unquoted(&"k".repeat(255)).is_some());
        for bad in ["", "\"\"", "a\tb", "caf\u{e9}", &"k".repeat(256)] {
            assert_eq!(unquoted(bad), None, "{bad}");
        }
    }
}
