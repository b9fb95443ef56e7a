//! Where in a token something stands.

use std::{fmt, str::FromStr};

use serde_json::Value;

/// The name of a claim, or, if it begins with `/`, the way to something inside of one as a JSON pointer
/// (RFC 6901): `scope`, `/realm_access/roles`. No claim that is in use has a name with a slash at its
/// beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimPath(String);

impl ClaimPath {
    const LENGTH_MAX: usize = 200;

    /// What stands there, if anything.
    #[must_use]
    pub fn find<'c>(&self, claims: &'c Value) -> Option<&'c Value> {
        if self.0.starts_with('/') { claims.pointer(&self.0) } else { claims.get(&self.0) }
    }

    /// Whether a text that stands there is several words: that is so of `scope` (RFC 8693, section 4.2), which
    /// some issuers call `scp`.
    #[must_use]
    pub fn is_of_words(&self) -> bool {
        ["scope", "scp"].contains(&self.0.as_str())
    }
}

impl FromStr for ClaimPath {
    type Err = ClaimPathError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_fit = !text.is_empty()
            && text.len() <= Self::LENGTH_MAX
            && !text.contains(|c: char| c.is_control() || c.is_whitespace());
        if is_fit {
            Ok(Self(text.to_owned()))
        } else {
            Err(ClaimPathError { text: text.to_owned() })
        }
    }
}

impl fmt::Display for ClaimPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text names no claim.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} names no claim: give a name such as scope, or a path such as /realm_access/roles"
)]
pub struct ClaimPathError {
    /// The text.
    pub text: String,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_claim_is_found_by_its_name_or_by_the_way_to_it() {
        let claims = json!({
            "scope": "a",
            "https://example.com/roles": "b",
            "kubernetes.io": { "namespace": "c", "a/b": "d" },
        });
        for (path, found) in [
            ("scope", Some("a")),
            ("https://example.com/roles", Some("b")),
            ("/kubernetes.io/namespace", Some("c")),
            ("/kubernetes.io/a~1b", Some("d")),
            ("/scope/x", None),
            ("kubernetes", None),
        ] {
            let path: ClaimPath = path.parse().unwrap();
            assert_eq!(path.find(&claims).and_then(Value::as_str), found, "{path}");
        }
        for text in ["", "a b", "a\n"] {
            assert!(text.parse::<ClaimPath>().is_err(), "{text:?}");
        }
    }
}
