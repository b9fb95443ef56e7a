//! One sign-up per second: how long each waits.
//!
//! A change of the group that is under way cannot be joined. Whoever comes right after its beginning
//! waits for its end and for the next one, so that two changes are what cannot be avoided.

use std::time::Duration;

use futures_util::future::try_join_all;
use serde_json::json;

use crate::{
    burst::SETTINGS,
    rig::{
        Goal, Report, Rig, Row, Service,
        aws::{Aws, GROUP_CHANGE},
        times,
        waiting::{sign_up, until_observed},
    },
};

/// Sign-ups, one per second.
const SIGN_UPS: u32 = 60;
const QUICK_SIGN_UPS: u32 = 5;
const APART: Duration = Duration::from_secs(1);

const AT_MOST_CHANGES: f64 = 2.2;

pub(crate) async fn run(rig: &Rig) -> anyhow::Result<Report> {
    let directory = rig.directory()?;
    let aws = Aws::with_cache(directory.path()).await?;
    let sections = format!("{SETTINGS}{}", aws.cache_section()?);
    let service = Service::start(directory.path(), &aws.url(), &sections).await?;
    until_observed(&service).await?;
    aws.take_time();
    aws.control().clear_calls();
    let sign_ups = rig.size(SIGN_UPS, QUICK_SIGN_UPS);
    let service = &service;
    let waits = try_join_all((0..sign_ups).map(async |n| {
        tokio::time::sleep(APART * n).await;
        sign_up(service, &format!("tenant-{n}")).await
    }))
    .await?;
    let changes = aws.calls_by_operation().get("ModifyUserGroup").copied().unwrap_or_default();
    Ok(report(&waits, changes))
}

fn report(waits: &[Duration], changes: u64) -> Report {
    let p99 = times::quantile(waits, 99);
    let row = Row::new(
        format!("{} sign-ups, one per second, p99 until active", waits.len()),
        p99.as_secs_f64() / GROUP_CHANGE.as_secs_f64(),
        Some(Goal::AtMost(AT_MOST_CHANGES)),
    )
    .of(times::text(p99), format!("a group change, {}", times::text(GROUP_CHANGE)));
    let quantiles = [("median", 50), ("p90", 90), ("p99", 99)];
    let details = quantiles
        .iter()
        .map(|(name, percent)| {
            vec![(*name).to_owned(), times::text(times::quantile(waits, *percent))]
        })
        .chain([vec!["group changes".to_owned(), changes.to_string()]])
        .collect();
    let seconds: Vec<f64> = waits.iter().map(Duration::as_secs_f64).collect();
    let data = json!({ "seconds": seconds, "group_changes": changes });
    Report::new("trickle", vec![row], data).with_table(vec!["", "until active"], details)
}
