//! Tokens that are made and ended on the command line.

use std::{fs, path::Path};

use reqwest::Method;
use ringfence::config::AuthMode;
use ringfence_acl::EngineKind;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::running::{Outcome, finish, ringfence, run};
use crate::{
    store::open,
    world::{Answer, World},
};

async fn token(database: &Path, arguments: &[&str]) -> Outcome {
    let database = ["--database", database.to_str().unwrap()];
    run(&[&["token"], arguments, &database].concat()).await
}

async fn listed(database: &Path) -> Value {
    let list = token(database, &["list", "--all", "--output", "json"]).await;
    serde_json::from_str(&list.stdout).unwrap()
}

#[tokio::test]
async fn a_token_is_shown_once_and_only_its_hash_is_kept() {
    let directory = TempDir::new().unwrap();
    let database = directory.path().join("ringfence.db");
    let made = token(&database, &["create", "--name", "signup", "--scope", "tenants:write"]).await;
    assert!(made.success, "{made:?}");
    let secret = made.stdout.trim_end();
    assert!(secret.starts_with("rf_") && secret.len() == 46, "{made:?}");
    assert!(made.stderr.starts_with("signup may tenants:write;"), "{made:?}");
    for entry in fs::read_dir(directory.path()).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()));
    }
    let again = token(&database, &["create", "--name", "signup", "--scope", "admin"]).await;
    assert!(again.stderr.contains("a token named signup exists"), "{again:?}");
}

#[tokio::test]
async fn the_variable_of_the_database_is_enough_for_what_needs_nothing_else() {
    let directory = TempDir::new().unwrap();
    let database = directory.path().join("ringfence.db");
    let copy = directory.path().join("copy.db");
    let create = ["token", "create", "--name", "signup", "--scope", "tenants:write"];
    for arguments in [
        create.as_slice(),
        &["token", "list"],
        &["backup", copy.to_str().unwrap()],
        &["restore", "--force", copy.to_str().unwrap()],
    ] {
        let mut command = ringfence(arguments);
        command.current_dir(directory.path()).env("RINGFENCE_DATABASE", &database);
        let outcome = finish(&mut command).await;
        assert!(outcome.success, "{arguments:?}: {outcome:?}");
    }
    let nowhere = finish(ringfence(&create).current_dir(directory.path())).await;
    let told = "name the database by --config, --database or RINGFENCE_DATABASE";
    assert!(!nowhere.success && nowhere.stderr.contains(told), "{nowhere:?}");
}

#[tokio::test]
async fn a_list_tells_everything_but_the_secret() {
    let directory = TempDir::new().unwrap();
    let database = directory.path().join("ringfence.db");
    let tokens = [
        vec!["create", "--name", "acme", "--scope", "credentials:read", "--tenant", "acme"],
        vec![
            "create",
            "--name",
            "checkout",
            "--scope",
            "tenants:write",
            "--scope",
            "metrics:read",
            "--label",
            "team=checkout",
            "--label",
            "plan=gold",
            "--expires",
            "90d",
        ],
    ];
    for arguments in tokens {
        let made = token(&database, &arguments).await;
        assert!(made.success, "{made:?}");
    }
    let revoked = token(&database, &["revoke", "acme"]).await;
    assert_eq!(revoked.stdout, "revoked acme\n", "{revoked:?}");

    let list = listed(&database).await;
    assert_eq!(list[0]["standing"], "revoked");
    assert_eq!(list[0]["only"], "tenant acme");
    assert_eq!(list[1]["standing"], "valid");
    assert_eq!(list[1]["only"], "labels plan=gold team=checkout");
    assert_eq!(list[1]["scopes"], json!(["tenants:write", "metrics:read"]));
    assert_eq!(list[1]["last_used_at"], Value::Null);
    let text = token(&database, &["list"]).await.stdout;
    assert!(text.starts_with("checkout (") && text.lines().count() == 1, "{text}");
}

