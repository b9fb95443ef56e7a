//! The codes of the problems that the API answers with: the public contract of its errors.

use axum::http::StatusCode;

/// Defines [`Code`] from a table, so that a code cannot lack a status, a title or a page: the page
/// is embedded under the slug's name, and the build fails when there is none.
macro_rules! codes {
    ($($(#[$doc:meta])+ $code:ident = $slug:literal, $status:ident, $title:literal, $retry:ident;)+) => {
        /// What went wrong, as callers may rely on it. A code is never renamed and never reused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Code {
            $($(#[$doc])+ $code,)+
        }

        impl Code {
            /// All codes, in the order in which they are documented.
            pub(crate) const ALL: &[Self] = &[$(Self::$code),+];

            const fn facts(self) -> Facts {
                match self {
                    $(Self::$code => Facts {
                        slug: $slug,
                        status: StatusCode::$status,
                        title: $title,
                        retry: Retry::$retry,
                        page: include_str!(concat!(
                            env!("CARGO_MANIFEST_DIR"), "/docs/problems/", $slug, ".md"
                        )),
                    },)+
                }
            }
        }
    };
}

codes! {
    /// The body is no JSON, or not what the operation takes.
    InvalidBody = "invalid-body", BAD_REQUEST, "The request body is not valid", Never;
    /// A query parameter is unknown, repeated, or has a value that it cannot have.
    InvalidQuery = "invalid-query", BAD_REQUEST, "The query is not valid", Never;
    /// A header that the operation acts on cannot be read.
    InvalidHeader = "invalid-header", BAD_REQUEST, "A request header is not valid", Never;
    /// The page token is not one of ours, or belongs to a list with other filters.
    InvalidPageToken = "invalid-page-token", BAD_REQUEST, "The page token is not valid", Never;
    /// The request shows no token, or one that is not valid.
    Unauthenticated = "unauthenticated", UNAUTHORIZED, "The request shows no valid token", Never;
    /// The token lacks the scope, or is for other tenants.
    Forbidden = "forbidden", FORBIDDEN, "The token does not allow this", Never;
    /// Nobody is asked who they are, and a page of somebody else may have sent the request.
    ForeignOrigin = "foreign-origin", FORBIDDEN, "Another web page may have sent the request", Never;
    /// There is no such path.
    NotFound = "not-found", NOT_FOUND, "There is no such path", Never;
    /// There is no tenant of this name.
    TenantNotFound = "tenant-not-found", NOT_FOUND, "There is no such tenant", Never;
    /// The tenant has no user of this name.
    UserNotFound = "user-not-found", NOT_FOUND, "There is no such user", Never;
    /// There is no service of this name.
    ServiceNotFound = "service-not-found", NOT_FOUND, "There is no such service", Never;
    /// There is no break-glass session of this name.
    SessionNotFound = "session-not-found", NOT_FOUND, "There is no such break-glass session", Never;
    /// No cache of this name is configured.
    CacheNotFound = "cache-not-found", NOT_FOUND, "There is no such cache", Never;
    /// No access profile of this name is built in and switched on, or configured.
    ProfileNotFound = "profile-not-found", NOT_FOUND, "There is no such access profile", Never;
    /// The tenant has no attestation of this id.
    AttestationNotFound = "attestation-not-found", NOT_FOUND, "There is no such attestation", Never;
    /// The tenant has no rotation of this id.
    RotationNotFound = "rotation-not-found", NOT_FOUND, "There is no such rotation", Never;
    /// There is no fleet rotation of this id.
    FleetRotationNotFound = "fleet-rotation-not-found", NOT_FOUND, "There is no such fleet rotation", Never;
    /// There is no webhook of this id.
    WebhookNotFound = "webhook-not-found", NOT_FOUND, "There is no such webhook", Never;
    /// The message was never on its way to the webhook, or it is no longer kept.
    DeliveryNotFound = "delivery-not-found", NOT_FOUND, "There is no such delivery", Never;
    /// The path exists and does not take this method.
    MethodNotAllowed = "method-not-allowed", METHOD_NOT_ALLOWED, "The path does not take this method", Never;
    /// The caller does not take JSON.
    NotAcceptable = "not-acceptable", NOT_ACCEPTABLE, "The answer is only to be had as JSON", Never;
    /// The name is taken by a tenant with another specification.
    TenantNameTaken = "tenant-name-taken", CONFLICT, "The tenant's name is taken", Never;
    /// The cache's user group has a member of this name that is not ours.
    TenantNameReserved = "tenant-name-reserved", CONFLICT, "The tenant's name is reserved", Never;
    /// Another tenant of the cache has keys in common with this one.
    KeyPatternOverlap = "key-pattern-overlap", CONFLICT, "The keys of two tenants would overlap", Never;
    /// A deleted tenant of the same name may have left keys behind.
    KeysLeftBehind = "keys-left-behind", CONFLICT, "A deleted tenant of this name may have left keys", Never;
    /// The tenant is being deleted, so its name is not free yet.
    TenantBeingDeleted = "tenant-being-deleted", CONFLICT, "The tenant is being deleted", Later;
    /// The user is being deleted, so its name is not free yet.
    UserBeingDeleted = "user-being-deleted", CONFLICT, "The user is being deleted", Later;
    /// The user has other keys, and keeps them for its life.
    UserKeysFixed = "user-keys-fixed", CONFLICT, "The user has other keys", Never;
    /// The user goes with its tenant only.
    MainUserStays = "main-user-stays", CONFLICT, "The main user goes with its tenant", Never;
    /// The user authenticates by IAM, and has no password to be replaced.
    NoPassword = "no-password", CONFLICT, "The user has no password", Never;
    /// The user's password is being replaced already.
    RotationRunning = "rotation-running", CONFLICT, "A rotation of this user is running", Later;
    /// The new password is not `AWSCURRENT` yet.
    RotationNotPromoted = "rotation-not-promoted", CONFLICT, "The new password is not current yet", Later;
    /// The rotation cannot do this any more.
    RotationTooFar = "rotation-too-far", CONFLICT, "The rotation has come too far", Never;
    /// As many secrets of the webhook are valid as can be at once.
    TooManyWebhookSecrets = "too-many-webhook-secrets", CONFLICT, "The webhook has too many secrets", Later;
    /// The fleet rotation is completed or cancelled.
    FleetRotationOver = "fleet-rotation-over", CONFLICT, "The fleet rotation is over", Never;
    /// No service of the cache may say who is connected.
    ObserverMissing = "observer-missing", CONFLICT, "Nobody may observe the cache", Never;
    /// The tenant has no working credentials now.
    TenantNotActive = "tenant-not-active", CONFLICT, "The tenant is not active", Later;
    /// Secrets Manager holds no password for the tenant.
    SecretUnreadable = "secret-unreadable", CONFLICT, "The tenant's secret holds no password", Never;
    /// A request with the same idempotency key is being handled.
    IdempotencyKeyInFlight = "idempotency-key-in-flight", CONFLICT, "A request with this idempotency key is being handled", Later;
    /// Events have been removed because of their age that the caller has not seen.
    EventsGone = "events-gone", GONE, "Events have been removed", Never;
    /// What a kept answer told was removed since.
    WebhookSecretGone = "webhook-secret-gone", GONE, "The webhook's secret is gone", Never;
    /// The body did not come in within the time limit.
    BodyTimedOut = "body-timed-out", REQUEST_TIMEOUT, "The request body came too slowly", Later;
    /// The resource has changed since the caller read it.
    PreconditionFailed = "precondition-failed", PRECONDITION_FAILED, "The tenant has changed", Never;
    /// The body is longer than the limit.
    BodyTooLarge = "body-too-large", PAYLOAD_TOO_LARGE, "The request body is too large", Never;
    /// The path and the query are longer than the limit.
    UriTooLong = "uri-too-long", URI_TOO_LONG, "The path and query are too long", Never;
    /// The body is not declared to be JSON.
    UnsupportedMediaType = "unsupported-media-type", UNSUPPORTED_MEDIA_TYPE, "The request body must be JSON", Never;
    /// The idempotency key was used for another request.
    IdempotencyKeyReused = "idempotency-key-reused", UNPROCESSABLE_ENTITY, "The idempotency key belongs to another request", Never;
    /// One address has shown too many tokens that are not valid.
    TooManyFailures = "too-many-failures", TOO_MANY_REQUESTS, "Too many tokens were not valid", Later;
    /// The caller, or all callers together, ask more often than is allowed.
    RateLimited = "rate-limited", TOO_MANY_REQUESTS, "Too many requests", Later;
    /// No cache takes the tenant or user: full, draining, or not for such tenants.
    NoCapacity = "no-capacity", INSUFFICIENT_STORAGE, "No cache has room", Later;
    /// Ringfence failed in a way that it does not know.
    InternalError = "internal-error", INTERNAL_SERVER_ERROR, "Ringfence failed", Never;
    /// So many requests are being answered that another one is not taken.
    Overloaded = "overloaded", SERVICE_UNAVAILABLE, "Too much is asked at once", Later;
    /// The store does not answer.
    StoreUnavailable = "store-unavailable", SERVICE_UNAVAILABLE, "The store is not available", Later;
    /// AWS does not answer, or refuses what Ringfence asks.
    CloudUnavailable = "cloud-unavailable", SERVICE_UNAVAILABLE, "AWS is not available", Later;
    /// The issuer of the token does not tell its keys.
    IssuerUnavailable = "issuer-unavailable", SERVICE_UNAVAILABLE, "The token's issuer does not answer", Later;
    /// A node of the cache does not say who is connected.
    CacheUnobserved = "cache-unobserved", SERVICE_UNAVAILABLE, "The cache did not tell who is connected", Later;
    /// The request took longer than the limit.
    RequestTimedOut = "request-timed-out", SERVICE_UNAVAILABLE, "The request took too long", Later;
}

impl Code {
    /// The name of the code in URLs: `tenant-name-taken`.
    pub(crate) const fn slug(self) -> &'static str {
        self.facts().slug
    }

    /// The status that a problem with this code is answered with.
    pub(crate) const fn status(self) -> StatusCode {
        self.facts().status
    }

    /// What the code means, in one line; the same for every problem with this code.
    pub(crate) const fn title(self) -> &'static str {
        self.facts().title
    }

    /// Whether the same request may succeed later, unchanged.
    pub(crate) const fn is_retryable(self) -> bool {
        matches!(self.facts().retry, Retry::Later)
    }

    /// The page that documents the code, in Markdown.
    pub(crate) const fn page(self) -> &'static str {
        self.facts().page
    }

    /// Where the page is served, relative to the API; the `type` of the problem.
    pub(crate) fn page_path(self) -> String {
        format!("/problems/{}", self.slug())
    }
}

struct Facts {
    slug: &'static str,
    status: StatusCode,
    title: &'static str,
    retry: Retry,
    page: &'static str,
}

/// Whether repeating the request, unchanged, can help.
enum Retry {
    /// Not before somebody has changed something.
    Never,
    /// After a while.
    Later,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_heals_by_itself_is_retryable() {
        let retryable: Vec<_> =
            Code::ALL.iter().filter(|code| code.is_retryable()).map(|code| code.slug()).collect();
        assert_eq!(
            retryable,
            [
                "tenant-being-deleted",
                "user-being-deleted",
                "rotation-running",
                "rotation-not-promoted",
                "too-many-webhook-secrets",
                "tenant-not-active",
                "idempotency-key-in-flight",
                "body-timed-out",
                "too-many-failures",
                "rate-limited",
                "no-capacity",
                "overloaded",
                "store-unavailable",
                "cloud-unavailable",
                "issuer-unavailable",
                "cache-unobserved",
                "request-timed-out",
            ]
        );
    }
}
