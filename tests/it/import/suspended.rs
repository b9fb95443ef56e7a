//! Who is kept out of the cache is not let in by an import.

use reqwest::Method;
use ringfence::import::{ImportRequest, Outcome};
use ringfence_acl::EngineKind;
use serde_json::{Value, json};

use super::{apply, lose_the_store, outcome, until_active};
use crate::{drift::sweep, world::World};

/// A tenant with two users that is suspended, and one that is not; then nobody remembers which.
async fn forgotten() -> (World, Value) {
    let mut world = World::new(EngineKind::Valkey).await;
    let reports = json!([{ "name": "reports", "profile": "read-only" }]);
    world.create_as(json!({ "name": "acme", "users": reports })).await;
    world.create("globex").await;
    let url = world.get("/tenants/acme/credentials").await.body["url"].clone();
    let out = world.send(Method::PATCH, "/tenants/acme", json!({ "suspended": true })).await;
    assert_eq!(out.body["status"], "suspended", "{out:?}");
    lose_the_store(&mut world).await;
    (world, url)
}

#[tokio::test]
async fn a_suspended_tenant_is_imported_as_suspended_and_goes_on_when_it_is_let_in() {
    let (mut world, url) = forgotten().await;
    let aws = world.aws().await;
    let done = apply(&world, &ImportRequest::default()).await;
    assert_eq!((done.n_imported(), done.n_refused()), (2, 0), "{done:?}");
    let Outcome::Imported { notes, .. } = outcome(&done, "acme") else { panic!("{done:?}") };
    assert!(notes.len() == 2 && notes[0].contains("suspended"), "{notes:?}");
    world.start_service().await;
    until_active(&world, "/tenants/globex").await;
    let acme = world.get("/tenants/acme").await;
    assert_eq!(
        (&acme.body["status"], &acme.body["suspended"]),
        (&json!("suspended"), &json!(true))
    );
    assert_eq!(sweep(&world).await, Vec::<Value>::new());
    assert_eq!(world.aws().await, aws);
    let back = world.send(Method::PATCH, "/tenants/acme", json!({ "suspended": false })).await;
    assert_eq!(back.body["status"], "active", "{back:?}");
    assert_eq!(world.get("/tenants/acme/credentials").await.body["url"], url);
    assert_eq!(sweep(&world).await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_suspended_tenant_is_let_in_by_an_import_that_is_asked_to() {
    let (mut world, url) = forgotten().await;
    let request = ImportRequest { rejoin: true, ..ImportRequest::default() };
    let done = apply(&world, &request).await;
    assert_eq!((done.n_imported(), done.n_refused()), (2, 0), "{done:?}");
    world.start_service().await;
    until_active(&world, "/tenants/acme").await;
    assert!(world.aws().await.member_ids().contains("rf-acme--reports"));
    assert_eq!(world.get("/tenants/acme/credentials").await.body["url"], url);
    assert_eq!(sweep(&world).await, Vec::<Value>::new());
}
