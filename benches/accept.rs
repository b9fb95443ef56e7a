//! Sign-ups acknowledged per second, each on the disk before it is answered.
//!
//! Secrets Manager does not answer, so that the work on those that are accepted stops at its first
//! step and what is measured is the way from a request to its answer. The caches have room for all.
//! The measure is what bare SQLite commits per second, one row after another, on the same disk at the
//! same `synchronous = FULL`; it is taken before and after, because disks have moods.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use ringfence_simulator::{Answer, Fault, SeedGroup, Service as AwsService, When};
use serde_json::json;
use sqlx::{
    Connection as _, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use crate::rig::{
    Goal, Report, Rig, Row, Service,
    aws::Aws,
    load::{Load, post},
    page::number,
    waiting::until_observed,
};

const CLIENTS: usize = 64;
const LASTS: Duration = Duration::from_secs(10);
const QUICK: Duration = Duration::from_secs(1);
/// Tenants that name no cache are spread over them.
const CACHES: usize = 10;
/// Of each cache: more than can be accepted in the time.
const ROOM: usize = 1_000_000;
/// As long as the row of a tenant.
const ROW_BYTES: usize = 300;
const SETTINGS: &str = r#"
[reconciler]
call_timeout = "10m"
"#;

const AT_LEAST_TIMES_BARE: f64 = 3.0;

pub(crate) async fn run(rig: &Rig) -> anyhow::Result<Report> {
    let directory = rig.directory()?;
    let lasts = rig.size(LASTS, QUICK);
    let before = bare_commits(&directory.path().join("before.db"), lasts / 2).await?;
    let accepted = accepted(directory.path(), lasts).await?;
    let after = bare_commits(&directory.path().join("after.db"), lasts / 2).await?;
    let bare = f64::midpoint(before, after);
    let row = Row::new(
        format!("sign-ups accepted durably, {CLIENTS} clients"),
        accepted / bare,
        Some(Goal::AtLeast(AT_LEAST_TIMES_BARE)),
    )
    .of(
        format!("{} per second", number(accepted)),
        format!("bare SQLite, {} commits per second", number(bare)),
    );
    let data = json!({
        "accepted_per_second": accepted,
        "bare_commits_per_second": { "before": before, "after": after },
    });
    Ok(Report::new("accept", vec![row], data))
}

/// Sign-ups per second, each under a name of its own.
async fn accepted(directory: &Path, lasts: Duration) -> anyhow::Result<f64> {
    let group = |n| SeedGroup { user_group: format!("group-{n}"), members: Vec::new() };
    let aws = Aws::with_groups(directory, (0..CACHES).map(group).collect()).await?;
    let sections = format!("{SETTINGS}{}", cache_sections(&aws));
    let service = Service::start(directory, &aws.url(), &sections).await?;
    until_observed(&service).await?;
    aws.control().add_fault(Fault {
        service: Some(AwsService::SecretsManager),
        operation: None,
        when: When::Delay,
        answer: Answer::default(),
        skip: 0,
        count: None,
        probability: None,
    });
    let load = Load { clients: CLIENTS, lasts, status: 202 };
    let address = service.address;
    let sign_up =
        move |client, n| post(address, "/tenants", &format!(r#"{{"name":"client-{client}-{n}"}}"#));
    let accepted = load.per_second(service.address, sign_up).await?;
    drop(service);
    aws.shutdown().await;
    Ok(accepted)
}

fn cache_sections(aws: &Aws) -> String {
    let section = |n| {
        format!(
            r#"
[[caches]]
name = "cache-{n}"
user_group = "group-{n}"
replication_group = "nodes-{n}"
host = "127.0.0.1"
port = 6379
tls = false
engine = "{}"
engine_version = "{}"
cluster_mode = true
verify = "off"
user_quota = {ROOM}
"#,
            aws.engine(),
            aws.engine_version()
        )
    };
    (0..CACHES).map(section).collect()
}

/// Commits per second of one row each, by nobody but SQLite.
async fn bare_commits(file: &Path, lasts: Duration) -> anyhow::Result<f64> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let mut database = SqliteConnection::connect_with(&options).await?;
    let table = "CREATE TABLE rows (id INTEGER NOT NULL PRIMARY KEY, row TEXT NOT NULL) STRICT";
    sqlx::query(table).execute(&mut database).await?;
    let row = "x".repeat(ROW_BYTES);
    let (begun, mut commits) = (Instant::now(), 0_u32);
    while begun.elapsed() < lasts {
        let insert = sqlx::query("INSERT INTO rows (row) VALUES ($1)").bind(&row);
        insert.execute(&mut database).await?;
        commits += 1;
    }
    let elapsed = begun.elapsed();
    database.close().await?;
    Ok(f64::from(commits) / elapsed.as_secs_f64())
}
