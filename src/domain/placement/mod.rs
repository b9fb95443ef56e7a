//! Which cache a tenant is put into, and whether there is room for it.
//!
//! A cache has so many places: its quota, less the members of its user group that are not ours. A
//! user of ours takes one from the moment it is written down until it is gone from AWS, so what the
//! store has accepted always fits, however many ask at once.

mod admission;
mod growth;
mod places;
mod strategy;
#[cfg(test)]
mod tests;
mod wish;

pub use admission::{Admission, CacheRuns, Needs, Obstacle};
pub use growth::Growth;
pub use places::{GroupLimits, Places, QuotaSource};
pub use strategy::{PlacementStrategy, UnknownStrategy};
pub use wish::{CacheWish, Candidate, Considered, NoRoom, WhyNot};
