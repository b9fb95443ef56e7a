//! What a user needs to log in, as callers see it.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use super::auth_text::AuthText;
use crate::domain::{CacheTarget, CacheUser, Endpoint, PasswordLifetime, TenantCredentials};

/// Everything that a tenant needs to log in.
#[derive(Serialize, ToSchema)]
#[schema(as = TenantCredentials)]
pub(crate) struct CredentialsView {
    /// What goes first in `AUTH`.
    #[schema(example = "acme")]
    username: String,
    auth: AuthText,
    /// What goes second in `AUTH`; absent of a user that authenticates by IAM.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = Password)]
    password: Option<String>,
    /// What the token that goes second in `AUTH` is made from; absent of a user with a password.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    iam: Option<ConnectTokenView>,
    /// Where to connect.
    #[schema(example = "cache-main.abc123.euc1.cache.amazonaws.com")]
    host: String,
    /// The port.
    #[schema(example = 6379)]
    port: u16,
    /// Whether the connection is TLS.
    tls: bool,
    /// What every key and channel must start with.
    #[schema(example = "acme:")]
    key_prefix: String,
    /// All of it but the prefix in one, for clients that take a URL; absent without a password.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = Password)]
    url: Option<String>,
    /// Before this the password does not stop working by a rotation that is running or scheduled. One
    /// that has begun replaces the password at any moment, and then its grace is left; a scheduled one
    /// begins when it is due or later. So the password can live longer, and this moves with every
    /// reading. It can end sooner only if somebody asks for that: by another rotation, by ending a
    /// grace, or in an emergency, which may be at any time. Of a break-glass session: when the session
    /// ends. Absent where no end is in sight: no schedule, and no rotation that will replace it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    expires_at: Option<Timestamp>,
    /// When to read the credentials again at the latest: half the grace before `expires_at`. Absent
    /// where that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    renew_before: Option<Timestamp>,
}

/// What a client makes its token from, by itself and with its own AWS credentials: a request
/// `GET http://{cache_name}/?Action=connect&User={user_id}`, with `&ResourceType=ServerlessCache` if
/// it is one, pre-signed with Signature Version 4 for the service `elasticache` and 900 seconds,
/// without its `http://`. Its role must be allowed `elasticache:Connect` to the cache and to the user.
#[derive(Serialize, ToSchema)]
#[schema(as = ConnectToken)]
struct ConnectTokenView {
    /// `UserId` in ElastiCache.
    #[schema(example = "rf-acme---iam")]
    user_id: String,
    /// The replication group's id or the serverless cache's name; it stands where a host would.
    #[schema(example = "cache-main")]
    cache_name: String,
    /// Whether the cache is serverless.
    serverless: bool,
    /// The Region to sign for.
    #[schema(example = "eu-central-1")]
    region: String,
}

impl CredentialsView {
    /// Credentials for the API document.
    pub(in crate::api) fn example() -> Self {
        // 2026-12-21T22:15:00Z
        let expires_at = Timestamp::constant(1_797_891_300, 0);
        Self {
            username: "acme".to_owned(),
            auth: AuthText::Password,
            password: Some("…64 hexadecimal digits…".to_owned()),
            iam: None,
            host: "cache-main.abc123.euc1.cache.amazonaws.com".to_owned(),
            port: 6379,
            tls: true,
            key_prefix: "acme:".to_owned(),
            url: Some("rediss://acme:…@cache-main.abc123.euc1.cache.amazonaws.com:6379".to_owned()),
            expires_at: Some(expires_at),
            renew_before: Some(expires_at - SignedDuration::from_hours(1)),
        }
    }

    /// What a user needs that authenticates by IAM.
    pub(super) fn by_iam(
        user: &CacheUser,
        endpoint: Endpoint,
        target: &CacheTarget,
        region: &str,
    ) -> Self {
        let (cache_name, serverless) = match target {
            CacheTarget::ReplicationGroup(id) => (id, false),
            CacheTarget::ServerlessCache(name) => (name, true),
        };
        Self {
            username: user.user_name.to_string(),
            auth: AuthText::Iam,
            password: None,
            iam: Some(ConnectTokenView {
                user_id: user.user_id.to_string(),
                cache_name: cache_name.clone(),
                serverless,
                region: region.to_owned(),
            }),
            host: endpoint.host,
            port: endpoint.port,
            tls: endpoint.tls,
            key_prefix: user.key_pattern.prefix().to_owned(),
            url: None,
            expires_at: None,
            renew_before: None,
        }
    }

    /// What a user needs that has a password, and how long that works.
    pub(super) fn by_password(
        credentials: TenantCredentials,
        lifetime: Option<PasswordLifetime>,
    ) -> Self {
        Self {
            username: credentials.username.to_string(),
            auth: AuthText::Password,
            password: Some(credentials.password.expose().to_owned()),
            iam: None,
            url: Some(credentials.url().to_string()),
            host: credentials.endpoint.host,
            port: credentials.endpoint.port,
            tls: credentials.endpoint.tls,
            key_prefix: credentials.key_prefix,
            expires_at: lifetime.map(|lifetime| lifetime.expires_at),
            renew_before: lifetime.map(|lifetime| lifetime.renew_before),
        }
    }
}
