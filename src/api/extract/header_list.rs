//! Headers that are lists.

use axum::http::{HeaderMap, HeaderName};

/// The elements of a list header (RFC 9110, section 5.6.1) over all its lines. A comma inside a
/// quoted string separates nothing; empty elements and lines that are no text are left out.
pub(crate) fn header_list(headers: &HeaderMap, name: &HeaderName) -> Vec<String> {
    let lines = headers.get_all(name).iter().filter_map(|line| line.to_str().ok());
    let elements = lines.flat_map(|line| {
        let (mut is_quoted, mut is_escaped) = (false, false);
        line.split(move |c| {
            let escaped = is_escaped;
            is_escaped = is_quoted && !escaped && c == '\\';
            is_quoted ^= c == '"' && !escaped;
            c == ',' && !is_quoted
        })
    });
    elements.map(str::trim).filter(|element| !element.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderValue, header};

    use super::*;

    #[test]
    fn lines_join_and_quoted_commas_stay() {
        let mut headers = HeaderMap::new();
        for line in ["a, b;c=\"d, \\\" ,e\" ,,", "f"] {
            headers.append(header::ACCEPT, HeaderValue::from_static(line));
        }
        let elements = header_list(&headers, &header::ACCEPT);
        assert_eq!(elements, ["a", "b;c=\"d, \\\" ,e\"", "f"]);
    }
}
