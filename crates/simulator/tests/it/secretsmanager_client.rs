//! A simulator of one's own and a client of it.

use std::time::Duration;

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::config::retry::RetryConfig;
use aws_sdk_secretsmanager::config::{BehaviorVersion, Config, Credentials, Region};
use aws_sdk_secretsmanager::operation::create_secret::CreateSecretOutput;
use aws_sdk_secretsmanager::operation::put_secret_value::builders::PutSecretValueFluentBuilder;
use jiff::Timestamp;
use ringfence_simulator::{EngineBinary, Simulator, SimulatorConfig};
use tempfile::TempDir;

pub(crate) struct Bench {
    pub(crate) simulator: Simulator,
    pub(crate) client: Client,
    data_dir: TempDir,
}

impl Bench {
    pub(crate) async fn start() -> Self {
        Self::start_in(tempfile::tempdir().unwrap()).await
    }

    /// Stops the simulator and starts another on what it left.
    pub(crate) async fn restart(self) -> Self {
        self.simulator.shutdown().await;
        Self::start_in(self.data_dir).await
    }

    async fn start_in(data_dir: TempDir) -> Self {
        let engine = EngineBinary::find(None).unwrap();
        let config = SimulatorConfig::new(data_dir.path(), engine);
        let simulator = Simulator::start(config).await.unwrap();
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-central-1"))
            .credentials_provider(Credentials::new("AKIAEXAMPLE", "secret", None, None, "test"))
            .endpoint_url(simulator.url())
            // The SDK takes LimitExceededException for throttling, and would try again.
            .retry_config(RetryConfig::disabled())
            .build();
        Self { simulator, client: Client::from_conf(config), data_dir }
    }

    /// Creates a secret with the value and `token(1)`.
    pub(crate) async fn create(&self, name: &str, value: &str) -> CreateSecretOutput {
        let create = self.client.create_secret().name(name).secret_string(value);
        create.client_request_token(token(1)).send().await.unwrap()
    }

    pub(crate) fn put(&self, id: &str, number: u32, value: &str) -> PutSecretValueFluentBuilder {
        let put = self.client.put_secret_value().secret_id(id).secret_string(value);
        put.client_request_token(token(number))
    }

    /// The current value.
    pub(crate) async fn read(&self, id: &str) -> String {
        let read = self.client.get_secret_value().secret_id(id).send().await.unwrap();
        read.secret_string().unwrap().to_owned()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.simulator.control().now()
    }

    pub(crate) async fn advance_days(&self, days: u64) {
        let span = Duration::from_secs(days * 86_400);
        self.simulator.control().advance_clock(span).await.unwrap();
    }
}

/// A request token, and so the identifier of the version that it makes.
pub(crate) fn token(number: u32) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}
