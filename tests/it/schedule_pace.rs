//! When passwords become due and how many rotations begin, seen in the store at invented times.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use ringfence::{
    clock::{Clock as _, Entropy as _, SystemClock, SystemEntropy},
    domain::{
        AccessRevision, CacheName, CacheUser, Cause, Phase, ProfileName, RetirementGate, Rotation,
        RotationId, RotationInterval, RotationMode, RotationPhase, Tenant,
    },
    store::{Begun, Progress, StartPace, Store},
};
use tempfile::TempDir;

use crate::store::{new, open};

const DAY: i64 = 24 * 3600;

/// A store with tenants that were all made now, and when that was.
struct Crowd {
    store: Store,
    now: Timestamp,
    _directory: TempDir,
}

impl Crowd {
    /// So many tenants, whose passwords are to become 30 days old.
    async fn of(count: usize) -> Self {
        let directory = TempDir::new().unwrap();
        let store = open(&directory.path().join("r.db")).await.unwrap();
        let month = Some("30d".parse().unwrap());
        let now = SystemClock.now();
        store.set_rotation_intervals(month, &BTreeMap::new(), now).await.unwrap();
        for i in 0..count {
            let reserved =
                store.reserve_tenant(new(&format!("t{i}")), None, Cause::SERVICE).await.unwrap();
            let user = &reserved.tenant().main;
            let to = |phase, access| Progress {
                phase,
                access,
                attestation: None,
                password_is_new: phase == Phase::CreatingUser,
                shown: None,
            };
            let stored = to(Phase::CreatingUser, Some(AccessRevision::UNKNOWN));
            let user = store.save_progress(user, stored, now).await.unwrap();
            store.save_progress(&user, to(Phase::Active, None), now).await.unwrap();
        }
        Self { store, now, _directory: directory }
    }

    fn later(&self, seconds: i64) -> Timestamp {
        self.now + SignedDuration::from_secs(seconds)
    }

    async fn users(&self) -> Vec<CacheUser> {
        let query = ringfence::store::TenantQuery { limit: 1000, ..Default::default() };
        let tenants = self.store.tenants(&query).await.unwrap();
        tenants.into_iter().map(|tenant| tenant.main).collect()
    }

    async fn begin(&self, pace: StartPace, now: Timestamp) -> Begun {
        let begin = move |_: &Tenant, user: &CacheUser| {
            let id = RotationId(SystemEntropy::default().uuid(now));
            let mode = RotationMode::Overlap {
                grace: std::time::Duration::ZERO,
                gate: RetirementGate::Time,
            };
            Rotation::begin(id, user, (mode, None), None, now).on_schedule()
        };
        self.store.begin_due_rotations(&main(), pace, now, begin).await.unwrap()
    }

    async fn running(&self) -> Vec<Rotation> {
        self.store.rotations_at_hand(&main(), Timestamp::MAX).await.unwrap().rotations
    }

    /// Brings every rotation that runs to a phase.
    async fn bring_to(&self, phase: RotationPhase, now: Timestamp) {
        for mut rotation in self.running().await {
            rotation.phase = phase;
            rotation.from = Some(rotation.to());
            self.store.save_rotation(rotation, now).await.unwrap();
        }
    }
}

fn main() -> CacheName {
    CacheName::parse("main").unwrap()
}

#[tokio::test]
async fn tenants_made_together_are_due_at_different_times_before_their_interval_ends() {
    let crowd = Crowd::of(100).await;
    let due: Vec<Timestamp> =
        crowd.users().await.iter().map(|user| user.rotation_due_at.unwrap()).collect();
    for at in &due {
        assert!(crowd.later(27 * DAY) < *at && *at <= crowd.later(30 * DAY), "{at}");
    }
    let minutes: BTreeSet<i64> = due.iter().map(|at| at.as_second() / 60).collect();
    assert!(minutes.len() > 60, "100 tenants fall into {} minutes", minutes.len());
    let next = crowd.store.next_rotation_due(&main()).await.unwrap();
    assert_eq!(next, due.into_iter().min());
}

