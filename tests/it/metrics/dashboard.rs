//! The dashboard asks for what is served.

use std::{collections::BTreeSet, fs};

use serde_json::Value;

use super::queries::Served;

const DASHBOARD: &str = "deploy/grafana/ringfence.json";

/// Every query below a value: of panels and of variables.
fn queries(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member.as_str() {
                    Some(query) if name == "expr" => found.push(query.to_owned()),
                    _ => queries(member, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| queries(item, found)),
        _ => {}
    }
}

#[test]
fn every_panel_asks_for_metrics_that_are_served() {
    let dashboard: Value = serde_json::from_str(&fs::read_to_string(DASHBOARD).unwrap()).unwrap();
    let (served, mut found) = (Served::read(), Vec::new());
    queries(&dashboard, &mut found);
    assert!(found.len() > 20, "{found:?}");
    for query in found {
        // What Grafana puts in before it asks.
        let asked = query.replace("$__rate_interval", "5m");
        served.check(&asked).unwrap_or_else(|why| panic!("{why}"));
    }
    let variable = &dashboard["templating"]["list"][0];
    assert_eq!(variable["query"], "label_values(ringfence_group_places, cache)");
}

#[test]
fn panels_have_names_and_do_not_lie_on_each_other() {
    let dashboard: Value = serde_json::from_str(&fs::read_to_string(DASHBOARD).unwrap()).unwrap();
    let (mut titles, mut taken) = (BTreeSet::new(), BTreeSet::new());
    for panel in dashboard["panels"].as_array().unwrap() {
        let title = panel["title"].as_str().unwrap();
        assert!(titles.insert(title), "{title} is there twice");
        let place = |member: &str| panel["gridPos"][member].as_u64().unwrap();
        assert!(place("x") + place("w") <= 24, "{title}");
        for x in place("x")..place("x") + place("w") {
            for y in place("y")..place("y") + place("h") {
                assert!(taken.insert((x, y)), "{title} lies on another");
            }
        }
    }
}
