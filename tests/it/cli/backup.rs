//! Copies of the database that are made while it is in use, and put back.

use std::{collections::BTreeSet, fs, os::unix::fs::PermissionsExt as _, path::Path};

use futures_util::future::join_all;
use reqwest::Method;
use ringfence::domain::{Cause, TenantName};
use ringfence_acl::EngineKind;
use serde_json::json;
use tempfile::TempDir;

use super::running::{Outcome, run};
use crate::{
    store::{execute, new, open},
    world::{Answer, World},
};

/// How many tenants sign up while the backup is made.
const BURST: u32 = 60;

async fn back_up(database: &Path, target: &Path) -> Outcome {
    let (database, target) = (database.to_str().unwrap(), target.to_str().unwrap());
    run(&["backup", "--database", database, target]).await
}

async fn restore(backup: &Path, database: &Path, options: &[&str]) -> Outcome {
    let (database, backup) = (database.to_str().unwrap(), backup.to_str().unwrap());
    run(&[&["restore", "--database", database, backup], options].concat()).await
}

/// Makes a database in which these tenants are asked for.
async fn database_with(path: &Path, tenants: &[&str]) {
    let store = open(path).await.unwrap();
    for tenant in tenants {
        store.reserve_tenant(new(tenant), None, Cause::SERVICE).await.unwrap();
    }
    store.close().await;
}

async fn holds(path: &Path, tenant: &str) -> bool {
    let store = open(path).await.unwrap();
    let found = store.tenant(&TenantName::parse(tenant).unwrap()).await.unwrap();
    store.close().await;
    found.is_some()
}

/// Overwrites what the file holds behind its first pages.
fn damage(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    bytes[8_192..].fill(0x5a);
    fs::write(path, bytes).unwrap();
}

