//! What is done about drift by itself.

use std::{collections::BTreeMap, fmt, str::FromStr};

use super::DriftKind;

/// What is done about one kind of drift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DriftPolicy {
    /// It is listed and repaired.
    Repair,
    /// It is listed, and repaired when somebody asks for it.
    Report,
    /// It is not even listed.
    Ignore,
}

/// The policies that were chosen; for other kinds [the default](DriftKind::default_policy) holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DriftPolicies(BTreeMap<DriftKind, DriftPolicy>);

impl DriftPolicies {
    /// The policy for one kind.
    #[must_use]
    pub fn of(&self, kind: DriftKind) -> DriftPolicy {
        self.0.get(&kind).copied().unwrap_or_else(|| kind.default_policy())
    }

    /// The same, with these before them.
    #[must_use]
    pub fn under(&self, before: &Self) -> Self {
        let mut policies = self.0.clone();
        policies.extend(&before.0);
        Self(policies)
    }
}

impl FromIterator<(DriftKind, DriftPolicy)> for DriftPolicies {
    fn from_iter<T: IntoIterator<Item = (DriftKind, DriftPolicy)>>(chosen: T) -> Self {
        Self(chosen.into_iter().collect())
    }
}

impl DriftPolicy {
    const ALL: [Self; 3] = [Self::Repair, Self::Report, Self::Ignore];

    /// The policy as it stands in the API, in the settings and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Repair => "repair",
            Self::Report => "report",
            Self::Ignore => "ignore",
        }
    }
}

impl fmt::Display for DriftPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for DriftPolicy {
    type Err = UnknownDriftPolicy;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|policy| policy.as_str() == text).ok_or(UnknownDriftPolicy)
    }
}

/// The text names no policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be repair, report or ignore")]
pub struct UnknownDriftPolicy;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caches_policy_comes_before_that_of_all_and_both_before_the_default() {
        let (missing, access) = (DriftKind::UserMissing, DriftKind::AccessChanged);
        let all = DriftPolicies::from_iter([
            (missing, DriftPolicy::Report),
            (access, DriftPolicy::Report),
        ]);
        let cache = all.under(&DriftPolicies::from_iter([(access, DriftPolicy::Ignore)]));
        assert_eq!(cache.of(missing), DriftPolicy::Report);
        assert_eq!(cache.of(access), DriftPolicy::Ignore);
        assert_eq!(cache.of(DriftKind::NotInGroup), DriftPolicy::Repair);
    }
}
