//! Secrets Manager through boto3, another vendor's client than the one the service uses.

use std::path::Path;

use tokio::process::Command;

use crate::bench::Bench;

#[tokio::test]
async fn boto3_gets_the_same_answers() {
    let bench = Bench::new().await;
    let python = std::env::var("RINGFENCE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/boto3/secretsmanager_test.py");
    let run = Command::new(&python)
        .arg(script)
        .env("SIMULATOR_URL", bench.simulator.url())
        .output()
        .await
        .unwrap_or_else(|error| panic!("{python} cannot be run: {error}"));
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
}
