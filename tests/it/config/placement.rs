//! Which cache gets a tenant, as the configuration says it.

use std::collections::BTreeMap;

use ringfence::domain::{PlacementStrategy, ProfileName};

use super::{ONE_CACHE, load, refusal};

fn pairs(labels: &ringfence::domain::Labels) -> BTreeMap<&str, &str> {
    labels.as_map().iter().map(|(key, value)| (key.as_str(), value.as_str())).collect()
}

#[test]
fn a_cache_takes_everybody_unless_it_says_otherwise() {
    let config = load(ONE_CACHE, &[]).unwrap();
    let admission = &config.caches[0].admission;
    assert!(!admission.draining);
    assert!(admission.profiles.is_empty() && admission.labels.as_map().is_empty());
    assert_eq!(config.placement.strategy, PlacementStrategy::LeastFilled);
}

#[test]
fn what_a_cache_takes_is_said_in_the_file_or_in_variables() {
    let text = format!(
        "placement.strategy = 'bin-packed'\n{ONE_CACHE}
        draining = true
        profiles = ['cache', 'read-only']
        labels = {{ tier = 'gold', region = 'eu' }}"
    );
    let variables = [
        ("RINGFENCE_PLACEMENT__STRATEGY", "bin-packed"),
        ("RINGFENCE_CACHES__0__DRAINING", "true"),
        ("RINGFENCE_CACHES__0__PROFILES", "cache, read-only"),
        ("RINGFENCE_CACHES__0__LABELS", "tier=gold, region=eu"),
    ];
    for config in [load(&text, &[]), load(ONE_CACHE, &variables)] {
        let config = config.unwrap();
        let admission = &config.caches[0].admission;
        assert!(admission.draining);
        let profiles: Vec<_> = admission.profiles.iter().map(ProfileName::as_str).collect();
        assert_eq!(profiles, ["cache", "read-only"]);
        assert_eq!(pairs(&admission.labels), BTreeMap::from([("region", "eu"), ("tier", "gold")]));
        assert_eq!(config.placement.strategy, PlacementStrategy::BinPacked);
    }
}

#[test]
fn a_misspelt_rule_is_refused() {
    let other = "[[caches]]\nname = 'other'\nuser_group = 'other'\nreplication_group = 'x'";
    let faults = [
        "placement.strategy = 'random'".to_owned(),
        format!("{other}\nprofiles = ['cahce']"),
        format!("{other}\nprofiles = ['Cache']"),
        format!("{other}\nlabels = {{ Tier = 'gold' }}"),
        format!("{other}\nlabels = 'gold'"),
        format!("{other}\ndraining = 'perhaps'"),
    ];
    let refusals: Vec<_> = faults.iter().map(|fault| refusal(fault)).collect();
    insta::assert_snapshot!(refusals.join("\n"));
}
