//! The service as it is killed and started again.

use std::{path::Path, process::Command, time::Duration};

use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;
use tokio::task::spawn_blocking;

use super::{Answer, ServiceProcess, World, variables};

/// A process of the service. The one that comes after a kill goes on with the same database.
pub(crate) struct Mortal {
    variables: Vec<(String, String)>,
    process: Option<ServiceProcess>,
    client: Client,
}

impl Mortal {
    pub(crate) fn new(world: &World) -> Self {
        Self::with(world, [])
    }

    /// On another database, as after a restored backup.
    pub(crate) fn on(world: &World, database: &Path) -> Self {
        Self::with(world, [("RINGFENCE_DATABASE", database.display().to_string())])
    }

    /// With further variables, which win.
    pub(crate) fn with<const N: usize>(world: &World, more: [(&str, String); N]) -> Self {
        let mut variables = variables(world);
        variables.extend(more.map(|(name, value)| (name.to_owned(), value)));
        let process = Some(start(&variables));
        Self { variables, process, client: Client::new() }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.process.as_ref().unwrap().url);
        self.client.request(method, url)
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: Value) -> Answer {
        Answer::of(self.request(method, path).json(&body)).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, Value::Null).await
    }

    pub(crate) async fn until(&self, path: &str, is_awaited: impl Fn(&Answer) -> bool) -> Answer {
        let mut looks = tokio::time::interval(Duration::from_millis(5));
        loop {
            looks.tick().await;
            let answer = self.get(path).await;
            if is_awaited(&answer) {
                return answer;
            }
        }
    }

    /// Ends it in order, and answers with what it has logged.
    pub(crate) async fn stop(mut self) -> String {
        let process = self.process.take().unwrap();
        spawn_blocking(move || process.stop()).await.unwrap()
    }

    /// The simulator goes on meanwhile, also where it shares its thread with the test.
    pub(crate) async fn kill_and_start(&mut self) {
        self.process.take().unwrap().kill();
        let variables = self.variables.clone();
        let started = spawn_blocking(move || start(&variables));
        self.process = Some(started.await.unwrap());
    }
}

fn start(variables: &[(String, String)]) -> ServiceProcess {
    ServiceProcess::start_as(
        Command::new(env!("CARGO_BIN_EXE_ringfence")),
        variables.iter().cloned(),
    )
}
