//! How old passwords become, as it is written in a configuration.

use super::{ONE_CACHE, load, refusal};

#[test]
fn intervals_are_written_in_a_table_or_in_one_variable() {
    let table = "[rotation]\nevery = '30d'\n[rotation.profiles]\nqueue = '7d'\nread-only = '12h'";
    let from_file = load(&format!("{table}\n{ONE_CACHE}"), &[]).unwrap();
    let variables = [
        ("RINGFENCE_ROTATION__EVERY", "720h"),
        ("RINGFENCE_ROTATION__PROFILES", "queue=168h, read-only = 12h"),
    ];
    let from_variables = load(ONE_CACHE, &variables).unwrap();
    let shown = |config: &ringfence::config::Config| format!("{:?}", config.rotation);
    assert_eq!(shown(&from_file), shown(&from_variables));
    let seconds = from_file.rotation.profiles.values().map(|interval| interval.seconds());
    assert_eq!(seconds.collect::<Vec<_>>(), [7 * 24 * 3600, 12 * 3600]);
}

#[test]
fn an_interval_that_cannot_be_kept_is_refused() {
    for (fault, told) in [
        ("rotation.every = '59m'", "an hour to ten years"),
        ("rotation.every = 'monthly'", "such as 30d or 12h"),
        ("rotation.profiles.queue = '0s'", "an hour to ten years"),
        ("rotation.profiles.quue = '1d'", "rotation.profiles.quue"),
        ("rotation.profiles = 'queue'", "profile=interval"),
        ("rotation.in_flight = 0", "rotation.in_flight"),
        ("rotation.starts_per_minute = 0", "rotation.starts_per_minute"),
    ] {
        let refusal = refusal(fault);
        assert!(refusal.contains(told), "{fault}: {refusal}");
    }
}
