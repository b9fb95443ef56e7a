//! Many sign-ups at once: how long until all are active, and how many calls that takes.
//!
//! Beside it a baseline that does what the operators in circulation do, one tenant after another, in
//! another vendor's language against a simulator of its own with the same latencies. It makes no
//! secrets and proves nothing.

use std::{path::Path, process::Stdio, time::Duration};

use anyhow::{Context as _, ensure};
use futures_util::future::try_join_all;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::rig::{
    Goal, Plot, Report, Rig, Row, Series, Service,
    aws::{Aws, GROUP, GROUP_CHANGE, USER_CREATE},
    page::number,
    times,
    waiting::{sign_up, until_observed},
};

/// So many sign-ups at once. A user group holds 100 users, and a Redis group needs one more.
const SIZES: [usize; 3] = [1, 10, 99];
const QUICK_SIZES: [usize; 3] = [1, 3, 10];
/// So many attestations are made to know how long one takes.
const ATTESTATIONS: usize = 9;
/// AWS is faster here than in truth, and so are the looks at it.
pub(crate) const SETTINGS: &str = r#"
[reconciler]
poll_min = "20ms"
poll_max = "500ms"
"#;

const AT_MOST_IDEALS: f64 = 1.3;
const AT_LEAST_TIMES_FASTER: f64 = 30.0;
const AT_MOST_CALLS: f64 = 3.5;

/// What one burst showed.
struct Burst {
    tenants: usize,
    last_active: Duration,
    attestation: Duration,
    calls: Vec<(String, u64)>,
}

impl Burst {
    /// One user creation, as many group changes as cannot be avoided, and one attestation. The first
    /// user that is there sets a change off, and those that come later need a second one.
    fn ideal(&self) -> Duration {
        let changes = if self.tenants == 1 { 1 } else { 2 };
        USER_CREATE + GROUP_CHANGE * changes + self.attestation
    }

    fn n_calls(&self) -> u64 {
        self.calls.iter().map(|(_, count)| count).sum()
    }
}

pub(crate) async fn run(rig: &Rig) -> anyhow::Result<Report> {
    let mut bursts = Vec::new();
    for tenants in rig.size(SIZES, QUICK_SIZES) {
        bursts.push(burst(rig, tenants).await?);
    }
    let most = bursts.last().context("there are sizes")?.tenants;
    let baseline = baseline(rig, most).await?;
    Ok(report(&bursts, &baseline))
}

/// A service and an AWS of their own for each burst.
async fn burst(rig: &Rig, tenants: usize) -> anyhow::Result<Burst> {
    let directory = rig.directory()?;
    let aws = Aws::with_cache(directory.path()).await?;
    let sections = format!("{SETTINGS}{}", aws.cache_section()?);
    let service = Service::start(directory.path(), &aws.url(), &sections).await?;
    until_observed(&service).await?;
    aws.take_time();
    aws.control().clear_calls();
    let names: Vec<String> = (0..tenants).map(|n| format!("tenant-{n}")).collect();
    let active = try_join_all(names.iter().map(|name| sign_up(&service, name))).await?;
    let calls = aws.calls_by_operation().into_iter().collect();
    let attestation = attestation(&service, &names[0]).await?;
    drop(service);
    aws.shutdown().await;
    let last_active = active.into_iter().max().unwrap_or_default();
    Ok(Burst { tenants, last_active, attestation, calls })
}

/// How long one takes when nothing else is going on.
async fn attestation(service: &Service, name: &str) -> anyhow::Result<Duration> {
    let url = service.url(&format!("/tenants/{name}/attestations"));
    let mut durations = Vec::new();
    for _ in 0..ATTESTATIONS {
        let begun = std::time::Instant::now();
        let answer = service.client.post(&url).header("prefer", "wait=60").send().await?;
        let found: Value = answer.error_for_status()?.json().await?;
        durations.push(begun.elapsed());
        let verdict = &found["finding"]["verdict"];
        ensure!(verdict == "isolated", "an attestation of {name} found {verdict}");
    }
    Ok(times::median(&durations))
}

