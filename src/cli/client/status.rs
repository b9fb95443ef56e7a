//! `ringfence status`

use std::{
    io::{self, IsTerminal as _},
    process::ExitCode,
    time::Duration,
};

use clap::Args;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::{
    EXIT_CODES,
    connection::ConnectionArgs,
    ended,
    error::ClientError,
    fleet::Fleet,
    output::{Output, Table, put},
    service::{Call, Service},
    tenant::Tenant,
};

/// Show how a running service does: caches and their queues, what is blocked, what is being rotated.
///
/// Needs the scope tenants:read for all tenants.
#[derive(Debug, Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
pub(in crate::cli) struct StatusArgs {
    /// Show it again every other second, or every so many, until it is interrupted
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = "2", value_parser = clap::value_parser!(u64).range(1..=3600))]
    watch: Option<u64>,

    #[command(flatten)]
    connection: ConnectionArgs,
}

const EXAMPLES: &str = "\
Examples:
  ringfence status
  ringfence status --watch
  ringfence status --output json | jq '.caches[].queue_depth'";

/// Moves to the upper left corner and wipes what is below: what a terminal has done since the VT100.
const WIPE: &str = "\x1b[H\x1b[J";

/// How the service does, as it has answered.
struct Standing {
    caches: Value,
    blocked: Value,
    fleet_rotations: Value,
}

#[derive(Debug, Deserialize)]
struct Cache {
    name: String,
    tenants: u64,
    users: u64,
    queue_depth: u64,
    user_quota: u32,
    headroom: Option<u64>,
    days_to_full: Option<u64>,
    draining: bool,
    observed: Option<Observed>,
    failure: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Observed {
    user_group_status: String,
}

impl StatusArgs {
    pub(in crate::cli) async fn run(self) -> ExitCode {
        ended(self.ask().await)
    }

    async fn ask(self) -> Result<(), ClientError> {
        let (service, output) = self.connection.open()?;
        let wipe = if io::stdout().is_terminal() { WIPE } else { "" };
        loop {
            let standing = Standing::ask(&service).await?;
            let told = standing.told(&service, output)?;
            let Some(seconds) = self.watch else {
                return put(&told);
            };
            put(&format!("{wipe}{told}"))?;
            sleep(Duration::from_secs(seconds)).await;
        }
    }
}

impl Standing {
    async fn ask(service: &Service) -> Result<Self, ClientError> {
        let mut caches = service.ask(Call::get("/caches")).await?;
        let blocked = || Call::get("/tenants").query("status", Some("blocked"));
        let mut blocked = service.list(blocked).await?;
        let mut fleets = service.list(|| Call::get("/rotations")).await?;
        if let Some(fleets) = fleets["items"].as_array_mut() {
            fleets.retain(|fleet| service.parse(fleet).is_ok_and(|fleet: Fleet| fleet.is_open()));
        }
        Ok(Self {
            caches: caches["items"].take(),
            blocked: blocked["items"].take(),
            fleet_rotations: fleets["items"].take(),
        })
    }

    fn told(&self, service: &Service, output: Output) -> Result<String, ClientError> {
        let Self { caches, blocked, fleet_rotations } = self;
        if output == Output::Json {
            // On one line, so that a watch is a stream of documents.
            let all = json!({
                "caches": caches, "blocked": blocked, "fleet_rotations": fleet_rotations,
            });
            return Ok(format!("{all}\n"));
        }
        let caches: Vec<Cache> = service.parse(caches)?;
        let blocked: Vec<Tenant> = service.parse(blocked)?;
        let fleets: Vec<Fleet> = service.parse(fleet_rotations)?;
        let mut tables = vec![table_of_caches(&caches).to_string()];
        if !blocked.is_empty() {
            tables.push(table_of_blocked(&blocked).to_string());
        }
        if !fleets.is_empty() {
            tables.push(Fleet::list(&fleets).to_string());
        }
        Ok(tables.join("\n"))
    }
}

fn table_of_caches(caches: &[Cache]) -> Table {
    let mut table = Table::new([
        "CACHE", "TENANTS", "USERS", "QUEUE", "PLACES", "FREE", "FULL IN", "GROUP", "REMARK",
    ]);
    for cache in caches {
        let remark = match (&cache.failure, cache.draining) {
            (Some(failure), _) => failure.as_str(),
            (None, true) => "takes no new tenants",
            (None, false) => "",
        };
        table.row([
            cache.name.clone(),
            cache.tenants.to_string(),
            cache.users.to_string(),
            cache.queue_depth.to_string(),
            cache.user_quota.to_string(),
            cache.headroom.map(|free| free.to_string()).unwrap_or_default(),
            cache.days_to_full.map(|days| format!("{days} days")).unwrap_or_default(),
            cache.observed.as_ref().map_or("not seen", |it| &it.user_group_status).to_owned(),
            remark.to_owned(),
        ]);
    }
    table
}

fn table_of_blocked(tenants: &[Tenant]) -> Table {
    let mut table = Table::new(["BLOCKED TENANT", "CACHE", "USER", "PROBLEM", "DETAIL"]);
    for tenant in tenants {
        let problem = tenant.problem.as_ref();
        table.row([
            tenant.name.clone(),
            tenant.cache.clone(),
            problem.map(|problem| problem.user.clone()).unwrap_or_default(),
            problem.map(|problem| problem.title.clone()).unwrap_or_default(),
            problem.map(|problem| problem.detail.clone()).unwrap_or_default(),
        ]);
    }
    table
}
