//! The examples of the README are taken as they stand.

use reqwest::{Client, StatusCode};

use crate::bench::Bench;

const README: &str = include_str!("../../README.md");

/// The code blocks that are marked as this kind of JSON.
fn examples(kind: &str) -> Vec<&'static str> {
    let fence = format!("```json {kind}\n");
    README.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

#[tokio::test]
async fn every_example_is_accepted() {
    let bench = Bench::new().await;
    let url = |path: &str| format!("{}/_simulator/{path}", bench.simulator.url());
    let (settings, faults) = (examples("settings"), examples("fault"));
    assert!(!settings.is_empty() && !faults.is_empty());
    for example in settings {
        let request = Client::new().patch(url("settings")).body(example);
        let answer = request.header("content-type", "application/json").send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{example}");
    }
    for example in faults {
        let request = Client::new().post(url("faults")).body(example);
        let answer = request.header("content-type", "application/json").send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::CREATED, "{example}");
    }
}

#[tokio::test]
async fn every_setting_is_explained() {
    let bench = Bench::new().await;
    let settings = serde_json::to_value(bench.control.settings()).unwrap();
    let groups = settings.as_object().unwrap();
    let names =
        groups.values().filter_map(|group| group.as_object()).flat_map(|group| group.keys());
    for name in names.chain(groups.keys()) {
        assert!(README.contains(&format!("`{name}`")), "{name}");
    }
}
