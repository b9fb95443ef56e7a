//! What the example does with its connection.

use std::time::Duration;

use redis::cmd;
use serde_json::{Value, json};
use tokio::time::{MissedTickBehavior, interval};

use super::tenant::{Sending, Tenant, TenantError};

/// What to write, and how often.
pub(crate) struct Task {
    /// Such as `acme:progress`.
    pub(crate) key: String,
    /// The time from one request to the next.
    pub(crate) pace: Duration,
}

/// Uses the cache at a steady pace until it is told to stop. Says which versions of the secret it
/// comes to use, and at the end how it went.
pub(crate) async fn work(
    tenant: &Tenant,
    task: &Task,
    stop: impl Future,
    mut say: impl FnMut(Value),
) -> Result<(), TenantError> {
    let runs = format!("{}:runs", task.key);
    let _: u64 = tenant.run(cmd("INCR").arg(&runs), Sending::Once).await?;

    let (mut requests, mut failures) = (0_u64, 0_u64);
    let mut versions: Vec<String> = Vec::new();
    let mut ticks = interval(task.pace);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    tokio::pin!(stop);
    loop {
        tokio::select! {
            _ = &mut stop => break,
            _ = ticks.tick() => {}
        }
        requests += 1;
        let mut set = cmd("SET");
        set.arg(&task.key).arg(requests);
        if let Err(error) = tenant.run::<()>(&set, Sending::UntilDone).await {
            failures += 1;
            say(json!({ "failure": error.to_string() }));
            continue;
        }
        // What was just done was done with the login that was made last.
        let version = tenant.logins().await.version;
        if !versions.contains(&version) {
            say(json!({ "version": version }));
            versions.push(version);
        }
    }
    let logins = tenant.logins().await.count;
    say(json!({
        "requests": requests, "failures": failures, "logins": logins, "versions": versions,
    }));
    Ok(())
}
