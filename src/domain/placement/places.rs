//! How many users fit into the user group of a cache.

use std::fmt;

/// What limits the users in a group, apart from those that are ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupLimits {
    /// How many the configuration says that AWS lets the group hold.
    pub configured: u32,
    /// How many there were when AWS refused another, if it did.
    pub learned: Option<u32>,
    /// How many members are not ours; `None` before the first look.
    pub foreign: Option<u32>,
}

/// Who told how many users a group holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuotaSource {
    /// The configuration.
    Configured,
    /// AWS, by refusing more.
    Learned,
}

/// The places in the group of a cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Places {
    /// How many users the group holds at most.
    pub quota: u32,
    /// Who told so.
    pub source: QuotaSource,
    /// How many living users of ours there are, whether they are members yet, still, or not.
    pub ours: u64,
    /// How many members are not ours; `None` before the first look, and then counted as none: a
    /// sign-up is not to fail because AWS has not been looked at.
    pub foreign: Option<u32>,
}

impl GroupLimits {
    /// The places, with this many users of ours.
    #[must_use]
    pub fn with(self, ours: u64) -> Places {
        let Self { configured, learned, foreign } = self;
        match learned.filter(|learned| *learned < configured) {
            Some(quota) => Places { quota, source: QuotaSource::Learned, ours, foreign },
            None => Places { quota: configured, source: QuotaSource::Configured, ours, foreign },
        }
    }
}

impl Places {
    /// How many are taken.
    #[must_use]
    pub fn taken(&self) -> u64 {
        self.ours + u64::from(self.foreign.unwrap_or(0))
    }

    /// How many more users fit.
    #[must_use]
    pub fn free(&self) -> u64 {
        u64::from(self.quota).saturating_sub(self.taken())
    }
}

/// `97 of 100 places are taken, 95 by users of Ringfence and 2 by others`
impl fmt::Display for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (taken, quota, ours) = (self.taken(), self.quota, self.ours);
        write!(f, "{taken} of {quota} places are taken, {ours} by users of Ringfence")?;
        match self.foreign {
            Some(foreign) => write!(f, " and {foreign} by others"),
            None => f.write_str("; whether others have any is not known yet"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: GroupLimits = GroupLimits { configured: 100, learned: None, foreign: Some(3) };

    #[test]
    fn users_of_ours_and_of_others_take_places() {
        let places = LIMITS.with(90);
        assert_eq!((places.quota, places.free()), (100, 7));
        assert_eq!(LIMITS.with(97).free(), 0);
        assert_eq!(LIMITS.with(120).free(), 0, "others came after ours were accepted");
        assert_eq!(GroupLimits { foreign: None, ..LIMITS }.with(90).free(), 10);
    }

    #[test]
    fn a_refusal_counts_only_if_it_came_before_the_configured_quota() {
        let less = GroupLimits { learned: Some(80), ..LIMITS }.with(70);
        assert_eq!((less.quota, less.source, less.free()), (80, QuotaSource::Learned, 7));
        let more = GroupLimits { learned: Some(120), ..LIMITS }.with(70);
        assert_eq!((more.quota, more.source), (100, QuotaSource::Configured));
    }
}