/// When each tenant of the baseline was done, from its beginning.
async fn baseline(rig: &Rig, tenants: usize) -> anyhow::Result<Vec<Duration>> {
    let directory = rig.directory()?;
    let aws = Aws::with_cache(directory.path()).await?;
    aws.take_time();
    let python = std::env::var_os("RINGFENCE_PYTHON");
    let python = python.unwrap_or_else(|| rig.file("target/venv/bin/python").into());
    let output = Command::new(&python)
        .arg(rig.file("benches/baseline/one_after_another.py"))
        .args([aws.url(), GROUP.to_owned(), aws.engine(), tenants.to_string()])
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .kill_on_drop(true)
        .output()
        .await
        .with_context(|| format!("{}: run `make engines`", Path::new(&python).display()))?;
    ensure!(output.status.success(), "the baseline failed");
    let seconds: Vec<f64> = serde_json::from_slice(&output.stdout)?;
    ensure!(seconds.len() == tenants, "the baseline made {} of {tenants}", seconds.len());
    aws.shutdown().await;
    Ok(seconds.into_iter().map(Duration::from_secs_f64).collect())
}

#[expect(clippy::cast_precision_loss, reason = "counts of tenants and calls are small")]
fn report(bursts: &[Burst], baseline: &[Duration]) -> Report {
    let (mut rows, mut details, mut data) = (Vec::new(), Vec::new(), Vec::new());
    for burst in bursts {
        let Burst { tenants, last_active, .. } = burst;
        let (ideal, alone) = (burst.ideal(), baseline[tenants - 1]);
        let per_tenant = burst.n_calls() as f64 / *tenants as f64;
        details.push(vec![
            tenants.to_string(),
            times::text(*last_active),
            times::text(ideal),
            times::text(alone),
            number(per_tenant),
            calls_in_words(&burst.calls),
        ]);
        data.push(json!({
            "tenants": tenants,
            "seconds": last_active.as_secs_f64(),
            "ideal_seconds": ideal.as_secs_f64(),
            "baseline_seconds": alone.as_secs_f64(),
            "attestation_seconds": burst.attestation.as_secs_f64(),
            "calls": burst.calls,
        }));
    }
    if let Some(burst) = bursts.last() {
        rows = goals(burst, baseline[burst.tenants - 1]);
    }
    let headings =
        vec!["sign-ups at once", "all active", "ideal", "one after another", "calls each", "calls"];
    Report::new("burst", rows, data.into())
        .with_table(headings, details)
        .with_plot(plot(bursts, baseline))
}

#[expect(clippy::cast_precision_loss, reason = "counts of tenants and calls are small")]
fn goals(burst: &Burst, alone: Duration) -> Vec<Row> {
    let (n, ideal, last) = (burst.tenants, burst.ideal(), burst.last_active);
    vec![
        Row::new(
            format!("{n} sign-ups at once, until all are active"),
            last.as_secs_f64() / ideal.as_secs_f64(),
            Some(Goal::AtMost(AT_MOST_IDEALS)),
        )
        .of(times::text(last), format!("the ideal, {}", times::text(ideal))),
        Row::new(
            format!("{n} sign-ups at once, times faster"),
            alone.as_secs_f64() / last.as_secs_f64(),
            Some(Goal::AtLeast(AT_LEAST_TIMES_FASTER)),
        )
        .of(times::text(last), format!("one after another, {}", times::text(alone))),
        Row::new(
            "AWS calls in that burst, polls included",
            burst.n_calls() as f64 / n as f64,
            Some(Goal::AtMost(AT_MOST_CALLS)),
        )
        .of(format!("{} calls", burst.n_calls()), format!("{n} tenants")),
    ]
}

fn calls_in_words(calls: &[(String, u64)]) -> String {
    let words: Vec<_> = calls.iter().map(|(name, count)| format!("{count} {name}")).collect();
    words.join(", ")
}

#[expect(clippy::cast_precision_loss, reason = "counts of tenants are small")]
fn plot(bursts: &[Burst], baseline: &[Duration]) -> Plot {
    let line = |name, time: &dyn Fn(&Burst) -> Duration| Series {
        name,
        points: bursts.iter().map(|b| (b.tenants as f64, time(b).as_secs_f64())).collect(),
    };
    Plot {
        file: "burst.svg",
        title: "Sign-ups at once, until all are active",
        across: "sign-ups at once",
        up: "seconds",
        series: vec![
            line("Ringfence", &|burst| burst.last_active),
            line("one after another", &|burst| baseline[burst.tenants - 1]),
            line("ideal", &Burst::ideal),
        ],
    }
}
