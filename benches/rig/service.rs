//! The service as a process of its own, so that its memory is its own.

use std::{
    fs::File,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use reqwest::Client;
use serde_json::Value;

use super::{http, machine};

/// Longer than any start takes.
const START_LIMIT: Duration = Duration::from_mins(2);

/// `ringfence serve`, killed when it is dropped.
#[derive(Debug)]
pub(crate) struct Service {
    child: Child,
    pub(crate) address: SocketAddr,
    /// From its beginning until it was ready.
    pub(crate) ready_after: Duration,
    pub(crate) client: Client,
}

/// Resident memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Memory {
    pub(crate) now_mb: u32,
    pub(crate) peak_mb: u32,
}

impl Service {
    /// Starts it and waits until it is ready. `sections` are the tables of its configuration; the
    /// database is `ringfence.db` in the directory, and the log is left there.
    pub(crate) async fn start(
        directory: &Path,
        aws_url: &str,
        sections: &str,
    ) -> anyhow::Result<Self> {
        let address = free_address()?;
        let file = directory.join("ringfence.toml");
        std::fs::write(&file, configuration(directory, address, aws_url, sections))?;
        let begun = Instant::now();
        let mut child = Command::new(env!("CARGO_BIN_EXE_ringfence"))
            .args(["serve", "--config"])
            .arg(&file)
            .env_clear()
            .env("AWS_ACCESS_KEY_ID", "bench")
            .env("AWS_SECRET_ACCESS_KEY", "bench")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(directory.join("ringfence.log"))?)
            .spawn()
            .context("ringfence cannot be started")?;
        while !http::answers(address, "/readyz").await {
            if let Some(status) = child.try_wait()? {
                let log = std::fs::read_to_string(directory.join("ringfence.log"))?;
                bail!("ringfence ended with {status}: {log}");
            }
            if begun.elapsed() > START_LIMIT {
                child.kill()?;
                bail!("ringfence was not ready after {START_LIMIT:?}");
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let ready_after = begun.elapsed();
        Ok(Self { child, address, ready_after, client: Client::new() })
    }

    /// The whole URL of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What it answers, which must be a success.
    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<Value> {
        let answer = self.client.get(self.url(path)).send().await?;
        Ok(answer.error_for_status()?.json().await?)
    }

    /// How much memory it has.
    pub(crate) fn memory(&self) -> anyhow::Result<Memory> {
        let file = format!("/proc/{}/status", self.child.id());
        let mb = |name| {
            let text = machine::field(&file, name).with_context(|| format!("{file} has no {name}"));
            // What the kernel calls kB is 1,024 bytes.
            text.and_then(|text| Ok(u32::try_from(machine::kib(&text) * 1_024 / 1_000_000)?))
        };
        Ok(Memory { now_mb: mb("VmRSS")?, peak_mb: mb("VmHWM")? })
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn configuration(directory: &Path, address: SocketAddr, aws_url: &str, sections: &str) -> String {
    format!(
        r#"listen = "{address}"
database = "{}"

[limits]
requests_per_second = 1000000
burst = 1000000
total_requests_per_second = 1000000

[aws]
region = "us-east-1"
elasticache_endpoint = "{aws_url}"
secrets_manager_endpoint = "{aws_url}"
{sections}"#,
        directory.join("ringfence.db").display()
    )
}

/// An address that nobody listens on. The service must be told one: only then is it known where to
/// ask whether it is ready.
pub(super) fn free_address() -> std::io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}
