//! What every answer tells the browser that may have got it. What the answer says itself stays.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::api::Scheme;

/// As OWASP advises for APIs
/// (<https://cheatsheetseries.owasp.org/cheatsheets/REST_Security_Cheat_Sheet.html#security-headers>).
static HEADERS: [(HeaderName, HeaderValue); 6] = [
    // Answers hold passwords.
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    // Nothing is loaded and nothing shown in a frame. Pages have a policy of their own.
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    ),
    // The same for browsers that do not know `frame-ancestors`.
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    // A path holds the name of a tenant.
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    // Pages of others cannot embed an answer.
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
];

/// A year, in which a browser asks this host over TLS only (RFC 6797). It is said over TLS alone, as the RFC wants.
const STRICT_TRANSPORT_SECURITY: HeaderValue = HeaderValue::from_static("max-age=31536000");

pub(super) fn write(headers: &mut HeaderMap, scheme: Scheme) {
    if scheme == Scheme::Https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, STRICT_TRANSPORT_SECURITY);
    }
    for (name, value) in &HEADERS {
        headers.entry(name).or_insert_with(|| value.clone());
    }
}