#[tokio::test]
async fn what_a_long_stop_has_left_over_is_caught_up_minute_by_minute() {
    let crowd = Crowd::of(25).await;
    let pace = StartPace { in_flight: 1000, per_minute: 10 };
    let first_due = crowd.store.next_rotation_due(&main()).await.unwrap().unwrap();
    let early = crowd.begin(pace, first_due - SignedDuration::from_secs(1)).await;
    assert_eq!(early, Begun { count: 0, next: Some(first_due) });

    let mut now = crowd.later(90 * DAY);
    let mut counts = Vec::new();
    loop {
        let begun = crowd.begin(pace, now).await;
        counts.push(begun.count);
        let again = crowd.begin(pace, now).await;
        assert_eq!(again.count, 0, "a second look, or a restart, begins no more");
        let Some(next) = begun.next else { break };
        assert_eq!(next, now + SignedDuration::from_secs(60));
        now = next;
    }
    assert_eq!(counts, [10, 10, 5]);
    let users: BTreeSet<_> = crowd.running().await.iter().map(|rotation| rotation.user.0).collect();
    assert_eq!(users.len(), 25, "each once");
}

#[tokio::test]
async fn no_more_are_on_their_way_than_may_be_at_once() {
    let crowd = Crowd::of(7).await;
    let pace = StartPace { in_flight: 3, per_minute: 1000 };
    let now = crowd.later(31 * DAY);
    assert_eq!(crowd.begin(pace, now).await, Begun { count: 3, next: None });
    assert_eq!(crowd.begin(pace, now).await.count, 0);
    // What waits for the end of its grace does not count.
    crowd.bring_to(RotationPhase::Grace, now).await;
    assert_eq!(crowd.begin(pace, now).await, Begun { count: 3, next: None });
    crowd.bring_to(RotationPhase::Grace, now).await;
    crowd.bring_to(RotationPhase::Retiring, now).await;
    assert_eq!(crowd.begin(pace, now).await.count, 0);
    crowd.bring_to(RotationPhase::Completed, now).await;
    let last = crowd.begin(pace, now).await;
    // Then it is the turn of those that were promoted first, a month later.
    let Begun { count: 1, next: Some(next) } = last else { panic!("{last:?}") };
    assert!(next > now + SignedDuration::from_secs(27 * DAY - 1), "{next}");
}

#[tokio::test]
async fn the_longest_due_come_first() {
    let crowd = Crowd::of(20).await;
    let mut users = crowd.users().await;
    users.sort_by_key(|user| (user.rotation_due_at, user.id));
    let pace = StartPace { in_flight: 5, per_minute: 1000 };
    crowd.begin(pace, crowd.later(31 * DAY)).await;
    let begun: BTreeSet<_> = crowd.running().await.iter().map(|rotation| rotation.user).collect();
    assert_eq!(begun, users[..5].iter().map(|user| user.id).collect());
}

#[tokio::test]
async fn a_promotion_and_a_failure_move_the_time() {
    let crowd = Crowd::of(1).await;
    let pace = StartPace { in_flight: 5, per_minute: 5 };
    let due = async || crowd.users().await[0].rotation_due_at.unwrap();
    let first = due().await;
    let mut now = crowd.later(31 * DAY);
    for hours in [1, 2, 4] {
        assert_eq!(crowd.begin(pace, now).await.count, 1);
        crowd.bring_to(RotationPhase::Cancelled, now).await;
        assert_eq!(due().await, now + SignedDuration::from_hours(hours));
        now = due().await;
    }
    crowd.begin(pace, now).await;
    crowd.bring_to(RotationPhase::Grace, now).await;
    let age = first.duration_since(crowd.now);
    assert_eq!(due().await, now + age, "the place in the spread stays");
    crowd.bring_to(RotationPhase::Completed, now).await;
    assert_eq!(due().await, now + age, "what failed before the promotion is forgotten");
}

#[tokio::test]
async fn the_interval_of_a_profile_comes_before_that_of_all() {
    let crowd = Crowd::of(1).await;
    let age = async || {
        let due = crowd.users().await[0].rotation_due_at;
        due.map(|due| due.duration_since(crowd.now).as_hours())
    };
    let of_profile = |interval: &str| {
        let interval: RotationInterval = interval.parse().unwrap();
        BTreeMap::from([(ProfileName::default(), interval)])
    };
    let store = &crowd.store;
    store.set_rotation_intervals(None, &of_profile("10h"), crowd.now).await.unwrap();
    assert_eq!(age().await.unwrap(), 9);
    let year = Some("365d".parse().unwrap());
    store.set_rotation_intervals(year, &of_profile("10h"), crowd.now).await.unwrap();
    assert_eq!(age().await.unwrap(), 9);
    store.set_rotation_intervals(year, &BTreeMap::new(), crowd.now).await.unwrap();
    assert!(age().await.unwrap() >= 365 * 24 * 9 / 10);
    store.set_rotation_intervals(None, &BTreeMap::new(), crowd.now).await.unwrap();
    assert_eq!(age().await, None);
}
