//! What is done about drift, as it is written in a configuration.

use ringfence::domain::{DriftKind, DriftPolicy};

use super::{ONE_CACHE, load, refusal};

#[test]
fn policies_are_written_in_a_table_or_in_one_variable() {
    let table = "[drift.policy]\nnot-in-group = 'report'\nsecret-missing = 'repair'";
    let cache = format!("{ONE_CACHE}\ndrift_policy = {{ access-changed = 'ignore' }}");
    let from_file = load(&format!("{table}\n{cache}"), &[]).unwrap();
    let variables = [
        ("RINGFENCE_DRIFT__POLICY", "not-in-group=report, secret-missing = repair"),
        ("RINGFENCE_CACHES__0__DRIFT_POLICY", "access-changed=ignore"),
    ];
    let from_variables = load(ONE_CACHE, &variables).unwrap();
    for config in [from_file, from_variables] {
        let policies = config.drift.policy.under(&config.caches[0].drift_policy);
        assert_eq!(policies.of(DriftKind::NotInGroup), DriftPolicy::Report);
        assert_eq!(policies.of(DriftKind::SecretMissing), DriftPolicy::Repair);
        assert_eq!(policies.of(DriftKind::AccessChanged), DriftPolicy::Ignore);
        assert_eq!(policies.of(DriftKind::UserMissing), DriftPolicy::Repair);
    }
}

#[test]
fn a_kind_or_policy_that_nobody_knows_is_refused() {
    for (fault, told) in [
        ("drift.policy.user-gone = 'repair'", "names no kind of drift"),
        ("drift.policy.user-missing = 'delete'", "must be repair, report or ignore"),
        ("drift.policy = 'user-missing'", "kind=policy"),
        ("drift.period = '0s'", "drift.period"),
        ("drift.repairs_at_once = 0", "drift.repairs_at_once"),
    ] {
        let refusal = refusal(fault);
        assert!(refusal.contains(told), "{fault}: {refusal}");
    }
}