#[tokio::test]
async fn what_cannot_be_made_is_refused_with_the_reason() {
    let directory = TempDir::new().unwrap();
    let database = directory.path().join("ringfence.db");
    for (arguments, why) in [
        (
            vec!["create", "--name", "x", "--scope", "tenant:read"],
            "is no scope: use tenants:read, ",
        ),
        (vec!["create", "--name", "x"], "--scope <SCOPE>"),
        (vec!["create", "--name", "X", "--scope", "admin"], "lower-case letter"),
        (
            vec!["create", "--name", "x", "--scope", "admin", "--tenant", "a", "--label", "a=b"],
            "cannot be used with",
        ),
        (vec!["create", "--name", "x", "--scope", "admin", "--label", "A=b"], "the key \"A\""),
        (vec!["create", "--name", "x", "--scope", "admin", "--expires", "soon"], "is no duration"),
        (vec!["revoke", "nobody"], "there is no such token"),
        (vec!["rotate", "nobody"], "there is no such token"),
    ] {
        let refused = token(&database, &arguments).await;
        assert!(!refused.success && refused.stdout.is_empty(), "{refused:?}");
        assert!(refused.stderr.contains(why), "{why}: {refused:?}");
    }
}

/// The desk makes the database where there is none, so the first token can be there before the service.
#[tokio::test]
async fn a_database_that_a_token_was_made_in_is_one_for_the_service() {
    let directory = TempDir::new().unwrap();
    let database = directory.path().join("ringfence.db");
    token(&database, &["create", "--name", "first", "--scope", "admin"]).await;
    let store = open(&database).await.unwrap();
    let beside = token(&database, &["rotate", "first"]).await;
    assert!(beside.success, "{beside:?}");
    store.close().await;
    assert_eq!(listed(&database).await.as_array().unwrap().len(), 1);
    assert!(token(&database, &["revoke", "first"]).await.success);

    let path = database.to_str().unwrap();
    let verified = run(&["audit", "verify", "--database", path]).await;
    assert!(verified.success, "{verified:?}");
    let exported = run(&["audit", "export", "--database", path]).await.stdout;
    let events = exported.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let told = events.map(|event| (event["kind"].clone(), event["actor"].clone()));
    let by_command = |kind: &str| (json!(kind), json!("command"));
    let kinds = ["token.created", "token.rotated", "token.revoked"];
    assert_eq!(told.collect::<Vec<_>>(), kinds.map(by_command));
}

#[tokio::test]
async fn tokens_are_made_beside_a_service_that_goes_on_writing() {
    let world = World::new(EngineKind::Valkey).await;
    let database = world.config.database.clone();
    let names = ["one", "two", "three", "four"];
    let make = async |name| {
        let made = token(&database, &["create", "--name", name, "--scope", "tenants:read"]).await;
        assert!(made.success, "{made:?}");
        assert_eq!(world.create(name).await.status, 201);
    };
    tokio::join!(make(names[0]), make(names[1]), make(names[2]), make(names[3]));
    assert_eq!(listed(&database).await.as_array().unwrap().len(), names.len());
}

#[tokio::test]
async fn a_running_service_knows_at_once_what_was_made_and_what_was_ended() {
    let world = World::with(EngineKind::Valkey, |config| config.auth.mode = AuthMode::Bearer).await;
    let database = world.config.database.clone();
    let made = token(&database, &["create", "--name", "signup", "--scope", "tenants:read"]).await;
    let ask = async || {
        let request = world.request(Method::GET, "/tenants").bearer_auth(made.stdout.trim_end());
        Answer::of(request).await.status
    };
    assert_eq!(world.get("/tenants").await.problem(), "unauthenticated");
    assert_eq!(ask().await, 200);
    let rotated = token(&database, &["rotate", "signup", "--overlap", "0s"]).await;
    assert!(rotated.success, "{rotated:?}");
    assert_eq!(ask().await, 401);
}
