//! Clients that applications use connect and work as tenants, under each profile.

use std::{path::Path, process::Stdio};

use ringfence::domain::{OptIn, Profile};
use serde_json::json;
use tokio::process::Command;

use crate::world::{World, on_both_engines};

on_both_engines! {
    async fn redis_py_works_under_each_profile(kind) {
        let world = World::with(kind, |config| {
            config.opt_in_profiles.insert(OptIn::Scripting);
        }).await;
        let profiles = world.config.access_profiles().unwrap();
        for profile in profiles.iter().map(Profile::name) {
            let name = format!("t-{profile}");
            let body = json!({ "name": name, "profile": profile.as_str() });
            assert_eq!(world.create_as(body).await.body["status"], "active");
            let login = world.get(&format!("/tenants/{name}/credentials")).await.body;
            let output = Command::new(python())
                .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/redis_py.py"))
                .env("TENANT_URL", login["url"].as_str().unwrap())
                .env("TENANT_PREFIX", login["key_prefix"].as_str().unwrap())
                .env("TENANT_PROFILE", profile.as_str())
                .env("PYTHONDONTWRITEBYTECODE", "1")
                .stdin(Stdio::null())
                .kill_on_drop(true)
                .output()
                .await
                .unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{profile}: {said}");
        }
    }
}

/// A Python with redis-py: the one that is named, or the one that `make test` sets up.
fn python() -> std::path::PathBuf {
    std::env::var_os("RINGFENCE_PYTHON").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("target/venv/bin/python"),
        Into::into,
    )
}
