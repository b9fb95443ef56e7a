//! Drift: what AWS says, where it is not what the store says.
//!
//! A sweep reads both and [compares](differences) them. What differs becomes a [`DriftItem`], which
//! stays as long as it is seen. A [`DriftPolicy`] says what is done about it by itself: nothing that
//! is not written down here, and nothing to what is not proven ours.

mod compare;
mod fight;
mod item;
mod kind;
mod policy;
mod remedy;
mod shown_access;
mod surroundings;
#[cfg(test)]
mod tests;

pub use self::{
    compare::{Difference, ExpectedUser, SecretSeen, SeenUser, UserShown, differences},
    fight::{FIGHT_SPAN, LOSSES_OF_A_FIGHT, is_fight, who_fights},
    item::{DriftFilter, DriftItem, DriftItemId, DriftOwner, FoundDrift},
    kind::{DriftKind, UnknownDriftKind},
    policy::{DriftPolicies, DriftPolicy, UnknownDriftPolicy},
    remedy::{DriftRemedy, Mend, first_mend},
    shown_access::ShownAccess,
    surroundings::{KnownSurroundings, SeenSurroundings, surroundings_changed},
};
