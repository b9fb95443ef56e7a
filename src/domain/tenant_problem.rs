//! What stands in the way of the work on one tenant.

use std::{fmt, str::FromStr};

use jiff::Timestamp;

/// Shown on the tenant as its `problem` member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantProblem {
    /// What kind of problem it is.
    pub code: TenantProblemCode,
    /// What happened, for the person who looks at the tenant. Never holds a secret.
    pub detail: String,
    /// What happens next.
    pub remedy: Remedy,
}

impl TenantProblem {
    /// Whether the work stands still until a person has done something.
    #[must_use]
    pub fn needs_a_person(&self) -> bool {
        self.remedy == Remedy::Person
    }
}

/// Who acts next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Ringfence tries again at this time.
    Retry {
        /// When.
        at: Timestamp,
    },
    /// A person: the code's documentation page says what to do.
    Person,
}

/// The kinds of problem: a public contract, never renamed and never used for something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TenantProblemCode {
    /// AWS cannot be reached, or does not answer in time.
    CloudUnavailable,
    /// AWS asks for fewer calls.
    CloudThrottled,
    /// AWS denies a call: a permission is missing, or the credentials have expired.
    CloudDenied,
    /// AWS refuses a call: over a quota, or a value that it does not accept.
    CloudRefused,
    /// The account holds as many users as its quota allows.
    UserQuotaExceeded,
    /// A user with the tenant's `UserId` exists and does not carry this installation's tags.
    UserIdTaken,
    /// Another member of the user group has the tenant's `UserName`.
    UserNameTaken,
    /// A secret with the tenant's secret name exists and does not carry this installation's tags.
    SecretNameTaken,
    /// The tenant's secret holds no usable password.
    SecretUnreadable,
    /// Somebody else has changed the tenant's secret.
    SecretChanged,
    /// Somebody else rotates the tenant's secret.
    SecretRotatedElsewhere,
    /// The user is gone.
    UserGone,
    /// The cache's user group does not exist.
    UserGroupMissing,
    /// The user group has no room for another user.
    UserGroupFull,
    /// Somebody else has been changing the user group for very long.
    UserGroupBusy,
    /// The tenant's cache is not in the configuration any more.
    CacheNotConfigured,
    /// The tenant's profile is not in the configuration any more.
    ProfileNotConfigured,
    /// The engine cannot be reached, so the fence cannot be proved.
    EngineUnreachable,
    /// The engine refuses the tenant's login.
    LoginRefused,
    /// The tenant could do what it must not.
    FenceLeaky,
    /// The tenant could not do what it may.
    FenceTooTight,
}

impl TenantProblemCode {
    /// All kinds.
    pub const ALL: [Self; 21] = [
        Self::CloudUnavailable,
        Self::CloudThrottled,
        Self::CloudDenied,
        Self::CloudRefused,
        Self::UserQuotaExceeded,
        Self::UserIdTaken,
        Self::UserNameTaken,
        Self::SecretNameTaken,
        Self::SecretUnreadable,
        Self::SecretChanged,
        Self::SecretRotatedElsewhere,
        Self::UserGone,
        Self::UserGroupMissing,
        Self::UserGroupFull,
        Self::UserGroupBusy,
        Self::CacheNotConfigured,
        Self::ProfileNotConfigured,
        Self::EngineUnreachable,
        Self::LoginRefused,
        Self::FenceLeaky,
        Self::FenceTooTight,
    ];

    /// The kind as it stands in the API and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CloudUnavailable => "cloud-unavailable",
            Self::CloudThrottled => "cloud-throttled",
            Self::CloudDenied => "cloud-denied",
            Self::CloudRefused => "cloud-refused",
            Self::UserQuotaExceeded => "user-quota-exceeded",
            Self::UserIdTaken => "user-id-taken",
            Self::UserNameTaken => "user-name-taken",
            Self::SecretNameTaken => "secret-name-taken",
            Self::SecretUnreadable => "secret-unreadable",
            Self::SecretChanged => "secret-changed",
            Self::SecretRotatedElsewhere => "secret-rotated-elsewhere",
            Self::UserGone => "user-gone",
            Self::UserGroupMissing => "user-group-missing",
            Self::UserGroupFull => "user-group-full",
            Self::UserGroupBusy => "user-group-busy",
            Self::CacheNotConfigured => "cache-not-configured",
            Self::ProfileNotConfigured => "profile-not-configured",
            Self::EngineUnreachable => "engine-unreachable",
            Self::LoginRefused => "login-refused",
            Self::FenceLeaky => "fence-leaky",
            Self::FenceTooTight => "fence-too-tight",
        }
    }

    /// Whether waiting can cure it. What cannot be cured by waiting blocks the tenant.
    #[must_use]
    pub fn is_retryable(self) -> bool {
        match self {
            Self::CloudUnavailable
            | Self::CloudThrottled
            | Self::CloudDenied
            | Self::UserQuotaExceeded
            | Self::UserGroupMissing
            | Self::UserGroupFull
            | Self::UserGroupBusy
            | Self::CacheNotConfigured
            | Self::ProfileNotConfigured
            | Self::EngineUnreachable
            | Self::LoginRefused => true,
            Self::CloudRefused
            | Self::UserIdTaken
            | Self::UserNameTaken
            | Self::SecretNameTaken
            | Self::SecretUnreadable
            | Self::SecretChanged
            | Self::SecretRotatedElsewhere
            | Self::UserGone
            | Self::FenceLeaky
            | Self::FenceTooTight => false,
        }
    }
}

impl fmt::Display for TenantProblemCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for TenantProblemCode {
    type Err = UnknownProblemCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|code| code.as_str() == text).ok_or(UnknownProblemCode)
    }
}

/// The text names no kind of problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("names no kind of problem")]
pub struct UnknownProblemCode;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_reads_back() {
        for code in TenantProblemCode::ALL {
            assert_eq!(code.as_str().parse(), Ok(code));
        }
    }
}
