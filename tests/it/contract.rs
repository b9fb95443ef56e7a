//! The API against its own document: whatever the document allows is taken, whatever it forbids is refused,
//! and no answer is another than it says.

mod bodies;
mod ground;
mod schemas;

use std::{num::NonZeroU32, path::Path, process::Stdio, time::Duration};

use ringfence::{
    bearer::BearerSecret,
    clock::{Clock as _, SystemEntropy},
    config::AuthMode,
    domain::{Bounds, Scope, TokenId},
    store::{NewToken, TokenDesk},
};
use ringfence_acl::EngineKind;
use tempfile::TempDir;
use tokio::process::Command;
use uuid::Uuid;

use crate::world::World;

/// How many requests are made up for each operation, beside those for each rule of its schema.
const EXAMPLES: &str = "8";

/// A service that asks its callers who they are, and is as patient as one caller needs that asks everything.
async fn patient_world() -> World {
    let world = World::with(EngineKind::Redis, |config| {
        config.auth.mode = AuthMode::Bearer;
        config.auth.failures_per_minute = NonZeroU32::MAX;
        // Some of what is asked for never comes, such as a login by IAM at a cache that has none.
        config.wait_max = Duration::from_secs(1);
        config.limits.requests_per_second = NonZeroU32::new(1_000_000).unwrap();
        config.limits.total_requests_per_second = NonZeroU32::new(1_000_000).unwrap();
    });
    world.await
}

async fn admin(world: &World) -> BearerSecret {
    let secret = BearerSecret::generate(&SystemEntropy::default());
    let mut desk = TokenDesk::open(&world.config.database).await.unwrap();
    desk.create(NewToken {
        id: TokenId(Uuid::from_u128(1)),
        name: "contract".parse().unwrap(),
        scopes: [Scope::Admin].into_iter().collect(),
        bounds: Bounds::Everything,
        created_at: world.clock.now(),
        expires_at: None,
        hash: secret.hash(),
    })
    .await
    .unwrap();
    secret
}

/// The requests follow from the document alone, so a run that fails fails again.
#[tokio::test]
async fn every_answer_is_as_the_document_says_whatever_is_asked() {
    let world = patient_world().await;
    let token = admin(&world).await;
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = root.join("target/schemathesis/bin/schemathesis");
    // It keeps notes where it runs.
    let directory = TempDir::new().unwrap();
    let output = Command::new(&program)
        .arg("--config-file")
        .arg(root.join("tests/contract/schemathesis.toml"))
        .args(["run", &format!("http://{}/openapi.json", world.service_address())])
        .args(["--checks", "all", "--phases", "examples,coverage,fuzzing,stateful"])
        .args(["--max-examples", EXAMPLES, "--no-color"])
        .args(["--header", &format!("Authorization: Bearer {}", token.expose())])
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("SCHEMATHESIS_HOOKS", root.join("tests/contract/hooks.py"))
        .current_dir(directory.path())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .unwrap_or_else(|error| panic!("{}: {error}; run `make engines`", program.display()));
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
}
