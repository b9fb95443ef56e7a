//! What the service counts, read from `/metrics`.

use std::{collections::BTreeMap, time::Duration};

use reqwest::Method;
use ringfence_simulator::Outcome;

use super::World;

/// Every sample of one scrape.
#[derive(Debug)]
pub(crate) struct Metrics(Vec<Sample>);

#[derive(Debug)]
struct Sample {
    name: String,
    labels: BTreeMap<String, String>,
    value: String,
}

/// Counts by the value of one label.
pub(crate) type Counts = BTreeMap<String, u64>;

impl World {
    pub(crate) async fn metrics(&self) -> Metrics {
        let answer = self.request(Method::GET, "/metrics").send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200);
        Metrics::parse(&answer.text().await.unwrap())
    }

    /// One scrape as it is served.
    pub(crate) async fn scrape(&self) -> String {
        self.request(Method::GET, "/metrics").send().await.unwrap().text().await.unwrap()
    }

    /// Scrapes until what is told is as it is awaited: how things stand may be a second old.
    pub(crate) async fn metrics_until(&self, is_awaited: impl Fn(&Metrics) -> bool) -> Metrics {
        let mut looks = tokio::time::interval(Duration::from_millis(20));
        for _ in 0..3_000 {
            let metrics = self.metrics().await;
            if is_awaited(&metrics) {
                return metrics;
            }
            looks.tick().await;
        }
        panic!("it never became what was awaited: {}", self.scrape().await);
    }

    /// The calls that the simulator has seen and answered, by operation; nothing while there are
    /// others.
    pub(crate) fn calls_answered(&self) -> Option<Counts> {
        let mut counts = Counts::new();
        for call in self.control().calls() {
            if call.outcome == Outcome::InFlight {
                return None;
            }
            *counts.entry(call.operation).or_default() += 1;
        }
        Some(counts)
    }

    /// Scrapes until the service has counted every call that the simulator has seen. It learns of the
    /// end of a call a little later.
    pub(crate) async fn metrics_of_all_calls(&self) -> Metrics {
        let mut looks = tokio::time::interval(Duration::from_millis(5));
        for _ in 0..2_000 {
            let before = self.calls_answered();
            let metrics = self.metrics().await;
            let counted = metrics.counts("ringfence_aws_calls_total", "operation");
            if before.is_some_and(|seen| seen == counted) && self.calls_answered() == Some(counted)
            {
                return metrics;
            }
            looks.tick().await;
        }
        panic!("seen {:?}, counted {:?}", self.calls_answered(), self.metrics().await);
    }
}

impl Metrics {
    pub(crate) fn parse(text: &str) -> Self {
        assert!(text.ends_with("# EOF\n"), "{text}");
        Self(text.lines().filter(|line| !line.starts_with('#')).map(Sample::parse).collect())
    }

    /// The counter of a name, added up by one of its labels.
    pub(crate) fn counts(&self, name: &str, label: &str) -> Counts {
        let mut counts = Counts::new();
        for sample in self.0.iter().filter(|sample| sample.name == name) {
            let count: u64 = sample.value.parse().unwrap();
            *counts.entry(sample.labels[label].clone()).or_default() += count;
        }
        counts
    }

    /// All samples of this name, added up.
    pub(crate) fn sum(&self, name: &str) -> u64 {
        let samples = self.0.iter().filter(|sample| sample.name == name);
        samples.map(|sample| sample.value.parse::<u64>().unwrap()).sum()
    }

    /// The whole numbers of this name and with these labels, added up.
    pub(crate) fn count_of(&self, name: &str, labels: &[(&str, &str)]) -> u64 {
        self.with(name, labels).iter().map(|sample| sample.value.parse::<u64>().unwrap()).sum()
    }

    /// The numbers of this name and with these labels, added up.
    pub(crate) fn total(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.with(name, labels).iter().map(|sample| sample.value.parse::<f64>().unwrap()).sum()
    }

    fn with(&self, name: &str, labels: &[(&str, &str)]) -> Vec<&Sample> {
        let carries = |sample: &&Sample| {
            let has = |(label, value): &(&str, &str)| {
                sample.labels.get(*label).is_some_and(|it| it == value)
            };
            sample.name == name && labels.iter().all(has)
        };
        let found: Vec<&Sample> = self.0.iter().filter(carries).collect();
        assert!(!found.is_empty(), "there is no {name} with {labels:?}: {self:?}");
        found
    }

    /// The one sample of this name and with this label.
    pub(crate) fn number(&self, name: &str, label: (&str, &str)) -> f64 {
        let carries = |sample: &&Sample| sample.labels.get(label.0).is_some_and(|it| it == label.1);
        let mut found = self.0.iter().filter(|sample| sample.name == name).filter(carries);
        let (Some(sample), None) = (found.next(), found.next()) else { panic!("{self:?}") };
        sample.value.parse().unwrap()
    }
}

impl Sample {
    /// `name{label="value",…} value`
    fn parse(line: &str) -> Self {
        let (series, value) = line.rsplit_once(' ').unwrap();
        let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
        let pair = |pair: &str| {
            let (label, value) = pair.split_once("=\"")?;
            Some((label.to_owned(), value.trim_end_matches('"').to_owned()))
        };
        let labels = labels.trim_end_matches('}').split(',').filter_map(pair).collect();
        Self { name: name.to_owned(), labels, value: value.to_owned() }
    }
}
