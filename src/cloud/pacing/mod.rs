//! How fast AWS is called.
//!
//! AWS counts the calls of an account and Region, each operation for itself or a few together, and
//! refuses those above a rate. It says what that rate is for Secrets Manager and not for
//! `ElastiCache`, and others use the same account. So each [`Quota`] has a bucket of tokens whose rate
//! is found out: a refusal halves it, and calls that pass raise it again, little by little
//! (additive increase, multiplicative decrease, as in TCP). Crates for rate limits such as `governor`
//! have a rate that is fixed when the limiter is made.
//!
//! Calls that have no token stand in line, the urgent ones before the others, and not for ever: one
//! that would stand too long is not sent, which is told like a refusal by AWS.
//!
//! [`bucket`] and [`mod@line`] are arithmetic without a timer; [`lane`] adds the waiting.

mod bucket;
mod lane;
mod line;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use self::{bucket::Pace, lane::Lane};
use crate::config::PacingConfig;
use crate::domain::Urgency;

/// What AWS counts together, and how much of it AWS lets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Quota {
    /// An operation of it, as AWS names it.
    pub(super) name: &'static str,
    /// Calls per second in one account and Region, where AWS says so.
    pub(super) published_rate: Option<u32>,
}

/// The pace of all calls of one set of clients.
pub(super) struct Pacing {
    settings: PacingConfig,
    /// Made when a quota is used for the first time.
    lanes: Mutex<BTreeMap<&'static str, Arc<Lane>>>,
}

/// Leave to send one call. What becomes of it is to be told.
pub(super) struct Turn {
    lane: Arc<Lane>,
    permit: bucket::Permit,
}

/// The call would have stood in line for too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct WaitTooLong;

impl Pacing {
    pub(super) fn new(settings: PacingConfig) -> Self {
        Self { settings, lanes: Mutex::default() }
    }

    /// Waits until a call may be sent. Whoever goes away before gives up the place in line.
    pub(super) async fn turn(&self, quota: Quota, urgency: Urgency) -> Result<Turn, WaitTooLong> {
        let lane = self.lane(quota);
        let permit = lane.permit(urgency, self.wait_max()).await?;
        Ok(Turn { lane, permit })
    }

    /// The longest that a call stands in line.
    pub(super) fn wait_max(&self) -> Duration {
        self.settings.wait_max
    }

    fn lane(&self, quota: Quota) -> Arc<Lane> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let lane = lanes
            .entry(quota.name)
            .or_insert_with(|| Arc::new(Lane::new(pace(&self.settings, quota))));
        Arc::clone(lane)
    }
}

impl Turn {
    /// AWS took the call up, whatever it answered.
    pub(super) fn passed(&self) {
        self.lane.passed(self.permit);
    }

    /// AWS refused the call because there were too many.
    pub(super) fn throttled(&self) {
        self.lane.throttled(self.permit);
    }

    /// How many calls a second there may be now.
    pub(super) fn rate(&self) -> f64 {
        self.lane.rate()
    }
}

/// Of a published rate, a share; as much of it may come at once as fits into a second. Where AWS
/// publishes nothing, a guess that is generous, because a refusal corrects it.
fn pace(settings: &PacingConfig, quota: Quota) -> Pace {
    match quota.published_rate {
        Some(rate) => {
            let share = f64::from(settings.secrets_manager_percent.get()) / 100.0;
            Pace::new(f64::from(rate) * share, f64::from(rate) * share)
        }
        None => Pace::new(
            f64::from(settings.elasticache_rate.get()),
            f64::from(settings.elasticache_burst.get()),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNPUBLISHED: Quota = Quota { name: "CreateUser", published_rate: None };

    #[tokio::test(start_paused = true)]
    async fn a_hundred_that_come_at_once_are_not_held_up() {
        let pacing = Pacing::new(PacingConfig::default());
        let begun = tokio::time::Instant::now();
        for _ in 0..100 {
            assert!(pacing.turn(UNPUBLISHED, Urgency::Urgent).await.is_ok());
        }
        assert_eq!(begun.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn what_aws_counts_apart_is_held_up_apart() {
        let pacing = Pacing::new(PacingConfig::default());
        let begun = tokio::time::Instant::now();
        pacing.turn(UNPUBLISHED, Urgency::Urgent).await.ok().unwrap().throttled();
        let other = Quota { name: "DescribeUsers", ..UNPUBLISHED };
        assert!(pacing.turn(other, Urgency::Routine).await.is_ok());
        assert_eq!(begun.elapsed(), Duration::ZERO);
        assert!(pacing.turn(UNPUBLISHED, Urgency::Urgent).await.is_ok());
        assert!(begun.elapsed() > Duration::ZERO);
    }

    #[test]
    fn of_a_published_rate_others_are_left_a_share() {
        let create = Quota { name: "CreateSecret", published_rate: Some(50) };
        assert_eq!(pace(&PacingConfig::default(), create), Pace::new(40.0, 40.0));
    }
}
