//! A simulator of one's own and a Secrets Manager client of it.

use std::time::Duration;

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::config::retry::RetryConfig;
use aws_sdk_secretsmanager::config::{BehaviorVersion, Config, Credentials, Region};
use aws_sdk_secretsmanager::operation::create_secret::CreateSecretOutput;
use aws_sdk_secretsmanager::operation::put_secret_value::builders::PutSecretValueFluentBuilder;
use jiff::Timestamp;
use ringfence_simulator::{EngineBinary, Simulator};

use crate::bench::Bench;

pub(crate) struct SecretsBench {
    pub(crate) bench: Bench,
    pub(crate) client: Client,
}

impl SecretsBench {
    pub(crate) async fn new() -> Self {
        let bench = Bench::new().await;
        let client = client(&bench.simulator.url());
        Self { bench, client }
    }

    /// Stops the simulator and starts another on what it left.
    pub(crate) async fn restart(self) -> Self {
        let Bench { simulator, directory, .. } = self.bench;
        simulator.shutdown().await;
        let engine = EngineBinary::find(None).unwrap();
        let config = crate::bench::config(directory.path().join("simulator"), engine);
        let simulator = Simulator::start(config).await.unwrap();
        let client = client(&simulator.url());
        let bench = Bench { control: simulator.control(), simulator, directory, ..self.bench };
        Self { bench, client }
    }

    /// Creates a secret with this value, made by `token(1)`.
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
        self.bench.control.now()
    }

    pub(crate) async fn advance_days(&self, days: u64) {
        let span = Duration::from_secs(days * 86_400);
        self.bench.control.advance_clock(span).await.unwrap();
    }
}

/// A request token, and so the identifier of the version that it makes.
pub(crate) fn token(number: u32) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

/// A client that does not retry: the SDK takes `LimitExceededException` for throttling, and would.
fn client(url: &str) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(Credentials::new("AKIAEXAMPLE", "secret", None, None, "test"))
        .endpoint_url(url)
        .retry_config(RetryConfig::disabled())
        .build();
    Client::from_conf(config)
}
