//! The state machine against the rules of the service.

mod deletion;
mod finding;
mod listing;
mod passwords;
mod rotation;
mod secrecy;
mod stages;
mod tagging;
mod validation;
mod values;
mod versions;

use std::borrow::Borrow;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{Call, Secrets, SecretsError, SecretsQuotas};

const ACCOUNT: &str = "123456789012";
const REGION: &str = "eu-central-1";

/// The service, with a clock that the test moves and randomness that repeats itself.
struct Service {
    secrets: Secrets,
    quotas: SecretsQuotas,
    now: Timestamp,
    region: &'static str,
    randomness: u64,
}

impl Service {
    fn new() -> Self {
        Self {
            secrets: Secrets::default(),
            quotas: SecretsQuotas::default(),
            now: "2026-03-01T09:30:00.125Z".parse().unwrap(),
            region: REGION,
            randomness: 1,
        }
    }

    /// A service that has the secret `orders` with one version, made by `token(1)`.
    fn with_orders() -> Self {
        let mut service = Self::new();
        service.ok(
            "CreateSecret",
            json!({"Name": "orders", "ClientRequestToken": token(1), "SecretString": "first"}),
        );
        service
    }

    fn ask(&mut self, operation: &str, body: &Value) -> Result<Value, SecretsError> {
        // Lets what is due by the clock happen first, so that what follows is the operation's
        // own doing.
        self.run("ListSecrets", &json!({})).unwrap();
        let before = serde_json::to_value(&self.secrets).unwrap();
        let answer = self.run(operation, body);
        let after = serde_json::to_value(&self.secrets).unwrap();
        if answer.is_err() {
            assert_eq!(before, after, "a refused {operation} changed the state");
        }
        // Every test runs on a state that was saved and loaded again.
        self.secrets = serde_json::from_value(after).unwrap();
        answer
    }

    fn ok(&mut self, operation: &str, body: impl Borrow<Value>) -> Value {
        let answer = self.ask(operation, body.borrow());
        answer.unwrap_or_else(|error| panic!("{operation} was refused: {error}"))
    }

    /// The refusal as `Code: text`, after a check of its status.
    fn refused(&mut self, operation: &str, body: impl Borrow<Value>) -> String {
        let error =
            self.ask(operation, body.borrow()).expect_err("the operation should be refused");
        assert_eq!(error.status, 400);
        error.to_string()
    }

    fn put(&mut self, number: u32, value: &str) -> Value {
        self.ok(
            "PutSecretValue",
            json!({"SecretId": "orders", "ClientRequestToken": token(number), "SecretString": value}),
        )
    }

    fn put_labelled(&mut self, number: u32, stages: &[&str]) -> Value {
        self.ok(
            "PutSecretValue",
            json!({
                "SecretId": "orders",
                "ClientRequestToken": token(number),
                "SecretString": format!("value {number}"),
                "VersionStages": stages,
            }),
        )
    }

    /// The labels of each labelled version of `orders`.
    fn stages(&mut self) -> Value {
        self.ok("DescribeSecret", json!({"SecretId": "orders"}))["VersionIdsToStages"].clone()
    }

    fn read(&mut self) -> Value {
        self.ok("GetSecretValue", json!({"SecretId": "orders"}))
    }

    fn wait(&mut self, span: SignedDuration) {
        self.now = self.now.checked_add(span).unwrap();
    }

    fn wait_days(&mut self, days: i64) {
        self.wait(SignedDuration::from_hours(24 * days));
    }

    fn run(&mut self, operation: &str, body: &Value) -> Result<Value, SecretsError> {
        let randomness = &mut self.randomness;
        // Multiplier and increment of Knuth's MMIX generator.
        let mut entropy = |bytes: &mut [u8]| {
            for byte in bytes {
                *randomness = randomness
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                *byte = randomness.to_be_bytes()[0];
            }
        };
        self.secrets.handle(&mut Call {
            operation,
            body,
            region: self.region,
            account: ACCOUNT,
            now: self.now,
            entropy: &mut entropy,
            quotas: &self.quotas,
        })
    }
}

/// A request token, and so the identifier of the version that it makes.
fn token(number: u32) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}
