//! How long a password that is handed out now can be relied on.

use std::time::Duration;

use jiff::Timestamp;

use super::{Rotation, RotationMode, RotationPhase, RotationWish};

/// What is known of the password that is `AWSCURRENT`. To be read before the password is: one that
/// becomes `AWSCURRENT` meanwhile lives longer than is told here, never shorter.
#[derive(Clone, Copy, Debug)]
pub struct Prospect<'a> {
    /// The rotation that waits for its turn to replace it, or else the one that is not over, if there is
    /// one.
    pub rotation: Option<&'a Rotation>,
    /// When the schedule replaces it, if there is a schedule.
    pub due_at: Option<Timestamp>,
    /// The grace of the rotations that the schedule starts.
    pub grace: Duration,
}

/// Until when a password works, as far as is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordLifetime {
    /// Before this it does not stop working by what is under way or scheduled.
    pub expires_at: Timestamp,
    /// When the password is to be read again at the latest.
    pub renew_before: Timestamp,
}

impl Prospect<'_> {
    /// The lifetime, if an end is in sight. Somebody's request can bring the end forward.
    ///
    /// * A rotation that has not promoted its new password may do so at any moment: the old one
    ///   lasts for the grace from now, or for nothing if it has none.
    /// * Where the new password was promoted, or never will be, and where no rotation runs, the
    ///   next end is the schedule's. A due time in the past means that it may begin at any moment.
    #[must_use]
    pub fn lifetime(self, now: Timestamp) -> Option<PasswordLifetime> {
        match self.rotation {
            Some(rotation) if may_promote(rotation) => Some(lasting(now, grace(rotation))),
            _ => self.due_at.map(|due| lasting(due.max(now), self.grace)),
        }
    }
}

/// Whether the password that is `AWSCURRENT` may be the old one, and on its way out.
fn may_promote(rotation: &Rotation) -> bool {
    use RotationPhase as Phase;
    match rotation.phase {
        Phase::Queued | Phase::Creating | Phase::Setting | Phase::Testing => {
            rotation.wish != RotationWish::Cancel
        }
        Phase::Finishing => true,
        Phase::Grace
        | Phase::Retiring
        | Phase::Proving
        | Phase::Cutting
        | Phase::Rejoining
        | Phase::Completed
        | Phase::Reverting
        | Phase::Discarding
        | Phase::Cancelled
        | Phase::Failed => false,
    }
}

fn grace(rotation: &Rotation) -> Duration {
    match (&rotation.mode, rotation.wish) {
        (RotationMode::Emergency, _) | (_, RotationWish::RetireNow) => Duration::ZERO,
        (RotationMode::Overlap { grace, .. }, _) => *grace,
    }
}

/// The new password is there from the promotion on. Half the grace is left to those who are late.
fn lasting(promoted_at: Timestamp, grace: Duration) -> PasswordLifetime {
    let after = |pause| promoted_at.saturating_add(pause).unwrap_or(Timestamp::MAX);
    PasswordLifetime { expires_at: after(grace), renew_before: after(grace / 2) }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use uuid::Uuid;

    use super::*;
    use crate::domain::{
        CacheName, CacheUserId, Milestones, Revision, RotationId, RotationOrigin, TenantId,
    };

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;
    /// What the settings say; the rotation has another.
    const USUAL: Duration = Duration::from_hours(2);

    fn at(hours: i64) -> Timestamp {
        NOW + SignedDuration::from_hours(hours)
    }

    fn rotation(phase: RotationPhase) -> Rotation {
        let grace = Duration::from_hours(8);
        Rotation {
            id: RotationId(Uuid::nil()),
            tenant: TenantId(Uuid::nil()),
            user: CacheUserId(Uuid::nil()),
            cache: CacheName::parse("main").unwrap(),
            mode: RotationMode::Overlap { grace, gate: crate::domain::RetirementGate::Time },
            origin: RotationOrigin::Request,
            fleet: None,
            reason: None,
            wish: RotationWish::Complete,
            phase,
            phase_since: NOW,
            from: None,
            done: Milestones::default(),
            acknowledged: Vec::new(),
            problem: None,
            attempts: 0,
            requested_by: None,
            revision: Revision(1),
            created_at: NOW,
            updated_at: NOW,
        }
    }

    fn hours(rotation: Option<&Rotation>, due_at: Option<Timestamp>) -> Option<(i64, i64)> {
        let lifetime = Prospect { rotation, due_at, grace: USUAL }.lifetime(NOW)?;
        let hours = |time: Timestamp| time.duration_since(NOW).as_hours();
        Some((hours(lifetime.expires_at), hours(lifetime.renew_before)))
    }

    #[test]
    fn a_password_without_rotation_and_schedule_has_no_end_in_sight() {
        assert_eq!(hours(None, None), None);
    }

    #[test]
    fn a_scheduled_password_lasts_for_the_grace_after_it_is_due() {
        assert_eq!(hours(None, Some(at(100))), Some((102, 101)));
    }

    #[test]
    fn an_overdue_password_may_be_replaced_at_any_moment() {
        assert_eq!(hours(None, Some(at(-100))), Some((2, 1)));
    }

    #[test]
    fn a_password_that_is_being_replaced_lasts_for_the_grace_of_that_rotation() {
        use RotationPhase::{Creating, Finishing, Setting, Testing};
        for phase in [Creating, Setting, Testing, Finishing] {
            assert_eq!(hours(Some(&rotation(phase)), Some(at(100))), Some((8, 4)), "{phase}");
        }
    }

    #[test]
    fn a_leaked_password_and_one_without_grace_can_end_now() {
        let leaked = Rotation { mode: RotationMode::Emergency, ..rotation(RotationPhase::Testing) };
        assert_eq!(hours(Some(&leaked), Some(at(100))), Some((0, 0)));
        let waiting = Rotation { phase: RotationPhase::Queued, ..leaked };
        assert_eq!(hours(Some(&waiting), Some(at(100))), Some((0, 0)));
        let hurried =
            Rotation { wish: RotationWish::RetireNow, ..rotation(RotationPhase::Testing) };
        assert_eq!(hours(Some(&hurried), None), Some((0, 0)));
    }

    #[test]
    fn a_promoted_password_is_the_new_one_and_lasts_until_the_schedule_replaces_it() {
        use RotationPhase::{Cutting, Grace, Proving, Rejoining, Retiring};
        for phase in [Grace, Retiring, Proving, Cutting, Rejoining] {
            assert_eq!(hours(Some(&rotation(phase)), Some(at(100))), Some((102, 101)), "{phase}");
            assert_eq!(hours(Some(&rotation(phase)), None), None, "{phase}");
        }
    }

    #[test]
    fn a_password_whose_rotation_is_being_cancelled_stays() {
        let cancelled = Rotation { wish: RotationWish::Cancel, ..rotation(RotationPhase::Testing) };
        assert_eq!(hours(Some(&cancelled), None), None);
        for phase in [RotationPhase::Reverting, RotationPhase::Discarding] {
            assert_eq!(hours(Some(&rotation(phase)), Some(at(100))), Some((102, 101)), "{phase}");
        }
    }
}
