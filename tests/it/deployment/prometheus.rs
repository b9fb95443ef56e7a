//! How Prometheus asks for metrics.

use std::{fs, path::PathBuf};

use serde::Deserialize;

use super::{at, is_served, kubernetes};

/// What Prometheus knows of it; a member that it does not know fails.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScrapeFile {
    scrape_configs: Vec<Scrape>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scrape {
    job_name: String,
    metrics_path: String,
    #[serde(rename = "scrape_interval")]
    interval: String,
    scheme: String,
    authorization: Authorization,
    static_configs: Vec<Targets>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Authorization {
    r#type: String,
    credentials_file: PathBuf,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Targets {
    targets: Vec<String>,
}

fn scrape() -> Scrape {
    let text = fs::read_to_string("deploy/prometheus/scrape.yaml").unwrap();
    let mut file: ScrapeFile = serde_saphyr::from_str(&text).unwrap();
    assert_eq!(file.scrape_configs.len(), 1);
    file.scrape_configs.remove(0)
}

#[test]
fn prometheus_shows_a_token_and_asks_for_what_is_served() {
    let scrape = scrape();
    assert!(is_served(&scrape.metrics_path), "{}", scrape.metrics_path);
    assert_eq!(scrape.authorization.r#type, "Bearer");
    assert!(scrape.authorization.credentials_file.is_absolute());
    assert!(["http", "https"].contains(&scrape.scheme.as_str()), "{}", scrape.scheme);
    // Each alert looks back over some scrapes.
    assert_eq!(scrape.interval, "30s");
}

#[test]
fn the_alerts_know_the_job_by_its_name() {
    let alerts = fs::read_to_string("deploy/prometheus/alerts.yaml").unwrap();
    let jobs: Vec<_> = alerts.split("job=\"").skip(1).map(|it| it.split('"').next()).collect();
    assert!(!jobs.is_empty());
    assert!(jobs.iter().all(|job| *job == Some(scrape().job_name.as_str())), "{jobs:?}");
}

#[test]
fn prometheus_asks_the_service_of_the_manifests() {
    let service = kubernetes::manifest("Service");
    let namespace = kubernetes::manifest("Namespace");
    let name = |of: &serde_json::Value| of["metadata"]["name"].as_str().unwrap().to_owned();
    let port = at(&service, "/spec/ports/0/port");
    let target = format!("{}.{}.svc:{port}", name(&service), name(&namespace));
    assert_eq!(scrape().static_configs[0].targets, [target]);
}
