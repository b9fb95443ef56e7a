//! The API document (OpenAPI 3.1), made from the operations.

use utoipa::{
    Modify, OpenApi,
    openapi::security::{Http, HttpAuthScheme, SecurityScheme},
};

use super::{access::SCHEME, forms, operations, problem::ProblemBody};

/// What the document says apart from the operations.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Ringfence",
        description = "\
Gives each tenant its own user on a shared ElastiCache cluster, locked to the tenant's key prefix.

Whatever takes time is answered with `202 Accepted` and a `Location` to follow; `Prefer: wait=30` \
waits for the outcome instead. Every error is a problem document (RFC 9457) whose `type` is the path \
of a page that says what to do. Unknown request members and parameters are refused; unknown response \
members are to be ignored. Every answer carries `X-Request-Id` and `traceparent`: the caller's, if \
the request had them. `RateLimit` and `RateLimit-Policy` tell how often may be asked (`docs/limits.md`).

Where authentication is switched on, each request shows a token (`Authorization: Bearer …`), which has to \
have the scope that stands at the operation, or one that includes it: `admin` includes all, \
`tenants:write` includes `tenants:read`. Operations without a scope, this document and the pages of \
problems are open to all. A token that is for some tenants only finds no others.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    tags(
        (name = "tenants", description = "Tenants, and what they need to log in."),
        (name = "users", description = "Further users of a tenant, each with a login, rights and keys of its own."),
        (name = "attestations", description = "Logins as a tenant that try its fence."),
        (name = "rotations", description = "Replacing passwords while the old ones still work."),
        (name = "fleet rotations", description = "Replacing many passwords, a few at a time."),
        (name = "services", description = "Parts of the product that share the cache with its tenants."),
        (name = "break-glass", description = "Full access to a cache for a person, for a while."),
        (name = "caches", description = "The caches that tenants are put into."),
        (name = "profiles", description = "What tenants may be allowed: named templates of access strings."),
        (name = "isolation", description = "Proof that the users of a cache cannot reach each other."),
        (name = "drift", description = "What is in AWS otherwise than it should be, and its repair."),
        (name = "events", description = "The record of what happened, on whose word, and how it ended."),
        (name = "reports", description = "What is known of all tenants together."),
        (name = "webhooks", description = "Who is told what happens, and what was sent."),
        (name = "access strings", description = "What an access string lets through. Nothing is changed by asking."),
        (name = "health", description = "For whatever keeps the service running."),
    ),
    components(schemas(ProblemBody)),
    modifiers(&Tokens)
)]
struct Preamble;

/// Says how requests show tokens.
struct Tokens;

impl Modify for Tokens {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let mut scheme = Http::new(HttpAuthScheme::Bearer);
        scheme.description = Some(
            "A token of `ringfence token create`, or a JSON Web Token of the issuer that the configuration \
             names (`auth.oidc`). Nothing is asked for as long as Ringfence listens on \
             loopback without authentication."
                .to_owned(),
        );
        let components = document.components.get_or_insert_default();
        components.add_security_scheme(SCHEME, SecurityScheme::Http(scheme));
    }
}

/// The document as it is served, indented, with the same bytes for the same code.
///
/// # Panics
///
/// Never: the document holds nothing but text, numbers and lists of them.
#[must_use]
pub fn openapi_json() -> String {
    let mut document = operations::describe(Preamble::openapi());
    forms::describe(&mut document);
    document.to_pretty_json().expect("a document is plain data") + "\n"
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    #[test]
    fn the_committed_document_is_the_one_that_is_served() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi/ringfence.json");
        let committed = fs::read_to_string(path).unwrap_or_default();
        assert!(
            committed == openapi_json(),
            "openapi/ringfence.json is out of date; refresh it with \
             `cargo run -- openapi > openapi/ringfence.json`"
        );
    }
}
