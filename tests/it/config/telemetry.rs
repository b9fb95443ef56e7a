//! Where traces go.

use super::{ONE_CACHE, load, refusal};

const STANDARD: [(&str, &str); 2] =
    [("OTEL_EXPORTER_OTLP_ENDPOINT", "http://standard:4318"), ("OTEL_SERVICE_NAME", "standard")];

#[test]
fn the_standard_variables_count_where_nothing_of_ours_does() {
    let telemetry = load(ONE_CACHE, &STANDARD).unwrap().telemetry;
    assert_eq!(telemetry.otlp_endpoint.as_deref(), Some("http://standard:4318"));
    assert_eq!(telemetry.service_name, "standard");

    let file = format!("[telemetry]\notlp_endpoint = 'http://ours:4318'\n{ONE_CACHE}");
    let [endpoint, name] = STANDARD;
    let ours = ("RINGFENCE_TELEMETRY__SERVICE_NAME", "ours");
    for variables in [[endpoint, name, ours], [ours, name, endpoint]] {
        let telemetry = load(&file, &variables).unwrap().telemetry;
        assert_eq!(telemetry.otlp_endpoint.as_deref(), Some("http://ours:4318"));
        assert_eq!(telemetry.service_name, "ours");
    }
}

#[test]
fn without_an_endpoint_nothing_is_exported() {
    let empty = STANDARD.map(|(name, _)| (name, ""));
    for variables in [&empty[..], &[]] {
        let telemetry = load(ONE_CACHE, variables).unwrap().telemetry;
        assert_eq!((telemetry.otlp_endpoint, telemetry.service_name), (None, "ringfence".into()));
    }
}

#[test]
fn who_switches_traces_off_for_all_programs_switches_ours_off() {
    let [endpoint, _] = STANDARD;
    for off in [("OTEL_SDK_DISABLED", "True"), ("OTEL_TRACES_EXPORTER", "none")] {
        let config = load(ONE_CACHE, &[endpoint, off]).unwrap();
        assert_eq!(config.telemetry.otlp_endpoint, None, "{off:?}");
    }
    let foreign = ("OTEL_SERVICE_NAME", "shop/Ringfence EU");
    assert_eq!(load(ONE_CACHE, &[foreign]).unwrap().telemetry.service_name, foreign.1);
}

#[test]
fn a_share_is_from_nothing_to_all() {
    for share in ["1.5", "-0.1", "nan"] {
        let refused = refusal(&format!("telemetry.sample = {share}"));
        assert!(refused.contains("give a number from 0 to 1"), "{refused}");
    }
    let text = format!("telemetry.sample = 0.25\n{ONE_CACHE}");
    assert!((load(&text, &[]).unwrap().telemetry.sample - 0.25).abs() < f64::EPSILON);
}
