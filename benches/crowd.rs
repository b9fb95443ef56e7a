//! A crowd: mixed reads at a steady pace for a minute while tenants sign up, and many connections on
//! which nobody says anything.
//!
//! A request is due at its time whether or not those before it are answered, so a service that falls
//! behind is seen to.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context as _, ensure};
use futures_util::future::try_join_all;
use serde_json::json;

use crate::{
    burst::SETTINGS,
    rig::{
        Goal, Report, Rig, Row, Service,
        aws::Aws,
        load::get,
        paced::{self, Outcome, Pace},
        page::number,
        stored::{Stored, name},
        times,
        waiting::sign_up,
    },
};

const STORED: Stored = Stored { tenants: 10_000, caches: 105 };
const QUICK_STORED: Stored = Stored { tenants: 100, caches: 2 };
const PACE: Pace = Pace { per_second: 2_000, connections: 64, lasts: Duration::from_mins(1) };
const QUICK_PACE: Pace = Pace { lasts: Duration::from_secs(3), ..PACE };
/// One sign-up for so many reads.
const SIGN_UPS_APART: Duration = Duration::from_millis(500);
/// The same before memory is looked at for the first time: all that is kept is there by then, and all that
/// is done at once was done at once.
const WARM_UP: Pace = Pace { lasts: Duration::from_mins(1), ..PACE };
const QUICK_WARM_UP: Pace = Pace { lasts: Duration::from_secs(1), ..PACE };
/// Memory is looked at so often meanwhile.
const LOOKS: u32 = 6;

/// Connections without requests. Both processes need a file for each.
const IDLE: usize = 10_000;
const QUICK_IDLE: usize = 200;
/// For so long nothing is said on them.
const SILENCE: Duration = Duration::from_secs(20);
const QUICK_SILENCE: Duration = Duration::from_secs(1);

const AT_LEAST_OF_PACE: f64 = 0.99;
const AT_MOST_OF_MEMORY: f64 = 1.2;

/// What was seen.
struct Crowd {
    pace: Pace,
    outcome: Outcome,
    sign_ups: Vec<Duration>,
    /// From the beginning of the minute to its end.
    memory_mb: Vec<u32>,
    idle: usize,
    idle_answering: usize,
    memory_idle_mb: u32,
}

pub(crate) async fn run(rig: &Rig) -> anyhow::Result<Report> {
    let directory = rig.directory()?;
    let stored = rig.size(STORED, QUICK_STORED);
    let pattern = stored.write(directory.path()).await?;
    let aws = Aws::with_groups(directory.path(), stored.groups(&pattern)).await?;
    let sections = format!("{SETTINGS}{}", stored.cache_sections(&pattern));
    let service = Service::start(directory.path(), &aws.url(), &sections).await?;
    aws.take_time();

    let address = service.address;
    let read = move |n| mixed(address, n, stored.tenants);
    let warm_up = rig.size(WARM_UP, QUICK_WARM_UP);
    tokio::try_join!(
        warm_up.run(service.address, read),
        sign_ups(&service, "early", warm_up.lasts)
    )?;
    let pace = rig.size(PACE, QUICK_PACE);
    let (outcome, sign_ups, memory_mb) = tokio::try_join!(
        pace.run(service.address, read),
        sign_ups(&service, "newcomer", pace.lasts),
        memory(&service, pace.lasts)
    )?;

    let idle = rig.size(IDLE, QUICK_IDLE);
    let look = get(service.address, "/livez");
    let mut connections = paced::open(service.address, idle, &look).await?;
    tokio::time::sleep(rig.size(SILENCE, QUICK_SILENCE)).await;
    let memory_idle_mb = service.memory()?.now_mb;
    let idle_answering = connections.answering(&look).await;
    let crowd = Crowd { pace, outcome, sign_ups, memory_mb, idle, idle_answering, memory_idle_mb };
    report(&crowd)
}

/// What dashboards and people ask for, the n-th of it.
fn mixed(address: SocketAddr, n: u32, stored: usize) -> Vec<u8> {
    let tenant = name((n as usize * 61_803) % stored);
    let path = match n % 20 {
        0 => "/tenants?limit=50".to_owned(),
        1 => "/tenants?status=active&limit=20".to_owned(),
        2 => format!("/tenants/{tenant}/rotations"),
        3 => format!("/tenants/{tenant}/attestations"),
        4 => "/caches/cache-0000".to_owned(),
        5 => "/drift".to_owned(),
        6 => "/readyz".to_owned(),
        _ => format!("/tenants/{tenant}"),
    };
    get(address, &path)
}

