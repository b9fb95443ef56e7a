//! When a cache is looked at again before it is its turn.

use std::time::Duration;

use tokio::time::Instant;

use super::place::Depth;
use crate::config::DriftConfig;

/// What one sweep leaves to be looked at again.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Aftermath {
    /// How often the thing was repaired lately that was repaired most often, of those that this sweep has
    /// repaired. None: it has repaired nothing.
    pub(super) repairs: Option<u32>,
    /// Whether a repair that was asked for is still to come.
    pub(super) is_awaited: bool,
    /// Whether that has to do with secrets.
    pub(super) of_secrets: bool,
}

/// What a cache's sweeps remember of its repairs. It only paces the next ones.
#[derive(Debug, Default)]
pub(super) struct Pacing {
    next: Option<(Instant, Depth)>,
    /// How long it was waited for the next look.
    pause: Option<Duration>,
    /// Whether a repair since the last turn had to do with secrets. Its user is worked on at the next
    /// look, and compared at one after that.
    of_secrets: bool,
}

impl Pacing {
    /// When to look again, and how thoroughly.
    pub(super) fn next(&self) -> Option<(Instant, Depth)> {
        self.next
    }

    /// A sweep has failed: nobody knows at what.
    pub(super) fn has_failed(&mut self, now: Instant, settings: &DriftConfig) {
        self.next = Some((now + settings.recheck, Depth::Everything));
    }

    /// A sweep has come to its end. After a repair the cache is looked at again soon, and then after
    /// twice as long each time, so that somebody who undoes it after a while is seen as well. Each
    /// repair of the same thing doubles the pause too, so that a fight costs less and less.
    pub(super) fn has_swept(&mut self, now: Instant, after: Aftermath, settings: &DriftConfig) {
        let first = settings.recheck;
        self.pause = match (after.repairs, self.pause) {
            (Some(repairs), _) => {
                let doubled = 2_u32.saturating_pow(repairs.saturating_sub(1));
                Some(first.saturating_mul(doubled).min(settings.period))
            }
            (None, Some(before)) => Some(before * 2).filter(|pause| *pause <= settings.period),
            (None, None) => after.is_awaited.then_some(first),
        };
        self.of_secrets = self.pause.is_some() && (self.of_secrets || after.of_secrets);
        let depth = if self.of_secrets { Depth::Everything } else { Depth::Users };
        self.next = self.pause.map(|pause| (now + pause, depth));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    fn repaired(repairs: u32) -> Aftermath {
        Aftermath { repairs: Some(repairs), ..Aftermath::default() }
    }

    /// The minutes at which it is looked again after a repair, if nothing else happens.
    fn looks(pacing: &mut Pacing, began: Instant) -> Vec<u64> {
        let settings = DriftConfig::default();
        let mut looks = Vec::new();
        while let Some((at, _)) = pacing.next() {
            looks.push(at.duration_since(began).as_secs() / 60);
            pacing.has_swept(at, Aftermath::default(), &settings);
        }
        looks
    }

    #[test]
    fn somebody_who_undoes_a_repair_after_a_while_is_seen_too() {
        let (mut pacing, now) = (Pacing::default(), Instant::now());
        pacing.has_swept(now, repaired(1), &DriftConfig::default());
        assert_eq!(looks(&mut pacing, now), [1, 3, 7, 15, 31, 63]);
        pacing.has_swept(now, Aftermath::default(), &DriftConfig::default());
        assert_eq!(pacing.next(), None, "without a repair there is nothing to look at again");
    }

    #[test]
    fn a_fight_costs_less_and_less() {
        let (mut pacing, now) = (Pacing::default(), Instant::now());
        let mut pause = |repairs| {
            pacing.has_swept(now, repaired(repairs), &DriftConfig::default());
            pacing.next().map(|(at, _)| at - now)
        };
        assert_eq!(pause(3), Some(4 * MINUTE));
        assert_eq!(pause(30), Some(60 * MINUTE));
    }

    #[test]
    fn after_a_failure_everything_is_looked_at() {
        let (mut pacing, now) = (Pacing::default(), Instant::now());
        pacing.has_failed(now, &DriftConfig::default());
        assert_eq!(pacing.next(), Some((now + MINUTE, Depth::Everything)));
        let of_secrets = Aftermath { of_secrets: true, ..repaired(1) };
        pacing.has_swept(now, of_secrets, &DriftConfig::default());
        assert_eq!(pacing.next(), Some((now + MINUTE, Depth::Everything)));
        // The user was still worked on.
        pacing.has_swept(now, Aftermath::default(), &DriftConfig::default());
        assert_eq!(pacing.next(), Some((now + 2 * MINUTE, Depth::Everything)));
        looks(&mut pacing, now);
        pacing.has_swept(now, repaired(1), &DriftConfig::default());
        assert_eq!(
            pacing.next(),
            Some((now + MINUTE, Depth::Users)),
            "secrets have had their turn"
        );
    }

    #[test]
    fn a_repair_that_is_still_to_come_is_not_waited_for_until_the_next_turn() {
        let (mut pacing, now) = (Pacing::default(), Instant::now());
        let awaited = Aftermath { is_awaited: true, ..Aftermath::default() };
        pacing.has_swept(now, awaited, &DriftConfig::default());
        assert_eq!(pacing.next(), Some((now + MINUTE, Depth::Users)));
    }
}
