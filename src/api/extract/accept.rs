//! What a caller takes as an answer (RFC 9110, section 12.5.1).

use axum::http::{HeaderMap, header};
use mime::Mime;

use super::header_list;

/// How much a caller wants an answer of this type: not at all, at 0. Of the ranges that match, the
/// most exact one decides.
pub(crate) fn weight_of(offered: &Mime, headers: &HeaderMap) -> f32 {
    if !headers.contains_key(header::ACCEPT) {
        return 1.0;
    }
    header_list(headers, &header::ACCEPT)
        .iter()
        .filter_map(|range| range.parse::<Mime>().ok())
        .filter_map(|range| Some((exactness(&range, offered)?, weight(&range))))
        .max_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal))
        .map_or(0.0, |(_, weight)| weight)
}

/// How exactly a range names a type; `None` if it does not match it.
fn exactness(range: &Mime, offered: &Mime) -> Option<u8> {
    let is_type = range.type_() == offered.type_();
    match (range.type_(), range.subtype()) {
        (_, subtype) if is_type && subtype == offered.subtype() => Some(2),
        (_, mime::STAR) if is_type => Some(1),
        (mime::STAR, mime::STAR) => Some(0),
        _ => None,
    }
}

/// The `q` of a range. One that cannot be read counts as not given.
fn weight(range: &Mime) -> f32 {
    range.get_param("q").and_then(|q| q.as_str().parse().ok()).unwrap_or(1.0)
}
