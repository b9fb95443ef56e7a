//! Identifiers: ours, and those that AWS knows our things by.

use std::fmt;

use uuid::Uuid;

use super::{Auth, LocalUserName, TenantName};

/// One life of one tenant. A tenant made again under a deleted one's name has another id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TenantId(pub Uuid);

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// One life of one cache user. A user made again under a deleted one's name has another id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CacheUserId(pub Uuid);

impl CacheUserId {
    /// The `ClientRequestToken` of the first password of this user, which Secrets Manager makes
    /// the version's id.
    ///
    /// Derived, not drawn, so that a call repeated after a crash names the same version
    /// (<https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html>:
    /// 32 to 64 characters).
    #[must_use]
    pub fn first_secret_version(self) -> String {
        self.0.hyphenated().to_string()
    }

    /// Where in the spread of a schedule this user has its place, in thousandths. The last part of
    /// a UUID of version 7 is chance (RFC 9562), so users that are made together get different ones.
    #[must_use]
    pub fn rotation_spread(self) -> u16 {
        let [.., high, low] = self.0.into_bytes();
        u16::from_be_bytes([high, low]) % 1000
    }
}

impl fmt::Display for CacheUserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// How often a row has changed; a tenant's is the `ETag` of its representation.
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

impl SecretName {
    /// What a user without a secret has: no secret can have this name, so that no call with it can
    /// touch another's.
    #[must_use]
    pub fn none() -> Self {
        Self(String::new())
    }
}

/// How a tenant's things in AWS are named; fixed by configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamingScheme {
    /// Stands before the user name in the `UserId`.
    pub user_id_prefix: String,
    /// Stands before the tenant's name in the secret's name.
    pub secret_prefix: String,
}

/// What AWS knows one cache user by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheUserNames {
    /// Its `UserId`.
    pub user_id: UserId,
    /// Its `UserName`.
    pub user_name: UserName,
    /// The name of its secret; [`SecretName::none`] if it needs none.
    pub secret_name: SecretName,
}

impl NamingScheme {
    /// The names of one user of a tenant. The main user's `UserName` is the bare tenant name,
    /// another's is `{tenant}--{user}`, which is nobody else's because no name holds `--`.
    ///
    /// AWS wants the `UserName` of a user that authenticates by IAM to be its `UserId`
    /// (<https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html>). Both end with
    /// `---iam`, which no other name does, so that it can stand beside the user with a password.
    #[must_use]
    pub fn names(&self, tenant: &TenantName, user: &LocalUserName, auth: Auth) -> CacheUserNames {
        let (user_name, secret) = if user.is_main() {
            (tenant.to_string(), tenant.to_string())
        } else {
            (format!("{tenant}--{user}"), format!("{tenant}/{user}"))
        };
        if auth == Auth::Iam {
            let user_id = UserId::new(&format!("{}{user_name}---iam", self.user_id_prefix));
            let user_name = UserName(user_id.to_string());
            return CacheUserNames { user_id, user_name, secret_name: SecretName::none() };
        }
        CacheUserNames {
            user_id: UserId::new(&format!("{}{user_name}", self.user_id_prefix)),
            user_name: UserName(user_name),
            secret_name: SecretName(format!("{}{secret}", self.secret_prefix)),
        }
    }

    /// The names of the user by which Ringfence removes a tenant's keys. No other user has a name that
    /// ends with `---purge`. Its secret stands apart, so that nobody may read it who may read what
    /// begins with the name of the tenant's.
    #[must_use]
    pub fn purger(&self, tenant: &TenantName) -> CacheUserNames {
        let user_name = format!("{tenant}---purge");
        CacheUserNames {
            user_id: UserId::new(&format!("{}{user_name}", self.user_id_prefix)),
            user_name: UserName(user_name),
            secret_name: SecretName(format!("{}---purge/{tenant}", self.secret_prefix)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_main_user_has_the_tenants_name_and_others_both() {
        let scheme =
            NamingScheme { user_id_prefix: "rf-".into(), secret_prefix: "ringfence/".into() };
        let tenant = TenantName::parse("acme").unwrap();
        let main = scheme.names(&tenant, &LocalUserName::main(), Auth::Password);
        let names = [main.user_id.as_str(), main.user_name.as_str(), main.secret_name.as_str()];
        assert_eq!(names, ["rf-acme", "acme", "ringfence/acme"]);
        let other = scheme.names(&tenant, &LocalUserName::parse("queue").unwrap(), Auth::Password);
        let names = [other.user_id.as_str(), other.user_name.as_str(), other.secret_name.as_str()];
        assert_eq!(names, ["rf-acme--queue", "acme--queue", "ringfence/acme/queue"]);
    }

    #[test]
    fn what_removes_keys_is_named_as_nobody_else() {
        let scheme = NamingScheme { user_id_prefix: "rf-".into(), secret_prefix: "r/".into() };
        let names = scheme.purger(&TenantName::parse("acme").unwrap());
        let names = [names.user_id.as_str(), names.user_name.as_str(), names.secret_name.as_str()];
        assert_eq!(names, ["rf-acme---purge", "acme---purge", "r/---purge/acme"]);
        assert!(LocalUserName::parse("-purge").is_err() && TenantName::parse("---purge").is_err());
    }

    #[test]
    fn a_user_of_iam_is_named_as_its_id_and_as_nobody_else() {
        let scheme = NamingScheme { user_id_prefix: "rf-".into(), secret_prefix: "r/".into() };
        let tenant = TenantName::parse("acme").unwrap();
        let names = scheme.names(&tenant, &LocalUserName::main(), Auth::Iam);
        assert_eq!(names.user_id.as_str(), "rf-acme---iam");
        assert_eq!(names.user_name.as_str(), "rf-acme---iam");
        assert_eq!(names.secret_name, SecretName::none());
        // The nearest that users with passwords come to it.
        let user = LocalUserName::parse("iam").unwrap();
        let other = scheme.names(&tenant, &user, Auth::Password);
        assert_eq!(other.user_id.as_str(), "rf-acme--iam");
    }
}
