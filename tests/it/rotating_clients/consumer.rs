//! One of the examples, at work.

use std::{path::Path, process::Stdio, time::Duration};

use reqwest::Method;
use serde::Deserialize;
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    sync::{
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
        oneshot,
    },
    task::JoinSet,
    time::timeout,
};

use super::{
    secret::Secret,
    tenant::Tenant,
    work::{Task, work},
};
use crate::{clients::python, world::World};

const SECRET: &str = "ringfence/acme";
const KEY: &str = "acme:progress";
/// The time from one request to the next.
const PACE: Duration = Duration::from_millis(5);
/// How long a command is tried, and how long a test waits for news.
const PATIENCE: Duration = Duration::from_mins(2);

/// An example that uses the tenant's cache until it is told to stop.
pub(super) struct Consumer {
    lines: UnboundedReceiver<Value>,
    /// Told by being dropped.
    stop: Box<dyn Send>,
    _tasks: JoinSet<()>,
}

/// What it says at the end.
#[derive(Debug, Deserialize)]
pub(super) struct Summary {
    pub(super) requests: usize,
    pub(super) failures: usize,
    pub(super) logins: usize,
    pub(super) versions: Vec<String>,
}

impl Consumer {
    /// `examples/rotating_client`, within this process.
    pub(super) fn redis_rs(world: &World, max_age: Duration) -> Self {
        let secret = Secret::new(world.secrets_manager(), SECRET.to_owned(), max_age);
        let tenant = Tenant::new(secret, PATIENCE);
        let task = Task { key: KEY.to_owned(), pace: PACE };
        let (said, lines) = unbounded_channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            // Who has heard enough does not listen to the end.
            let say = |line| drop(said.send(line));
            work(&tenant, &task, stopped, say).await.unwrap();
        });
        Self { lines, stop: Box::new(stop), _tasks: tasks }
    }

    /// `examples/python/rotating_client.py`, which acknowledges each password in its library's name.
    pub(super) fn python(world: &World, library: &str, max_age: Duration) -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/python/rotating_client.py");
        let tenant = world.request(Method::GET, "/tenants/acme").build().unwrap();
        let (max_age, patience) = (max_age.as_secs_f64(), PATIENCE.as_secs_f64());
        let mut program = python(&file);
        program
            .args(["--secret", SECRET, "--key", KEY, "--library", library, "--consumer", library])
            .args(["--rate", &(1.0 / PACE.as_secs_f64()).to_string()])
            .args(["--max-age", &max_age.to_string(), "--patience", &patience.to_string()])
            .args(["--acknowledge", tenant.url().as_str()])
            .env("AWS_ENDPOINT_URL_SECRETS_MANAGER", world.simulator.url())
            .envs([("AWS_ACCESS_KEY_ID", "somebody"), ("AWS_SECRET_ACCESS_KEY", "else")])
            .envs([("AWS_DEFAULT_REGION", "us-east-1"), ("AWS_CONFIG_FILE", "/dev/null")]);
        let program = program.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut process = program.spawn().expect("there is a Python, run `make engines`");
        let stop = Box::new(process.stdin.take().unwrap());
        let (said, lines) = unbounded_channel();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            pass_on(process.stdout.take().unwrap(), said).await;
            assert!(process.wait().await.unwrap().success());
        });
        Self { lines, stop, _tasks: tasks }
    }

    /// Waits until it uses this version of the secret, or any if none is named.
    pub(super) async fn until_on(&mut self, version: Option<&str>) {
        loop {
            let line = self.line().await;
            let said = line["version"].as_str().unwrap_or_else(|| panic!("{line}"));
            if version.is_none_or(|version| version == said) {
                return;
            }
        }
    }

    /// Tells it to stop, and hears how it went.
    pub(super) async fn finish(self) -> Summary {
        let Self { mut lines, stop, _tasks } = self;
        drop(stop);
        let line = timeout(PATIENCE, lines.recv()).await.expect("it never ends").unwrap();
        let summary: Summary =
            serde_json::from_value(line.clone()).unwrap_or_else(|error| panic!("{line}: {error}"));
        assert!(summary.requests >= summary.versions.len(), "{summary:?}");
        summary
    }

    async fn line(&mut self) -> Value {
        let line = timeout(PATIENCE, self.lines.recv()).await.expect("it says nothing");
        line.expect("it has ended too early; what it said is above")
    }
}

async fn pass_on(stdout: impl tokio::io::AsyncRead + Unpin, said: UnboundedSender<Value>) {
    let mut lines = BufReader::new(stdout).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        let _ = said.send(serde_json::from_str(&line).unwrap());
    }
}
