//! One engine that is up, and the connection that rules it.

use std::time::Duration;

use redis::RedisResult;

use super::admin::Admin;
use super::engines::EngineError;
use super::ports;
use super::process::{Company, Launch, Launcher, Process};
use crate::elasticache::Accounts;

/// How often, and how far apart, a new engine is asked whether it is up: ten seconds in all.
const ATTEMPTS: u32 = 200;
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(50);

#[derive(Debug)]
pub(super) struct Node {
    pub(super) process: Process,
    pub(super) admin: Admin,
}

impl Node {
    /// Starts an engine and waits until it is up.
    pub(super) async fn start(
        launcher: &Launcher,
        cache: &str,
        launch: Launch<'_>,
    ) -> Result<Self, EngineError> {
        let process = Process::start(launcher, launch)
            .map_err(|source| EngineError::NotStarted { cache: cache.to_owned(), source })?;
        let address = process.address;
        for _ in 0..ATTEMPTS {
            if !process.is_running() {
                break;
            }
            // Another program on the port, also another of our engines, has another password.
            if let Ok(admin) = process.log_in().await {
                tracing::info!(cache, %address, "engine is up");
                return Ok(Self { process, admin });
            }
            tokio::time::sleep(BETWEEN_ATTEMPTS).await;
        }
        let last_words = process.last_words();
        Err(EngineError::NotUp { cache: cache.to_owned(), address, last_words })
    }

    /// Makes the engine's users these and no others. A connection may have died with nobody to
    /// blame: one more is tried.
    pub(super) async fn obey(&mut self, accounts: &Accounts) -> RedisResult<()> {
        if self.admin.apply(accounts).await.is_ok() {
            return Ok(());
        }
        self.admin = self.process.log_in().await?;
        self.admin.apply(accounts).await
    }
}

/// Waits until nobody listens where an engine wants to, but not for ever: when a simulator was
/// killed, its engines are still saving their data while the next simulator starts.
pub(super) async fn wait_for_port(port: u16, company: Company) {
    for _ in 0..ATTEMPTS {
        if ports::are_free(port, company == Company::Cluster) {
            return;
        }
        tokio::time::sleep(BETWEEN_ATTEMPTS).await;
    }
}
