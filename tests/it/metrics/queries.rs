//! Queries in `PromQL`, and whether what they ask for is served.

use std::collections::{BTreeMap, BTreeSet};

use promql_parser::parser::{self, Expr, LabelModifier, VectorSelector};

use super::page::listed;

/// What Prometheus adds to every series.
const ADDED: [&str; 2] = ["job", "instance"];

/// What can be asked for: samples, and the labels that they carry.
pub(super) struct Served(BTreeMap<String, BTreeSet<String>>);

impl Served {
    /// What the page of the metrics lists, and what Prometheus knows of its targets.
    pub(super) fn read() -> Self {
        let mut samples = BTreeMap::from([("up".to_owned(), BTreeSet::new())]);
        for (name, described) in listed() {
            if described.kind != "histogram" {
                samples.insert(name, described.labels);
                continue;
            }
            for end in ["_bucket", "_sum", "_count"] {
                let le = (end == "_bucket").then(|| "le".to_owned());
                let labels = described.labels.iter().cloned().chain(le).collect();
                samples.insert(format!("{name}{end}"), labels);
            }
        }
        for labels in samples.values_mut() {
            labels.extend(ADDED.map(str::to_owned));
        }
        Self(samples)
    }

    /// Checks a query, and answers the labels of the series that it asks for.
    pub(super) fn check(&self, query: &str) -> Result<BTreeSet<String>, String> {
        let parsed = parser::parse(query).map_err(|error| format!("{query}: {error}"))?;
        self.labels(&parsed).map_err(|why| format!("{query}: {why}"))
    }

    fn labels(&self, query: &Expr) -> Result<BTreeSet<String>, String> {
        match query {
            Expr::Aggregate(it) => {
                let inner = self.labels(&it.expr)?;
                let Some(modifier) = &it.modifier else { return Ok(BTreeSet::new()) };
                let named: BTreeSet<String> = modifier.labels().labels.iter().cloned().collect();
                if let Some(unknown) = named.difference(&inner).next() {
                    return Err(format!("nothing here has the label {unknown}"));
                }
                Ok(match modifier {
                    LabelModifier::Include(_) => named,
                    LabelModifier::Exclude(_) => &inner - &named,
                })
            }
            Expr::Unary(it) => self.labels(&it.expr),
            Expr::Paren(it) => self.labels(&it.expr),
            Expr::Subquery(it) => self.labels(&it.expr),
            Expr::Binary(it) => Ok(&self.labels(&it.lhs)? | &self.labels(&it.rhs)?),
            Expr::VectorSelector(it) => self.selected(it),
            Expr::MatrixSelector(it) => self.selected(&it.vs),
            Expr::Call(it) => {
                let mut labels = BTreeSet::new();
                for argument in &it.args.args {
                    labels.extend(self.labels(argument)?);
                }
                Ok(labels)
            }
            Expr::NumberLiteral(_) | Expr::StringLiteral(_) => Ok(BTreeSet::new()),
            Expr::Extension(_) => Err("this is no PromQL".to_owned()),
        }
    }

    fn selected(&self, selector: &VectorSelector) -> Result<BTreeSet<String>, String> {
        let name = selector.name.as_deref().unwrap_or_default();
        let labels = self.0.get(name).ok_or_else(|| format!("no metric is called {name:?}"))?;
        for matcher in &selector.matchers.matchers {
            if !labels.contains(&matcher.name) {
                return Err(format!("{name} has no label {}", matcher.name));
            }
        }
        Ok(labels.clone())
    }
}

#[test]
fn a_query_for_what_is_not_served_is_found() {
    let served = Served::read();
    let by_cache = served.check("sum by (cache) (rate(ringfence_attestations_total[5m]))");
    assert_eq!(by_cache, Ok(BTreeSet::from(["cache".to_owned()])));
    for wrong in [
        "ringfence_no_such",
        "ringfence_attestations",
        r#"ringfence_attestations_total{tenant="acme"}"#,
        "sum by (tenant) (ringfence_attestations_total)",
        "histogram_quantile(0.9, sum by (le) (rate(ringfence_attestations_total[5m])))",
        "sum by (cache) (ringfence_attestations_total",
    ] {
        assert!(served.check(wrong).is_err(), "{wrong}");
    }
}
