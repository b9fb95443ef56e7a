//! Bringing a changed definition of a profile to the users that have it.
//!
//! A definition changes with the configuration, with a release, or with the engine's version. Each
//! user's row names the revision of the rights that it was given, so that what is left to do is
//! always known and a roll-out goes on after a restart. It is paced: so many users at once, each
//! modified and attested like any other. When one of them is blocked under the new definition the
//! others wait, because what is wrong with one is likely wrong with all.

use tracing::{debug, info};

use super::step::Tools;
use crate::{
    domain::{CacheName, Grant, Ground, Profile},
    store::StoreError,
};

/// Marks the next users that are to be given the current definition of their profile. Answers
/// whether there is a roll-out under way.
pub(super) async fn advance(
    tools: &Tools,
    cache: &CacheName,
    ground: &Ground,
) -> Result<bool, StoreError> {
    let at_once = tools.settings.rollout_in_flight.get() as u64;
    let in_flight = tools.store.being_given_rights(cache).await?;
    let mut room = at_once.saturating_sub(in_flight);
    let mut is_under_way = in_flight > 0;
    for profile in tools.profiles.iter().map(Profile::name) {
        let grant = Grant::Profile(profile.clone());
        let Ok(current) = grant.revision(&tools.profiles, ground) else { continue };
        let spread = tools.store.spread(cache, profile, current).await?;
        if spread.blocked > 0 {
            debug!(%profile, blocked = spread.blocked, "the roll-out waits for a blocked user");
            is_under_way = true;
            continue;
        }
        if room == 0 {
            break;
        }
        let now = tools.clock.now();
        let given = tools.store.give_current_rights(cache, (profile, current), room, now).await?;
        if given > 0 {
            info!(%profile, users = given, current = spread.current, of = spread.users,
                "the profile's definition has changed and is given to its users");
            room -= given as u64;
            is_under_way = true;
        }
    }
    Ok(is_under_way)
}
