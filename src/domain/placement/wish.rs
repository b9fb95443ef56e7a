//! Where a tenant may be put, and where it is.

use super::{GroupLimits, Obstacle, PlacementStrategy, Places};
use crate::domain::{CacheName, UserName};

/// A cache that a new tenant may be put into, with all that is known outside the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The cache.
    pub cache: CacheName,
    /// What limits its users.
    pub limits: GroupLimits,
    /// Why it does not take the tenant.
    pub obstacle: Option<Obstacle>,
    /// A name among those of the new users that a member has that is not ours.
    pub reserved_name: Option<UserName>,
}

/// Where a tenant may be put, and on whose word. It is decided in the transaction that reserves the
/// tenant, because only there it is certain how many places are taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CacheWish {
    /// The caller named the cache.
    This(Candidate),
    /// The caller left it open.
    Any {
        /// All caches, in the order of their names.
        of: Vec<Candidate>,
        /// Which of those that take it gets it.
        strategy: PlacementStrategy,
    },
}

/// A cache that a tenant or user was not put into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Considered {
    /// The cache.
    pub cache: CacheName,
    /// Why not.
    pub why_not: WhyNot,
}

/// Why a cache does not take a tenant or user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhyNot {
    /// It does not take such tenants, whatever room it has.
    Obstacle(Obstacle),
    /// Its places are not enough.
    Full {
        /// Its places.
        places: Places,
        /// How many were needed.
        needed: u64,
    },
}

/// No cache takes a tenant or user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoRoom {
    /// The one that was named, or where the tenant lives, does not.
    InThis(Considered),
    /// None of all does.
    InAny(Vec<Considered>),
}

impl CacheWish {
    /// The cache that takes a tenant with so many users. `ours` tells how many living users of ours a
    /// cache has.
    pub fn choose(
        &self,
        n_users: u64,
        ours: impl Fn(&CacheName) -> u64,
    ) -> Result<&Candidate, NoRoom> {
        let places = |candidate: &Candidate| candidate.limits.with(ours(&candidate.cache));
        match self {
            Self::This(candidate) => match candidate.why_not(places(candidate), n_users) {
                None => Ok(candidate),
                Some(why_not) => Err(NoRoom::InThis(candidate.considered(why_not))),
            },
            Self::Any { of, strategy } => {
                let mut refusals = Vec::new();
                let mut best: Option<(&Candidate, Places)> = None;
                for candidate in of {
                    let places = places(candidate);
                    match candidate.why_not(places, n_users) {
                        Some(why_not) => refusals.push(candidate.considered(why_not)),
                        // Of equals the first stays.
                        None if best.is_none_or(|(other, taken)| {
                            // One with a namesake among others' users is the last choice.
                            let rank = |it: &Candidate| it.reserved_name.is_some();
                            let by_name = rank(candidate).cmp(&rank(other));
                            by_name.then(strategy.order(&places, &taken)).is_lt()
                        }) =>
                        {
                            best = Some((candidate, places));
                        }
                        None => {}
                    }
                }
                best.map(|(candidate, _)| candidate).ok_or(NoRoom::InAny(refusals))
            }
        }
    }

    /// The caches that do not take a tenant with so many users, and why not.
    pub fn refusals(&self, n_users: u64, ours: impl Fn(&CacheName) -> u64) -> Vec<Considered> {
        let candidates = match self {
            Self::This(candidate) => std::slice::from_ref(candidate),
            Self::Any { of, strategy: _ } => of.as_slice(),
        };
        let refusal = |candidate: &Candidate| {
            let places = candidate.limits.with(ours(&candidate.cache));
            Some(candidate.considered(candidate.why_not(places, n_users)?))
        };
        candidates.iter().filter_map(refusal).collect()
    }

    /// Whether a tenant that lives in this cache may be the one that is asked for. A cache that is
    /// left open agrees with any that is not known to run another engine than was asked for.
    #[must_use]
    pub fn agrees_with(&self, cache: &CacheName) -> bool {
        match self {
            Self::This(candidate) => candidate.cache == *cache && !candidate.runs_another_engine(),
            Self::Any { of, strategy: _ } => of
                .iter()
                .find(|candidate| candidate.cache == *cache)
                .is_none_or(|candidate| !candidate.runs_another_engine()),
        }
    }
}

impl Candidate {
    fn why_not(&self, places: Places, needed: u64) -> Option<WhyNot> {
        if let Some(obstacle) = &self.obstacle {
            return Some(WhyNot::Obstacle(obstacle.clone()));
        }
        (places.free() < needed).then_some(WhyNot::Full { places, needed })
    }

    fn considered(&self, why_not: WhyNot) -> Considered {
        Considered { cache: self.cache.clone(), why_not }
    }

    fn runs_another_engine(&self) -> bool {
        matches!(self.obstacle, Some(Obstacle::OtherEngine { .. }))
    }
}

impl NoRoom {
    /// The caches that were considered.
    #[must_use]
    pub fn considered(&self) -> &[Considered] {
        match self {
            Self::InThis(considered) => std::slice::from_ref(considered),
            Self::InAny(considered) => considered,
        }
    }

    /// Whether the same request may find room later, without a change to the configuration.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        self.considered().iter().any(|considered| match &considered.why_not {
            WhyNot::Full { .. } => true,
            WhyNot::Obstacle(obstacle) => *obstacle == Obstacle::UnknownEngine,
        })
    }
}
