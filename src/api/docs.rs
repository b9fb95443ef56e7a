//! The documentation of the API, as a document and as a page.

use axum::{
    Router,
    body::Bytes,
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::get,
};
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::{
    openapi::openapi_json,
    problem::{Code, Problem},
};

/// Lets the page load nothing from anywhere else. Swagger UI writes inline styles and has its icons
/// in `data:` URLs.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
);

/// Serves `/openapi.json` and `/docs`.
pub(super) fn router() -> Router {
    let document = Bytes::from(openapi_json());
    let serve = move || async move { ([(header::CONTENT_TYPE, "application/json")], document) };
    // By default the page would send the document's address to a validator on the internet.
    let config = Config::from("/openapi.json").validator_url("none");
    let page: Router = SwaggerUi::new("/docs").config(config).into();
    page.layer(from_fn(guard)).route("/openapi.json", get(serve))
}

/// Adds the policy, and turns the page's own answer for a file that it lacks into a problem.
async fn guard(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if response.status() == StatusCode::NOT_FOUND {
        response = Problem::new(Code::NotFound, "the page has no such file").into_response();
    }
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, POLICY);
    response
}
