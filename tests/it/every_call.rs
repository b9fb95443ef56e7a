//! Every call to AWS is struck in every way, and the work still ends as it should.
//!
//! The calls are not listed here. Each scenario is played once without a fault, and then once for each
//! of its calls and each way in which a call can go wrong. Every run has to leave AWS as the clean one
//! did. A call that is new to a scenario is covered without being named, and a new
//! [`Scenario`] is a value of its own.

mod scenario;
mod stage;
mod way;

use futures_util::future::join_all;
use ringfence_acl::EngineKind;

use self::{scenario::Scenario, stage::Stage, way::Way};

/// More than the calls of any scenario.
const CALLS_MAX: u32 = 300;

/// So many worlds side by side: most of a run is waiting.
const LANES: u32 = 3;

async fn strike_each_call(scenario: Scenario, kind: EngineKind, way: Way) {
    let lanes = (0..LANES).map(|lane| Box::pin(strike_calls_of_lane(scenario, kind, way, lane)));
    let n_struck: u32 = join_all(lanes).await.into_iter().sum();
    assert!(n_struck > 8, "only {n_struck} calls of {} were struck", scenario.name);
}

/// Strikes every so many-th call of a scenario, each in a run of its own, and answers how many there
/// were.
async fn strike_calls_of_lane(scenario: Scenario, kind: EngineKind, way: Way, lane: u32) -> u32 {
    let mut stage = Stage::new(scenario, kind, way).await;
    let clean = stage.play("clean", None).await;
    let mut n_struck = 0;
    for call in (lane..CALLS_MAX).step_by(LANES as usize) {
        let run = stage.play(&format!("t{call:03}"), Some(call)).await;
        let Some(struck) = &run.struck else {
            // How often something is looked at varies a little.
            if call >= clean.n_calls {
                return n_struck;
            }
            continue;
        };
        assert_eq!(
            run.left, clean.left,
            "{}: {} (call {call}) was {way}, and AWS is not as after the clean run",
            scenario.name, struck.operation,
        );
        n_struck += 1;
    }
    panic!("{} took more than {CALLS_MAX} calls", scenario.name);
}

/// Makes a test of each of these ways of going wrong, named after them.
macro_rules! calls_of {
    ($($module:ident: $scenario:expr, $kind:ident, [$($claim:ident $way:ident),+ $(,)?];)+) => {$(
        mod $module {
            use super::*;

            $(
                #[tokio::test]
                async fn $claim() {
                    Box::pin(strike_each_call($scenario, EngineKind::$kind, Way::$way)).await;
                }
            )+
        }
    )+};
}

calls_of! {
    of_a_tenant: scenario::TENANT, Valkey, [
        lost_before_its_effect_changes_nothing LostBefore,
        lost_after_its_effect_changes_nothing LostAfter,
        throttled_changes_nothing Throttled,
        failed_by_aws_after_its_effect_changes_nothing FailedAfter,
        never_arriving_changes_nothing NeverArriving,
        never_answered_changes_nothing NeverAnswered,
        before_which_the_process_is_killed_changes_nothing KilledBefore,
        after_which_the_process_is_killed_changes_nothing KilledAfter,
    ];
    of_a_tenant_on_redis: scenario::TENANT, Redis, [
        lost_before_its_effect_changes_nothing LostBefore,
        lost_after_its_effect_changes_nothing LostAfter,
    ];
    of_further_users: scenario::USERS, Valkey, [
        lost_before_its_effect_changes_nothing LostBefore,
        lost_after_its_effect_changes_nothing LostAfter,
        never_answered_changes_nothing NeverAnswered,
        before_which_the_process_is_killed_changes_nothing KilledBefore,
        after_which_the_process_is_killed_changes_nothing KilledAfter,
    ];
    of_a_session: scenario::SESSION, Valkey, [
        lost_before_its_effect_changes_nothing LostBefore,
        lost_after_its_effect_changes_nothing LostAfter,
        after_which_the_process_is_killed_changes_nothing KilledAfter,
    ];
    of_a_change_of_auth: scenario::AUTH, Valkey, [
        lost_before_its_effect_changes_nothing LostBefore,
        lost_after_its_effect_changes_nothing LostAfter,
        after_which_the_process_is_killed_changes_nothing KilledAfter,
    ];
    of_a_suspension: scenario::SUSPENSION, Valkey, [
        lost_before_its_effect_changes_nothing LostBefore,
        lost_after_its_effect_changes_nothing LostAfter,
        never_answered_changes_nothing NeverAnswered,
        before_which_the_process_is_killed_changes_nothing KilledBefore,
        after_which_the_process_is_killed_changes_nothing KilledAfter,
    ];
    of_a_purge: scenario::PURGE, Valkey, [
        lost_before_its_effect_changes_nothing LostBefore,
        lost_after_its_effect_changes_nothing LostAfter,
        after_which_the_process_is_killed_changes_nothing KilledAfter,
    ];
    of_a_repair: scenario::REPAIR, Valkey, [
        lost_before_its_effect_changes_nothing LostBefore,
        lost_after_its_effect_changes_nothing LostAfter,
        never_answered_changes_nothing NeverAnswered,
        before_which_the_process_is_killed_changes_nothing KilledBefore,
        after_which_the_process_is_killed_changes_nothing KilledAfter,
    ];
    // Killed rotations are tried one by one, for more than their end.
    of_rotations: scenario::ROTATIONS, Valkey, [
        lost_before_its_effect_changes_nothing LostBefore,
        lost_after_its_effect_changes_nothing LostAfter,
        never_answered_changes_nothing NeverAnswered,
    ];
}
