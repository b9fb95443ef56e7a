//! The record of what happened, checked and exported from the database itself.

use std::process::Stdio;

use reqwest::Method;
use ringfence_acl::EngineKind;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;

use super::running::run;
use crate::{store::execute, world::World};

/// The world's database as an argument.
fn database(world: &World) -> String {
    world.config.database.to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_record_is_verified_and_exported_while_the_service_runs() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    let database = database(&world);
    let verified = run(&["audit", "verify", "--database", &database]).await;
    assert!(verified.success, "{verified:?}");
    let head = verified.stdout.trim_end().rsplit_once(' ').unwrap().1;
    world.create("globex").await;
    let again = run(&["audit", "verify", "--database", &database, "--head", head]).await;
    assert!(again.success, "{again:?}");
    let other = head.chars().rev().collect::<String>();
    let other = run(&["audit", "verify", "--database", &database, "--head", &other]).await;
    assert_eq!(other.code, Some(1));
    assert!(other.stderr.contains("cut off"), "{other:?}");

    let request = world.request(Method::GET, "/events?kind=tenant.&tenant=acme");
    let lines = request.header("accept", "application/x-ndjson").send().await.unwrap();
    let lines = lines.text().await.unwrap();
    assert_eq!(lines.lines().count(), 2);
    let only = ["--kind", "tenant.", "--tenant", "acme"];
    let exported = run(&[&["audit", "export", "--database", &database], &only[..]].concat()).await;
    assert_eq!(exported.stdout, lines);
}

/// Tokens are made before the first start, and that is recorded.
#[tokio::test]
async fn before_the_first_start_there_is_no_record_to_be_verified() {
    let directory = TempDir::new().unwrap();
    let database = directory.path().join("ringfence.db");
    let database = database.to_str().unwrap();
    let token = ["token", "create", "--name", "ops", "--scope", "admin", "--database", database];
    assert!(run(&token).await.success);
    for command in ["verify", "export"] {
        let refused = run(&["audit", command, "--database", database]).await;
        assert_eq!(refused.code, Some(1));
        assert!(refused.stderr.contains("begins with the first start"), "{refused:?}");
    }
}

#[tokio::test]
async fn a_changed_event_is_named_in_the_database_and_in_its_backup() {
    let mut world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    world.stop_service().await;
    let (database, copy) = (database(&world), format!("{}.copy", database(&world)));
    execute(&world.config.database, "UPDATE events SET actor = 'command' WHERE sequence = 3")
        .await
        .unwrap();
    assert!(run(&["backup", "--database", &database, &copy]).await.success);
    for file in [database, copy] {
        let verified = run(&["audit", "verify", "--database", &file]).await;
        assert_eq!(verified.code, Some(1));
        assert!(verified.stderr.contains("changed at event 3"), "{verified:?}");
    }
}

/// The program in the documentation, run on what is exported.
async fn verify_by_the_page(exported: &str) -> bool {
    let page = std::fs::read_to_string("docs/audit.md").unwrap();
    let (_, rest) = page.split_once("```python\n").unwrap();
    let (program, _) = rest.split_once("```").unwrap();
    let python = std::env::var("RINGFENCE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let mut command = tokio::process::Command::new(python);
    let mut child = command.args(["-c", program]).stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(exported.as_bytes()).await.unwrap();
    drop(stdin);
    child.wait().await.unwrap().success()
}

#[tokio::test]
async fn an_export_is_verified_as_the_documentation_says() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    let exported = run(&["audit", "export", "--database", &database(&world)]).await.stdout;
    assert!(verify_by_the_page(&exported).await);
    let changed = exported.replacen("\"detail\":\"active\"", "\"detail\":\"attesting\"", 1);
    assert_ne!(changed, exported);
    assert!(!verify_by_the_page(&changed).await);
}