/// How much memory there is now, and after each part of this time.
async fn memory(service: &Service, lasts: Duration) -> anyhow::Result<Vec<u32>> {
    let mut looks = vec![service.memory()?.now_mb];
    for _ in 0..LOOKS {
        tokio::time::sleep(lasts / LOOKS).await;
        looks.push(service.memory()?.now_mb);
    }
    Ok(looks)
}

/// Signs up one tenant after another, whoever is still waiting.
async fn sign_ups(
    service: &Service,
    whose: &str,
    lasts: Duration,
) -> anyhow::Result<Vec<Duration>> {
    let n_sign_ups = u32::try_from(lasts.as_millis() / SIGN_UPS_APART.as_millis())?;
    try_join_all((0..n_sign_ups).map(async |n| {
        tokio::time::sleep(SIGN_UPS_APART * n).await;
        sign_up(service, &format!("{whose}-{n}")).await
    }))
    .await
}

fn report(crowd: &Crowd) -> anyhow::Result<Report> {
    let Crowd { pace, outcome, sign_ups, .. } = crowd;
    ensure!(!outcome.waits.is_empty(), "nothing was asked");
    let asked = f64::from(u32::try_from(outcome.waits.len())?);
    let failed = f64::from(u32::try_from(outcome.n_failed)?);
    let failures = Row::new("mixed reads that failed", failed / asked, Some(Goal::AtMost(0.0)))
        .of(outcome.n_failed.to_string(), format!("all {}", outcome.waits.len()));
    // Who is late at the end has fallen behind by as much.
    let slowest = outcome.waits.iter().max().copied().unwrap_or_default();
    let per_second = asked / (pace.lasts + slowest).as_secs_f64();
    let kept = Row::new(
        format!("mixed reads answered, {} sign-ups meanwhile", sign_ups.len()),
        per_second / f64::from(pace.per_second),
        Some(Goal::AtLeast(AT_LEAST_OF_PACE)),
    )
    .of(
        format!("{} per second", number(per_second)),
        format!("asked, {} per second", pace.per_second),
    );
    let (before, after) = (crowd.memory_mb.first(), crowd.memory_mb.last());
    let (before, after) = before.zip(after).context("memory was not looked at")?;
    let memory = Row::new(
        "memory after that",
        f64::from(*after) / f64::from(*before),
        Some(Goal::AtMost(AT_MOST_OF_MEMORY)),
    )
    .of(format!("{after} MB"), format!("before, {before} MB"));
    let (held, idle) = (u32::try_from(crowd.idle_answering)?, u32::try_from(crowd.idle)?);
    let connections = Row::new(
        "idle connections that still answer",
        f64::from(held) / f64::from(idle),
        Some(Goal::AtLeast(1.0)),
    )
    .of(held.to_string(), format!("opened, {idle}"));
    let quantiles = [50, 90, 99].map(|percent| {
        let of = |waits: &[Duration]| times::text(times::quantile(waits, percent));
        vec![format!("p{percent}"), of(&outcome.waits), of(sign_ups)]
    });
    let data = json!({
        "asked": outcome.waits.len(),
        "failed": outcome.n_failed,
        "first_failures": outcome.failures,
        "per_second": per_second,
        "read_p50_seconds": times::quantile(&outcome.waits, 50).as_secs_f64(),
        "read_p99_seconds": times::quantile(&outcome.waits, 99).as_secs_f64(),
        "sign_ups": sign_ups.len(),
        "memory_mb": crowd.memory_mb,
        "memory_idle_mb": crowd.memory_idle_mb,
        "idle_connections": [idle, held],
    });
    let table = quantiles.into_iter().chain([vec![
        format!("memory with {idle} idle connections"),
        format!("{} MB", crowd.memory_idle_mb),
        String::new(),
    ]]);
    Ok(Report::new("crowd", vec![failures, kept, memory, connections], data)
        .with_table(vec!["", "a read", "until a tenant is active"], table.collect()))
}
