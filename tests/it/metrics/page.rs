//! `docs/metrics.md` lists what is served: names, types, units, labels and what each is.
//!
//! `make docs` writes the list anew.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    fmt::Write as _,
    fs,
    time::Duration,
};

use futures_util::future::join_all;
use ringfence_acl::EngineKind;

use crate::{drift, world::World};

const PAGE: &str = "docs/metrics.md";
const BEGIN: &str = "<!-- Written by `make docs`. -->\n";
const END: &str = "<!-- Until here. -->\n";

/// A metric as it is served, or as the page has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Described {
    pub(super) kind: String,
    unit: String,
    pub(super) labels: BTreeSet<String>,
    help: String,
}

#[tokio::test]
async fn the_reference_lists_what_is_served() {
    let list = list(&read(&scrape_of_everything().await));
    let page = fs::read_to_string(PAGE).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (listed, after) = rest.split_once(END).unwrap();
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(PAGE, format!("{before}{BEGIN}{list}{END}{after}")).unwrap();
        return;
    }
    assert!(listed == list, "{PAGE} is out of date; refresh it by `make docs`:\n{list}");
}

/// A world in which everything has happened that is told of.
async fn scrape_of_everything() -> String {
    let world = World::with(EngineKind::Valkey, |config| {
        // Of calls that come together some would wait too long.
        config.pacing.elasticache_burst = 1.try_into().unwrap();
        config.pacing.wait_max = Duration::from_millis(1);
    })
    .await;
    let names = ["acme", "globex", "initech"];
    join_all(names.map(|name| world.create(name))).await;
    world
        .until("/tenants?status=active", |page| page.body["items"].as_array().unwrap().len() == 3)
        .await;
    let told = ["ringfence_aws_calls_not_sent_total", "ringfence_drift_swept_timestamp_seconds"];
    let mut looks = tokio::time::interval(Duration::from_millis(20));
    for _ in 0..500 {
        let text = world.scrape().await;
        if told.iter().all(|name| text.contains(&format!("\n{name}{{"))) {
            return text;
        }
        drift::ask_for_sweep(&world).await;
        looks.tick().await;
    }
    panic!("not everything is told of: {}", world.scrape().await);
}

/// What a scrape says, by the name of the samples; of a histogram, without what they end with.
fn read(text: &str) -> BTreeMap<String, Described> {
    let mut found = BTreeMap::<String, Described>::new();
    let mut family = (String::new(), Described::default());
    for line in text.lines() {
        let words: Vec<&str> = line.splitn(4, ' ').collect();
        match words[..] {
            ["#", "HELP", name, help] => {
                family = (name.to_owned(), Described::default());
                help.trim_end_matches('.').clone_into(&mut family.1.help);
            }
            ["#", "TYPE", _, kind] => kind.clone_into(&mut family.1.kind),
            ["#", "UNIT", _, unit] => unit.clone_into(&mut family.1.unit),
            _ if line.starts_with('#') => {}
            _ => {
                let (base, described) = &family;
                let sample = line.split(['{', ' ']).next().unwrap();
                let name = if described.kind == "histogram" { base } else { sample };
                let entry = found.entry(name.to_owned()).or_insert_with(|| described.clone());
                entry.labels.extend(labels(line).filter(|label| label != "le"));
            }
        }
    }
    found
}

fn labels(line: &str) -> impl Iterator<Item = String> {
    let labels = line.split_once('{').map_or("", |(_, labels)| labels);
    labels.split("=\"").filter_map(|text| {
        let name = text.rsplit(['"', ',', '{']).next()?;
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase());
        is_name.then(|| name.to_owned())
    })
}

fn list(described: &BTreeMap<String, Described>) -> String {
    let mut text =
        String::from("| metric | type | unit | labels | what it is |\n|---|---|---|---|---|\n");
    for (name, Described { kind, unit, labels, help }) in described {
        let labels: Vec<String> = labels.iter().map(|label| format!("`{label}`")).collect();
        let labels = labels.join(", ");
        writeln!(text, "| `{name}` | {kind} | {unit} | {labels} | {help} |").unwrap();
    }
    text
}

/// What the page lists.
pub(super) fn listed() -> BTreeMap<String, Described> {
    let page = fs::read_to_string(PAGE).unwrap();
    let (_, rest) = page.split_once(BEGIN).unwrap();
    let (listed, _) = rest.split_once(END).unwrap();
    let read = |row: &str| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [_, name, kind, unit, labels, help, _] = cells[..] else { panic!("{row}") };
        let labels = labels.split(", ").map(|label| label.trim_matches('`').to_owned());
        let labels = labels.filter(|label| !label.is_empty()).collect();
        let (kind, unit, help) = (kind.to_owned(), unit.to_owned(), help.to_owned());
        (name.trim_matches('`').to_owned(), Described { kind, unit, labels, help })
    };
    listed.lines().skip(2).map(read).collect()
}
