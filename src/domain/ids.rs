//! Identifiers: ours, and those that AWS knows our things by.

use std::fmt;

use uuid::Uuid;

use super::TenantName;

/// One life of one tenant. A tenant made again under a deleted one's name has another id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TenantId(pub Uuid);

impl TenantId {
    /// The `ClientRequestToken` of the first password of this tenant, which Secrets Manager makes
    /// the version's id.
    ///
    /// Derived, not drawn, so that a call repeated after a crash names the same version
    /// (<https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html>:
    /// 32 to 64 characters).
    #[must_use]
    pub fn first_secret_version(self) -> String {
        self.0.hyphenated().to_string()
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// How often a tenant's row has changed; the `ETag` of its representation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Revision(pub u64);

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The id of the HTTP request that caused something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(pub String);

/// An `ElastiCache` `UserId`; kept in lower case, as AWS stores it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(String);

impl UserId {
    /// Takes an id that AWS or the store gives.
    #[must_use]
    pub fn new(id: &str) -> Self {
        Self(id.to_ascii_lowercase())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Defines a name that is text to us: it is taken as AWS, the store or the configuration gives it.
macro_rules! text_name {
    ($(#[$doc:meta])+ $name:ident) => {
        $(#[$doc])+
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Takes the text as it is.
            #[must_use]
            pub fn new(text: String) -> Self {
                Self(text)
            }

            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_name! {
    /// Which Ringfence made a thing in AWS; the value of the tag `ringfence:installation`.
    InstallationId
}

text_name! {
    /// The name a client sends in `AUTH`; `UserName` in `ElastiCache`.
    UserName
}

text_name! {
    /// The name of a secret in Secrets Manager.
    SecretName
}

/// How a tenant's things in AWS are named; fixed by configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamingScheme {
    /// Stands before the user name in the `UserId`.
    pub user_id_prefix: String,
    /// Stands before the tenant's name in the secret's name.
    pub secret_prefix: String,
}

impl NamingScheme {
    /// The `UserName` of a tenant's main user: the bare tenant name.
    #[must_use]
    pub fn user_name(&self, tenant: &TenantName) -> UserName {
        UserName(tenant.as_str().to_owned())
    }

    /// The `UserId` of a tenant's main user.
    #[must_use]
    pub fn user_id(&self, tenant: &TenantName) -> UserId {
        UserId::new(&format!("{}{tenant}", self.user_id_prefix))
    }

    /// The secret that holds the password of a tenant's main user.
    #[must_use]
    pub fn secret_name(&self, tenant: &TenantName) -> SecretName {
        SecretName(format!("{}{tenant}", self.secret_prefix))
    }
}
