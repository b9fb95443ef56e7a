//! The same services, driven by another vendor's client.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use crate::bench::{Bench, on_both_engines};

on_both_engines! {
    async fn boto3_drives_elasticache(bench: Bench) {
        run(&bench, "elasticache_test.py").await;
    }
}

/// Runs a script of `tests/boto3/` against the simulator. What it says is shown if it fails.
pub(crate) async fn run(bench: &Bench, script: &str) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/boto3").join(script);
    let output = Command::new(python())
        .arg(&script)
        .env("SIMULATOR_URL", bench.simulator.url())
        .env("ENGINE", bench.engine_word())
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}:\n{}", script.display(), String::from_utf8_lossy(&said));
}

/// A Python with boto3: the one that is named, or the one that `make test` sets up.
fn python() -> PathBuf {
    if let Some(named) = std::env::var_os("RINGFENCE_PYTHON") {
        return PathBuf::from(named);
    }
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = here.join("../../target/venv/bin/python");
    assert!(
        python.exists(),
        "there is no Python with boto3: run `make test`, or name one in RINGFENCE_PYTHON"
    );
    python
}
