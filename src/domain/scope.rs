//! What a caller may do.

use std::{collections::BTreeSet, fmt, str::FromStr};

/// A kind of thing that a caller may do. Each operation of the API needs one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// See tenants, their users, rotations and attestations; caches, profiles and what differs in AWS.
    TenantsRead,
    /// Make, change and delete tenants and their users. Includes [`TenantsRead`](Self::TenantsRead).
    TenantsWrite,
    /// Read the passwords of tenants and services.
    CredentialsRead,
    /// Have passwords replaced.
    RotationsWrite,
    /// Make and delete services, which share a cache with its tenants.
    ServicesWrite,
    /// See, open and close break-glass sessions, and read their passwords.
    BreakGlass,
    /// Look for what differs in AWS, and have it repaired.
    DriftWrite,
    /// Read the record of events.
    AuditRead,
    /// Read the metrics.
    MetricsRead,
    /// Everything.
    Admin,
}

impl Scope {
    /// All scopes, in the order in which they are documented.
    pub const ALL: [Self; 10] = [
        Self::TenantsRead,
        Self::TenantsWrite,
        Self::CredentialsRead,
        Self::RotationsWrite,
        Self::ServicesWrite,
        Self::BreakGlass,
        Self::DriftWrite,
        Self::AuditRead,
        Self::MetricsRead,
        Self::Admin,
    ];

    /// The scope's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TenantsRead => "tenants:read",
            Self::TenantsWrite => "tenants:write",
            Self::CredentialsRead => "credentials:read",
            Self::RotationsWrite => "rotations:write",
            Self::ServicesWrite => "services:write",
            Self::BreakGlass => "break-glass",
            Self::DriftWrite => "drift:write",
            Self::AuditRead => "audit:read",
            Self::MetricsRead => "metrics:read",
            Self::Admin => "admin",
        }
    }

    /// Whether who has this scope may do what needs the other.
    #[must_use]
    pub fn includes(self, needed: Self) -> bool {
        self == needed
            || self == Self::Admin
            || (self, needed) == (Self::TenantsWrite, Self::TenantsRead)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|scope| scope.as_str() == text);
        found.ok_or_else(|| UnknownScope { text: text.to_owned() })
    }
}

/// A text is no scope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no scope: use {}", Scope::ALL.map(Scope::as_str).join(", "))]
pub struct UnknownScope {
    /// The text.
    pub text: String,
}

/// The scopes that a caller has. As text they stand side by side, with a space between them
/// (RFC 6749, section 3.3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes(BTreeSet<Scope>);

impl Scopes {
    /// Whether one of them includes what is needed.
    #[must_use]
    pub fn allow(&self, needed: Scope) -> bool {
        self.0.iter().any(|scope| scope.includes(needed))
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The scopes, in the order of their documentation.
    pub fn iter(&self) -> impl Iterator<Item = Scope> {
        self.0.iter().copied()
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().collect())
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.0.iter().map(|scope| scope.as_str()).collect();
        f.write_str(&names.join(" "))
    }
}

impl FromStr for Scopes {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.split_whitespace().map(str::parse).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_includes_itself_and_little_else() {
        for scope in Scope::ALL {
            for needed in Scope::ALL {
                let is_more = scope == Scope::Admin
                    || (scope == Scope::TenantsWrite && needed == Scope::TenantsRead);
                assert_eq!(scope.includes(needed), scope == needed || is_more, "{scope} {needed}");
            }
        }
        assert!(Scope::ALL.iter().all(|needed| !Scopes::default().allow(*needed)));
    }

    #[test]
    fn scopes_are_read_back_as_they_were_written() {
        let all = Scopes::from_iter(Scope::ALL);
        assert_eq!(all.to_string().parse(), Ok(all));
        assert_eq!(
            "tenants:read tenant:write".parse::<Scopes>(),
            Err(UnknownScope { text: "tenant:write".to_owned() })
        );
    }
}
