//! A fleet: how long the service needs to start, what one look at everything costs when there is
//! nothing to do, and how much memory it has meanwhile.
//!
//! The look that is measured is the one that every start begins with. AWS holds all the users and
//! groups that the database says; nothing takes time there but the work itself.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::json;

use crate::rig::{
    Goal, Plot, Report, Rig, Row, Series, Service, aws::Aws, stored::Stored, times,
    waiting::has_observed,
};

/// Tenants and caches. Each cache holds about 95.
const SIZES: [Stored; 3] = [
    Stored { tenants: 1_000, caches: 11 },
    Stored { tenants: 10_000, caches: 105 },
    Stored { tenants: 100_000, caches: 1_050 },
];
const QUICK_SIZES: [Stored; 3] = [
    Stored { tenants: 10, caches: 1 },
    Stored { tenants: 100, caches: 2 },
    Stored { tenants: 300, caches: 4 },
];
/// A look that has not ended by then is counted as one that never ends.
const LOOK_LIMIT: Duration = Duration::from_mins(2);
/// Nor does one that takes more than this.
const LOOK_LIMIT_MB: u32 = 4_000;
/// Without a call for so long, a look has ended.
const QUIET: Duration = Duration::from_secs(2);
/// The defaults, and a look is not to be held up by the pace of anything else.
const SETTINGS: &str = "";

const READY_SECONDS: f64 = 2.0;
const PEAK_MB: u32 = 300;
/// Users on a page of `DescribeUsers`.
const PAGE: usize = 100;

/// What one start showed.
struct Start {
    stored: Stored,
    ready_after: Duration,
    look: Look,
    rest_mb: u32,
    peak_mb: u32,
}

/// One look at everything.
struct Look {
    calls: u64,
    lasted: Duration,
    has_ended: bool,
}

impl Start {
    /// As many calls as there are pages of users, and groups.
    fn calls_allowed(&self) -> usize {
        // Every account has one user from its beginning.
        (self.stored.tenants + 1).div_ceil(PAGE) + self.stored.caches
    }
}

pub(crate) async fn run(rig: &Rig) -> anyhow::Result<Report> {
    let mut starts = Vec::new();
    for stored in rig.size(SIZES, QUICK_SIZES) {
        starts.push(start(rig, stored).await?);
    }
    report(&starts)
}

async fn start(rig: &Rig, stored: Stored) -> anyhow::Result<Start> {
    let directory = rig.directory()?;
    let pattern = stored.write(directory.path()).await?;
    let aws = Aws::with_groups(directory.path(), stored.groups(&pattern)).await?;
    let sections = format!("{SETTINGS}{}", stored.cache_sections(&pattern));
    let service = Service::start(directory.path(), &aws.url(), &sections).await?;
    let look = first_look(&aws, &service).await?;
    let memory = service.memory()?;
    let ready_after = service.ready_after;
    drop(service);
    aws.shutdown().await;
    let (rest_mb, peak_mb) = (memory.now_mb, memory.peak_mb);
    Ok(Start { stored, ready_after, look, rest_mb, peak_mb })
}

/// Waits until no call has come for a while and every cache was seen. How long it lasted is counted
/// from its first call to its last.
async fn first_look(aws: &Aws, service: &Service) -> anyhow::Result<Look> {
    let begun = Instant::now();
    let (mut calls, mut since, mut has_ended) = (0, begun, false);
    while !has_ended && begun.elapsed() < LOOK_LIMIT && service.memory()?.now_mb < LOOK_LIMIT_MB {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let now = aws.control().call_count();
        if now != calls {
            (calls, since) = (now, Instant::now());
        } else if since.elapsed() >= QUIET {
            has_ended = has_observed(service).await?;
            since = Instant::now();
        }
    }
    let log = aws.control().calls();
    let (first, last) = log.first().zip(log.last()).context("nobody has looked at AWS")?;
    Ok(Look { calls, lasted: last.at.duration_since(first.at).unsigned_abs(), has_ended })
}

fn report(starts: &[Start]) -> anyhow::Result<Report> {
    let most = starts.last().context("there are sizes")?;
    let headings =
        vec!["tenants", "caches", "ready after", "calls", "look", "memory at rest", "at peak"];
    let row = |start: &Start| {
        vec![
            start.stored.tenants.to_string(),
            start.stored.caches.to_string(),
            times::text(start.ready_after),
            start.look.calls.to_string(),
            if start.look.has_ended {
                times::text(start.look.lasted)
            } else {
                "not ended".to_owned()
            },
            format!("{} MB", start.rest_mb),
            format!("{} MB", start.peak_mb),
        ]
    };
    let data = |start: &Start| {
        json!({
            "tenants": start.stored.tenants,
            "caches": start.stored.caches,
            "ready_seconds": start.ready_after.as_secs_f64(),
            "look": {
                "calls": start.look.calls,
                "seconds": start.look.lasted.as_secs_f64(),
                "has_ended": start.look.has_ended,
            },
            "memory_mb": { "at_rest": start.rest_mb, "at_peak": start.peak_mb },
        })
    };
    Ok(Report::new("fleet", goals(most), starts.iter().map(data).collect())
        .with_table(headings, starts.iter().map(row).collect())
        .with_plot(plot(starts)))
}

#[expect(clippy::cast_precision_loss, reason = "a million calls fit exactly")]
fn goals(start: &Start) -> Vec<Row> {
    let Stored { tenants, caches } = start.stored;
    let (look, allowed) = (&start.look, start.calls_allowed());
    let (calls, result) = if look.has_ended {
        (look.calls as f64, format!("{} calls in {}", look.calls, times::text(look.lasted)))
    } else {
        (f64::INFINITY, format!("not ended after {} calls", look.calls))
    };
    vec![
        Row::new(
            format!("{tenants} tenants on {caches} caches, ready"),
            start.ready_after.as_secs_f64() / READY_SECONDS,
            Some(Goal::AtMost(1.0)),
        )
        .of(times::text(start.ready_after), format!("{READY_SECONDS} s")),
        Row::new("one look at all of them", calls / allowed as f64, Some(Goal::AtMost(1.0)))
            .of(result, format!("pages and groups, {allowed}")),
        Row::new(
            "memory at its peak, that look included",
            f64::from(start.peak_mb) / f64::from(PEAK_MB),
            Some(Goal::AtMost(1.0)),
        )
        .of(format!("{} MB, {} MB at rest", start.peak_mb, start.rest_mb), format!("{PEAK_MB} MB")),
    ]
}

fn plot(starts: &[Start]) -> Plot {
    let line = |name, of: &dyn Fn(&Start) -> f64| {
        #[expect(clippy::cast_precision_loss, reason = "a hundred thousand fit exactly")]
        let points = starts.iter().map(|start| (start.stored.tenants as f64, of(start))).collect();
        Series { name, points }
    };
    Plot {
        file: "fleet.svg",
        title: "A start and one look at everything, by tenants stored",
        across: "tenants stored",
        up: "seconds, megabytes",
        series: vec![
            line("seconds until ready", &|start| start.ready_after.as_secs_f64()),
            line("megabytes at peak", &|start| start.peak_mb.into()),
        ],
    }
}
