//! Which of several caches with room gets a tenant.

use std::{cmp::Ordering, fmt, str::FromStr};

use super::Places;

/// Which of several caches with room gets a tenant that names none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlacementStrategy {
    /// The one of whose places the smallest share is taken: tenants spread evenly.
    #[default]
    LeastFilled,
    /// The one with the fewest free places that are enough: caches fill up one after another.
    BinPacked,
}

impl PlacementStrategy {
    /// Which of two caches comes first.
    ///
    /// One that was never looked at comes last, because it may have members that we do not know of.
    #[must_use]
    pub fn order(self, one: &Places, other: &Places) -> Ordering {
        let is_unseen = |places: &Places| places.foreign.is_none();
        let by_strategy = || match self {
            Self::LeastFilled => {
                let share = |of: &Places, by: &Places| of.taken() * u64::from(by.quota);
                share(one, other).cmp(&share(other, one))
            }
            Self::BinPacked => one.free().cmp(&other.free()),
        };
        is_unseen(one).cmp(&is_unseen(other)).then_with(by_strategy)
    }

    /// As it stands in the configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LeastFilled => "least-filled",
            Self::BinPacked => "bin-packed",
        }
    }
}

impl fmt::Display for PlacementStrategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for PlacementStrategy {
    type Err = UnknownStrategy;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::LeastFilled, Self::BinPacked]
            .into_iter()
            .find(|strategy| strategy.as_str() == text)
            .ok_or_else(|| UnknownStrategy { text: text.to_owned() })
    }
}

/// The text names no strategy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no strategy: use least-filled or bin-packed")]
pub struct UnknownStrategy {
    text: String,
}
