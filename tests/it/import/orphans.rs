//! What a sweep calls an orphan an import takes back, or tells what to do with it.

use std::fs;

use reqwest::Method;
use ringfence::{
    domain::InstallationId,
    import::ImportRequest,
    store::{Existing, backup, restore},
};
use ringfence_acl::EngineKind;
use serde_json::{Value, json};

use super::{apply, files, lose_the_store, rotate, run, until_active};
use crate::{
    drift::{kinds, sweep},
    world::{World, on_both_engines},
};

/// Two tenants and a service, of which a database from before knows the first.
const PATHS: [&str; 3] = ["/tenants/acme", "/tenants/globex", "/services/search"];

async fn until_all_are_active(world: &World) {
    for path in PATHS {
        until_active(world, path).await;
    }
}

/// What clients log in with.
async fn urls(world: &World) -> Vec<Value> {
    let mut urls = Vec::new();
    for path in PATHS {
        urls.push(world.get(&format!("{path}/credentials")).await.body["url"].clone());
    }
    urls
}

async fn make_the_later_ones(world: &World) {
    assert_eq!(world.create("globex").await.status, 201);
    rotate(world, "globex").await;
    let search = json!({ "name": "search", "profile": "pubsub" });
    assert_eq!(world.send(Method::POST, "/services", search).await.status, 201);
}

/// Each user and each secret is listed, with the way out.
async fn assert_orphaned(world: &World, n_users: usize) {
    let found = sweep(world).await;
    let count = |kind: &str| kinds(&found).iter().filter(|it| **it == kind).count();
    assert_eq!(
        (count("user-orphaned"), count("secret-orphaned")),
        (n_users, n_users),
        "{found:#?}"
    );
    assert_eq!(found.len(), 2 * n_users, "{found:#?}");
    for item in found {
        assert!(item["repair"]["does"].as_str().unwrap().contains("ringfence import"), "{item}");
    }
}

on_both_engines! {
    async fn what_came_after_a_backup_is_orphaned_until_it_is_imported(kind) {
        let mut world = World::new(kind).await;
        world.create("acme").await;
        let copy = world.config.database.with_file_name("backup.db");
        backup(&world.config.database, &copy).await.unwrap();
        make_the_later_ones(&world).await;
        let (aws, urls_before) = (world.aws().await, urls(&world).await);
        world.stop_service().await;
        restore(&copy, &world.config.database, Existing::PutAside).await.unwrap();
        world.start_service().await;
        assert_orphaned(&world, 2).await;

        world.stop_service().await;
        let done = apply(&world, &ImportRequest::default()).await;
        assert_eq!((done.n_imported(), done.n_refused(), done.tenants.len()), (2, 0, 3), "{done:?}");
        assert_eq!(done.orphaned_secrets, []);
        world.start_service().await;
        until_all_are_active(&world).await;
        assert_eq!(sweep(&world).await, Vec::<Value>::new());
        assert_eq!((world.aws().await, urls(&world).await), (aws, urls_before));
        world.login("globex").await.set("globex:x", "1").await.unwrap();
    }
}

/// The service was started without its database, under the installation that it is configured to be.
#[tokio::test]
async fn what_a_lost_database_orphans_is_imported_into_the_one_begun_since() {
    let mut world = World::with(EngineKind::Valkey, |config| {
        config.installation = Some(InstallationId::new("blue".to_owned()));
    })
    .await;
    world.create("acme").await;
    make_the_later_ones(&world).await;
    let (aws, urls_before) = (world.aws().await, urls(&world).await);
    lose_the_store(&mut world).await;
    world.start_service().await;
    assert_orphaned(&world, 3).await;
    world.stop_service().await;
    let done = apply(&world, &ImportRequest::default()).await;
    assert_eq!((done.n_imported(), done.n_refused()), (3, 0), "{done:?}");
    world.start_service().await;
    until_all_are_active(&world).await;
    assert_eq!(sweep(&world).await, Vec::<Value>::new());
    assert_eq!((world.aws().await, urls(&world).await), (aws, urls_before));
}

#[tokio::test]
async fn a_secret_without_its_user_is_told_of_and_taken_over_by_whoever_asks_for_the_tenant() {
    let mut world = World::new(EngineKind::Valkey).await;
    for tenant in ["acme", "globex"] {
        world.create(tenant).await;
    }
    let old = world.get("/tenants/acme/credentials").await.body["url"].clone();
    lose_the_store(&mut world).await;
    world.elasticache().delete_user().user_id("rf-acme").send().await.unwrap();

    let told = run(&world, &ImportRequest::default()).await.unwrap();
    assert!(!files(&world).iter().any(|file| fs::exists(file).unwrap()), "it is only told");
    let done = apply(&world, &ImportRequest::default()).await;
    for report in [told, done] {
        assert_eq!((report.n_imported(), report.n_refused()), (1, 0), "{report:?}");
        let orphans = &report.orphaned_secrets;
        assert_eq!(orphans.len(), 1, "{orphans:?}");
        assert_eq!(
            (orphans[0].secret.as_str(), orphans[0].tenant.as_str()),
            ("ringfence/acme", "acme")
        );
        assert!(orphans[0].advice.contains("ask for it again"), "{orphans:?}");
    }
    world.start_service().await;
    until_active(&world, "/tenants/globex").await;
    assert_eq!(kinds(&sweep(&world).await), ["secret-orphaned"]);
    assert_eq!(world.create("acme").await.body["status"], "active");
    assert_eq!(sweep(&world).await, Vec::<Value>::new());
    assert_ne!(world.get("/tenants/acme/credentials").await.body["url"], old);
    world.login("acme").await.set("acme:x", "1").await.unwrap();
}