fn names_in(folder: &Path) -> BTreeSet<String> {
    let names = fs::read_dir(folder).unwrap();
    names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// A service that is started from the backup goes on with what the backup knows, and finds in AWS what
/// was done since. What has come after the backup it leaves alone.
#[tokio::test]
async fn a_backup_made_under_load_holds_what_was_acknowledged_before_and_a_service_goes_on_with_it()
{
    let mut world = World::new(EngineKind::Valkey).await;
    let directory = TempDir::new().unwrap();
    let copy = directory.path().join("copy.db");
    let sign_up = async |number: u32| {
        let body = json!({ "name": format!("t{number}") });
        let answer = Answer::of(world.request(Method::POST, "/tenants").json(&body)).await;
        assert_eq!(answer.status, 202, "{answer:?}");
    };
    join_all((0..BURST / 3).map(&sign_up)).await;
    let (outcome, _) = tokio::join!(
        back_up(&world.config.database, &copy),
        join_all((BURST / 3..BURST).map(&sign_up)),
    );
    assert!(outcome.success, "{outcome:?}");
    assert!(outcome.stdout.contains("last event at 2"), "{outcome:?}");
    for number in 0..BURST {
        world.until_phase(&format!("t{number}"), "active").await;
    }
    let before = world.aws().await;
    assert_eq!(before.living_secrets().len(), BURST as usize);

    world.stop_service().await;
    world.config.database = copy;
    world.start_service().await;
    let known = world.get("/tenants?limit=100").await;
    let known = known.body["items"].as_array().unwrap();
    let known: BTreeSet<&str> = known.iter().map(|it| it["name"].as_str().unwrap()).collect();
    for number in 0..BURST / 3 {
        assert!(known.contains(format!("t{number}").as_str()), "t{number} was acknowledged");
    }
    for name in known {
        world.until_phase(name, "active").await;
        world.login(name).await.set(&format!("{name}:x"), "1").await.unwrap();
    }
    assert_eq!(world.aws().await.since(&before), json!({ "new": [], "gone": [] }));
}

/// It carries the tags of this installation.
#[tokio::test]
async fn a_tenant_that_came_after_the_backup_is_taken_over_when_it_is_asked_for_again() {
    let mut world = World::new(EngineKind::Valkey).await;
    let directory = TempDir::new().unwrap();
    let copy = directory.path().join("copy.db");
    assert!(back_up(&world.config.database, &copy).await.success);
    assert_eq!(world.create("acme").await.body["status"], "active");
    world.stop_service().await;
    world.config.database = copy;
    world.start_service().await;
    assert_eq!(world.get("/tenants/acme").await.status, 404);

    let again = world.create("acme").await;
    assert_eq!(again.body["status"], "active", "{again:?}");
    world.login("acme").await.set("acme:x", "1").await.unwrap();
    let aws = world.aws().await;
    assert_eq!(aws.password_count("rf-acme"), 1);
    assert_eq!(aws.living_secrets().into_iter().collect::<Vec<_>>(), ["ringfence/acme"]);
}

#[tokio::test]
async fn a_backup_is_for_its_owner_and_overwrites_nothing() {
    let directory = TempDir::new().unwrap();
    let path = |name: &str| directory.path().join(name);
    database_with(&path("r.db"), &["acme"]).await;
    let first = back_up(&path("r.db"), &path("copy.db")).await;
    assert!(first.success, "{first:?}");
    assert_eq!(fs::metadata(path("copy.db")).unwrap().permissions().mode() & 0o777, 0o600);
    let bytes = fs::read(path("copy.db")).unwrap();

    let second = back_up(&path("r.db"), &path("copy.db")).await;
    assert!(!second.success && second.stderr.contains("overwrites nothing"), "{second:?}");
    assert_eq!(fs::read(path("copy.db")).unwrap(), bytes);
    let nothing = back_up(&path("misspelt.db"), &path("other.db")).await;
    assert!(!nothing.success && nothing.stderr.contains("there is no database"), "{nothing:?}");
    assert!(!path("misspelt.db").exists() && !path("other.db").exists());
    assert!(holds(&path("copy.db"), "acme").await);
}

#[tokio::test]
async fn a_damaged_database_gives_no_backup() {
    let directory = TempDir::new().unwrap();
    let path = |name: &str| directory.path().join(name);
    database_with(&path("r.db"), &["acme"]).await;
    damage(&path("r.db"));
    let before = names_in(directory.path());
    let refused = back_up(&path("r.db"), &path("copy.db")).await;
    assert!(!refused.success && refused.stderr.contains("malformed"), "{refused:?}");
    let after = names_in(directory.path());
    let left: Vec<&String> =
        after.difference(&before).filter(|it| !it.starts_with("r.db")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn a_backup_is_restored_where_nothing_is() {
    let directory = TempDir::new().unwrap();
    let path = |name: &str| directory.path().join(name);
    database_with(&path("r.db"), &["acme"]).await;
    assert!(back_up(&path("r.db"), &path("copy.db")).await.success);
    let restored = restore(&path("copy.db"), &path("new.db"), &[]).await;
    assert!(restored.success, "{restored:?}");
    assert_eq!(fs::metadata(path("new.db")).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(holds(&path("new.db"), "acme").await);
    assert!(path("copy.db").exists(), "the backup stays");
    let nothing = restore(&path("misspelt.db"), &path("other.db"), &[]).await;
    assert!(!nothing.success && nothing.stderr.contains("misspelt.db"), "{nothing:?}");
}

#[tokio::test]
async fn a_database_in_use_is_not_replaced() {
    let directory = TempDir::new().unwrap();
    let path = |name: &str| directory.path().join(name);
    database_with(&path("copy.db"), &["acme"]).await;
    let running = open(&path("r.db")).await.unwrap();
    let refused = restore(&path("copy.db"), &path("r.db"), &["--force"]).await;
    assert!(!refused.success && refused.stderr.contains("in use by another"), "{refused:?}");
    running.close().await;
    assert!(!holds(&path("r.db"), "acme").await);
}

/// Also what is in the log only, as after a kill.
#[tokio::test]
async fn a_replaced_database_is_put_aside_whole() {
    let directory = TempDir::new().unwrap();
    let path = |name: &str| directory.path().join(name);
    database_with(&path("copy.db"), &["acme"]).await;
    let killed = open(&path("killed.db")).await.unwrap();
    killed.reserve_tenant(new("globex"), None, Cause::SERVICE).await.unwrap();
    for suffix in ["", "-wal"] {
        let from = path(&format!("killed.db{suffix}"));
        fs::copy(from, path(&format!("r.db{suffix}"))).unwrap();
    }

    let refused = restore(&path("copy.db"), &path("r.db"), &[]).await;
    assert!(!refused.success && refused.stderr.contains("--force"), "{refused:?}");
    let restored = restore(&path("copy.db"), &path("r.db"), &["--force"]).await;
    assert!(restored.success, "{restored:?}");
    assert!(holds(&path("r.db"), "acme").await && !holds(&path("r.db"), "globex").await);
    let back = restore(&path("r.db.replaced"), &path("other.db"), &[]).await;
    assert!(!back.success && back.stderr.contains("`ringfence backup --database"), "{back:?}");
    assert!(back_up(&path("r.db.replaced"), &path("one.db")).await.success);
    assert!(restore(&path("one.db"), &path("other.db"), &[]).await.success);
    assert!(holds(&path("other.db"), "globex").await);
    assert!(holds(&path("r.db.replaced"), "globex").await);
    let again = restore(&path("copy.db"), &path("r.db"), &["--force"]).await;
    assert!(!again.success && again.stderr.contains("move it away"), "{again:?}");
    assert!(holds(&path("r.db"), "acme").await);
}

#[tokio::test]
async fn what_cannot_be_trusted_is_not_restored() {
    let directory = TempDir::new().unwrap();
    let path = |name: &str| directory.path().join(name);
    for (name, says) in [
        ("damaged", "damaged or no database of ringfence"),
        ("newer", "newer ringfence (schema 9999"),
        ("text", "damaged or no database of ringfence"),
        ("other", "damaged or no database of ringfence"),
    ] {
        let backup = path(name);
        match name {
            "text" => fs::write(&backup, "a text of some length").unwrap(),
            "other" => {
                fs::write(&backup, "").unwrap();
                execute(&backup, "CREATE TABLE notes (line TEXT)").await.unwrap();
            }
            _ => database_with(&backup, &["acme"]).await,
        }
        if name == "damaged" {
            damage(&backup);
        }
        if name == "newer" {
            let later = "INSERT INTO _sqlx_migrations
                         (version, description, success, checksum, execution_time)
                         VALUES (9999, 'from the future', 1, x'00', 0)";
            execute(&backup, later).await.unwrap();
        }
        let refused = restore(&backup, &path("r.db"), &[]).await;
        assert!(!refused.success && refused.stderr.contains(says), "{name}: {refused:?}");
        assert!(!path("r.db").exists(), "{name}");
    }
    let left = names_in(directory.path());
    assert!(left.iter().all(|name| !name.starts_with(".ringfence")), "{left:?}");
}
