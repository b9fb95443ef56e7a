//! Which rotations a worker's pass is given by the store.

use std::time::Duration;

use jiff::Timestamp;
use ringfence::{
    clock::{Clock as _, Entropy as _, SystemClock, SystemEntropy},
    domain::{
        CacheName, CacheUser, Cause, Reason, RetirementGate, Rotation, RotationId, RotationMode,
        RotationPhase, RotationWish, SecretVersion,
    },
    store::Store,
};
use tempfile::TempDir;

use crate::store::{new, open};

const GRACE: Duration = Duration::from_hours(2);

fn modes() -> Vec<RotationMode> {
    let expected = vec!["checkout".parse().unwrap()];
    let gates = [
        RetirementGate::Time,
        RetirementGate::Acknowledgements { expected },
        RetirementGate::Manual,
    ];
    let overlap = |gate| RotationMode::Overlap { grace: GRACE, gate };
    gates.map(overlap).into_iter().chain([RotationMode::Emergency]).collect()
}

/// A rotation in every phase that is not over, in every mode, with every wish, promoted just now or
/// longer ago than its grace lasts.
async fn rotations_of_all_kinds(store: &Store, now: Timestamp) -> Vec<Rotation> {
    let over = [RotationPhase::Queued, RotationPhase::Completed];
    let mut rotations = Vec::new();
    for phase in RotationPhase::ALL {
        if over.contains(&phase) || phase.is_over() {
            continue;
        }
        for mode in modes() {
            for wish in [RotationWish::Complete, RotationWish::RetireNow, RotationWish::Cancel] {
                for promoted_at in [now, now - GRACE] {
                    let name = format!("t{}", rotations.len());
                    let reserved =
                        store.reserve_tenant(new(&name), None, Cause::SERVICE).await.unwrap();
                    let rotation = begun(store, &reserved.tenant().main, mode.clone(), now).await;
                    let changed = Rotation { phase, wish, ..promoted(rotation, promoted_at) };
                    rotations.push(store.save_rotation(changed, now).await.unwrap());
                }
            }
        }
    }
    rotations
}

async fn begun(store: &Store, user: &CacheUser, mode: RotationMode, now: Timestamp) -> Rotation {
    let id = RotationId(SystemEntropy::default().uuid(now));
    let why = Reason::parse("somebody saw it").unwrap();
    let rotation = Rotation::begin(id, user, (mode, Some(why)), None, now);
    store.start_rotation(rotation, None, Cause::SERVICE).await.unwrap()
}

fn promoted(mut rotation: Rotation, at: Timestamp) -> Rotation {
    rotation.from = Some(SecretVersion::new("before".to_owned()));
    rotation.done.finished_at = Some(at);
    rotation
}

#[tokio::test]
async fn a_pass_is_given_all_rotations_but_those_that_rest_and_when_they_do_no_more() {
    let directory = TempDir::new().unwrap();
    let store = open(&directory.path().join("r.db")).await.unwrap();
    let now = SystemClock.now();
    let all = rotations_of_all_kinds(&store, now).await;
    let cache = CacheName::parse("main").unwrap();

    let found = store.rotations_at_hand(&cache, now).await.unwrap();
    let at_hand: Vec<_> = found.rotations.iter().map(|rotation| rotation.id).collect();
    let moving = all.iter().filter(|rotation| !rests(rotation, now));
    let mut moving: Vec<_> = moving.map(|rotation| rotation.id).collect();
    moving.sort();
    assert_eq!(at_hand, moving);
    assert_eq!(found.next, Some(now + GRACE));

    let later = store.rotations_at_hand(&cache, now + GRACE).await.unwrap();
    assert!(later.rotations.len() > found.rotations.len());
    assert_eq!(later.next, None);
}

/// Whether only time or a person's word brings it on. One that waits for acknowledgements, and for
/// no time any more, is read: whether all are there is not SQLite's to decide.
fn rests(rotation: &Rotation, now: Timestamp) -> bool {
    let RotationMode::Overlap { gate, .. } = &rotation.mode else { return false };
    let lasts = rotation.grace_ends_at().is_some_and(|end| end > now);
    rotation.phase == RotationPhase::Grace
        && !rotation.may_retire(now)
        && (lasts || *gate == RetirementGate::Manual)
}
