//! How far the members of a fleet rotation have come.

use std::collections::BTreeMap;

use super::MemberStatus;

/// How many members there are in each status.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FleetCounts(BTreeMap<MemberStatus, u64>);

impl FleetCounts {
    /// Counts so many more.
    pub fn add(&mut self, status: MemberStatus, members: u64) {
        *self.0.entry(status).or_default() += members;
    }

    /// How many have this status.
    #[must_use]
    pub fn of(&self, status: MemberStatus) -> u64 {
        self.0.get(&status).copied().unwrap_or_default()
    }

    /// How many there are.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }
}
