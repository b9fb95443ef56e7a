//! Which requests get as far as a handler.

use axum::{
    extract::{MatchedPath, Request},
    http::Uri,
    middleware::Next,
    response::Response,
};

use super::identity::Identity;
use crate::api::{
    access::{Guard, Refusal},
    extract::Prefer,
    problem::{Code, Problem},
};

/// The longest path and query that are looked at, in bytes.
const URI_LENGTH_MAX: usize = 8 * 1024;

/// What is asked to find out whether the service is well, which it should say above all when it has much
/// to do.
pub(super) const PROBES: [&str; 3] = ["/livez", "/readyz", "/metrics"];

/// Has a request answered, if there is a place for it and its caller may ask.
pub(super) async fn pass(
    guard: &Guard,
    identity: &Identity,
    request: Request,
    next: Next,
) -> Result<Response, Refusal> {
    check_length(request.uri())?;
    // Without its body a request can be looked at by another thread.
    let (mut parts, body) = request.into_parts();
    let route = parts.extensions.get::<MatchedPath>().map(MatchedPath::as_str);
    let is_probe = route.is_some_and(|route| PROBES.contains(&route));
    let _place = if is_probe {
        None
    } else {
        let prefer = Prefer::read(&parts.headers, guard.api.settings.wait_max);
        Some(guard.api.places.take(&parts.method, prefer)?)
    };
    parts.extensions.insert(identity.id.clone());
    if let Some(recorded) = identity.recorded {
        parts.extensions.insert(recorded);
    }
    guard.admit(&mut parts).await?;
    let allowance = if is_probe { None } else { Some(guard.count(&parts)?) };
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if let Some(allowance) = allowance {
        allowance.write(response.headers_mut());
    }
    Ok(response)
}

fn check_length(uri: &Uri) -> Result<(), Problem> {
    let length = uri.path().len() + uri.query().map_or(0, str::len);
    if length <= URI_LENGTH_MAX {
        return Ok(());
    }
    let detail = format!("the path and the query may have at most {URI_LENGTH_MAX} bytes");
    Err(Problem::new(Code::UriTooLong, detail))
}
