//! Of what webhooks are told.

use std::{collections::BTreeSet, fmt, str::FromStr};

/// What a message is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Notice {
    /// A tenant can log in for the first time.
    TenantProvisioned,
    /// A tenant's work cannot go on without a person.
    TenantBlocked,
    /// A tenant is kept out of the cache.
    TenantSuspended,
    /// A tenant is gone.
    TenantDeleted,
    /// A new password is `AWSCURRENT`.
    CredentialRotated,
    /// The password before it is being taken away.
    CredentialRetiring,
    /// A user reached what is not its own.
    IsolationLeaky,
    /// Something in AWS is not as it should be.
    DriftFound,
    /// It is as it should be again.
    DriftRepaired,
    /// Somebody has full access to a cache.
    BreakGlassOpened,
    /// And has it no more.
    BreakGlassClosed,
    /// Nothing has happened: somebody tries the webhook.
    Test,
}

impl Notice {
    /// All that happens; a test does not.
    pub const ALL: [Self; 11] = [
        Self::TenantProvisioned,
        Self::TenantBlocked,
        Self::TenantSuspended,
        Self::TenantDeleted,
        Self::CredentialRotated,
        Self::CredentialRetiring,
        Self::IsolationLeaky,
        Self::DriftFound,
        Self::DriftRepaired,
        Self::BreakGlassOpened,
        Self::BreakGlassClosed,
    ];

    /// Its name, without the `ringfence.` that stands before it in a message.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TenantProvisioned => "tenant.provisioned",
            Self::TenantBlocked => "tenant.blocked",
            Self::TenantSuspended => "tenant.suspended",
            Self::TenantDeleted => "tenant.deleted",
            Self::CredentialRotated => "credential.rotated",
            Self::CredentialRetiring => "credential.retiring",
            Self::IsolationLeaky => "isolation.leaky",
            Self::DriftFound => "drift.found",
            Self::DriftRepaired => "drift.repaired",
            Self::BreakGlassOpened => "break-glass.opened",
            Self::BreakGlassClosed => "break-glass.closed",
            Self::Test => "webhook.test",
        }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Notice {
    type Err = UnknownNotice;

    fn from_str(text: &str) -> Result<Self, UnknownNotice> {
        let all = Self::ALL.into_iter().chain([Self::Test]);
        let unknown = || UnknownNotice { name: text.to_owned() };
        all.into_iter().find(|notice| notice.as_str() == text).ok_or_else(unknown)
    }
}

/// A text that names no [`Notice`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no type of message: {name:?}")]
pub struct UnknownNotice {
    /// The text.
    pub name: String,
}

/// Of what a webhook is told. None named: of everything, and of what later versions know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notices(BTreeSet<Notice>);

impl Notices {
    /// Those that are named.
    pub fn named(&self) -> impl Iterator<Item = Notice> + '_ {
        self.0.iter().copied()
    }

    /// Whether this one is told.
    #[must_use]
    pub fn include(&self, notice: Notice) -> bool {
        self.0.is_empty() || self.0.contains(&notice)
    }
}

impl FromIterator<Notice> for Notices {
    fn from_iter<I: IntoIterator<Item = Notice>>(notices: I) -> Self {
        // Of a test is told whoever it is a test of.
        Self(notices.into_iter().filter(|notice| *notice != Notice::Test).collect())
    }
}

/// As the store keeps them: names with a space between them.
impl fmt::Display for Notices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.named().map(Notice::as_str).collect();
        f.write_str(&names.join(" "))
    }
}

impl FromStr for Notices {
    type Err = UnknownNotice;

    fn from_str(text: &str) -> Result<Self, UnknownNotice> {
        text.split_whitespace().map(str::parse).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_are_read_back_as_they_were_written() {
        let some: Notices = [Notice::DriftFound, Notice::TenantDeleted].into_iter().collect();
        assert_eq!(some.to_string().parse(), Ok(some.clone()));
        assert!(some.include(Notice::DriftFound) && !some.include(Notice::TenantBlocked));
        let all: Notices = "".parse().unwrap();
        assert!(Notice::ALL.into_iter().all(|notice| all.include(notice)));
        assert!("tenant.gone".parse::<Notices>().is_err());
    }
}
