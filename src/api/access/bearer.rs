//! The token that a request shows (RFC 6750, section 2.1). One in the query or in the body is not looked
//! for: both end up in logs.

use axum::http::{HeaderMap, header};

/// What a request shows.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Shown<'r> {
    /// No token: no `Authorization` at all, or one of another scheme.
    Nothing,
    /// Something that cannot be told from nonsense.
    Unreadable,
    /// This, as a token.
    Text(&'r str),
}

/// Reads `Authorization`.
pub(super) fn read(headers: &HeaderMap) -> Shown<'_> {
    let mut lines = headers.get_all(header::AUTHORIZATION).iter();
    let Some(line) = lines.next() else { return Shown::Nothing };
    let (Ok(text), None) = (line.to_str(), lines.next()) else { return Shown::Unreadable };
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Shown::Nothing;
    }
    match token.trim() {
        "" => Shown::Unreadable,
        token => Shown::Text(token),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(lines: &[&'static str]) -> HeaderMap {
        let lines = lines.iter().map(|line| HeaderValue::from_static(line));
        lines.map(|line| (header::AUTHORIZATION, line)).collect()
    }

    #[test]
    fn a_token_stands_behind_the_name_of_its_scheme() {
        for line in ["Bearer rf_x", "bearer rf_x", "BEARER  rf_x "] {
            assert_eq!(read(&headers(&[line])), Shown::Text("rf_x"), "{line}");
        }
        for line in ["Basic dTpw", "rf_x"] {
            assert_eq!(read(&headers(&[line])), Shown::Nothing, "{line}");
        }
        assert_eq!(read(&headers(&[])), Shown::Nothing);
        assert_eq!(read(&headers(&["Bearer"])), Shown::Unreadable);
        assert_eq!(read(&headers(&["Bearer a", "Bearer b"])), Shown::Unreadable);
    }
}
