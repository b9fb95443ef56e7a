//! The alerts ask for what is served, and say what to do.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use serde::Deserialize;

use super::queries::Served;

const RULES: &str = "deploy/prometheus/alerts.yaml";
const RUNBOOK: &str = "docs/operations.md";

/// A rule file of Prometheus; a member that it does not know fails.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    groups: Vec<Group>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    name: String,
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    alert: String,
    expr: String,
    #[serde(rename = "for")]
    lasts: String,
    labels: BTreeMap<String, String>,
    annotations: BTreeMap<String, String>,
}

fn rules() -> Vec<Rule> {
    let text = fs::read_to_string(RULES).unwrap();
    let file: RuleFile = serde_saphyr::from_str(&text).unwrap();
    let names: BTreeSet<&str> = file.groups.iter().map(|group| group.name.as_str()).collect();
    assert_eq!(names.len(), file.groups.len(), "names of groups are unique");
    file.groups.into_iter().flat_map(|group| group.rules).collect()
}

/// What headings of a page are called in links to them.
fn anchors(page: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(page).unwrap();
    let slug = |heading: &str| {
        let kept = heading.trim().chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.collect::<String>().to_lowercase().replace(' ', "-")
    };
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings.map(|line| slug(line.trim_start_matches('#'))).collect()
}

#[test]
fn every_alert_asks_for_metrics_that_are_served() {
    let served = Served::read();
    let rules = rules();
    assert!(rules.len() > 10, "{}", rules.len());
    for Rule { alert, expr, lasts, labels, annotations } in rules {
        let carried = served.check(&expr).unwrap_or_else(|why| panic!("{alert}: {why}"));
        let number = lasts.trim_end_matches(['s', 'm', 'h']);
        assert!(number.parse::<u32>().is_ok(), "{alert}: {lasts}");
        let severity = labels["severity"].as_str();
        assert!(["critical", "warning"].contains(&severity), "{alert}: {severity}");
        for text in annotations.values() {
            for named in text.split("$labels.").skip(1) {
                let end = named.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(named.len());
                assert!(carried.contains(&named[..end]), "{alert}: {text}");
            }
        }
    }
}

#[test]
fn every_alert_leads_to_what_to_do_about_it() {
    let anchors = anchors(RUNBOOK);
    let mut names = BTreeSet::new();
    for Rule { alert, annotations, .. } in rules() {
        let keys: Vec<&str> = annotations.keys().map(String::as_str).collect();
        assert_eq!(keys, ["description", "runbook", "summary"], "{alert}");
        let (page, anchor) = annotations["runbook"].split_once('#').unwrap();
        assert_eq!((page, anchor), (RUNBOOK, alert.to_lowercase().as_str()), "{alert}");
        assert!(anchors.contains(anchor), "{RUNBOOK} has no heading for {alert}");
        assert!(names.insert(alert.to_lowercase()), "{alert} is there twice");
    }
    let told: BTreeSet<String> =
        anchors.into_iter().filter(|anchor| anchor.starts_with("ringfence")).collect();
    assert_eq!(told, names, "{RUNBOOK} tells of alerts that there are");
}
