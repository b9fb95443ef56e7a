//! After an import a sweep finds everything as it should be.

use ringfence::import::ImportRequest;
use ringfence_simulator::Fault;
use serde_json::{Value, json};

use super::{apply, legacy, lose_the_store, of_other_tools, rotate, run, until_active};
use crate::{
    drift::{kinds, repair, sweep},
    world::{World, on_both_engines},
};

async fn assert_no_drift(world: &World) {
    assert_eq!(sweep(world).await, Vec::<Value>::new());
}

on_both_engines! {
    /// One tenant has its first password, the other the second: which version of its secret holds it is
    /// told by AWS alone.
    async fn an_imported_fleet_shows_no_drift_whatever_its_passwords_have_been_through(kind) {
        let mut world = World::with_iam(kind, |_| {}).await;
        for body in [
            json!({ "name": "acme", "users": [{ "name": "reports", "profile": "read-only" }] }),
            json!({ "name": "globex" }),
            json!({ "name": "initech", "auth": "iam" }),
        ] {
            assert_eq!(world.create_as(body).await.status, 201);
        }
        rotate(&world, "acme").await;
        lose_the_store(&mut world).await;
        let done = apply(&world, &ImportRequest::default()).await;
        assert_eq!((done.n_imported(), done.n_refused()), (3, 0), "{done:?}");
        let before = world.aws().await;
        world.start_service().await;
        for tenant in ["acme", "globex", "initech"] {
            until_active(&world, &format!("/tenants/{tenant}")).await;
        }
        assert_no_drift(&world).await;
        assert_eq!(world.aws().await, before);

        // From then on the versions are followed as always.
        rotate(&world, "acme").await;
        assert_no_drift(&world).await;
        let secrets = world.secrets_manager();
        let gone = secrets.delete_secret().secret_id("ringfence/globex");
        gone.force_delete_without_recovery(true).send().await.unwrap();
        assert_eq!(kinds(&sweep(&world).await), ["secret-missing"]);
        repair(&world, json!({ "tenant": "globex" })).await;
        until_active(&world, "/tenants/globex").await;
        assert_no_drift(&world).await;
        let by_hand = secrets.put_secret_value().secret_id("ringfence/acme/reports");
        by_hand.secret_string("{\"password\":\"by-hand-by-hand-by-hand\"}").send().await.unwrap();
        assert_eq!(kinds(&sweep(&world).await), ["secret-changed"]);
    }

    async fn a_fleet_that_moved_in_shows_no_drift(kind) {
        let mut world = World::new(kind).await;
        world.create("sample").await;
        let rights = world.aws().await.access_string("rf-sample").to_owned();
        for tenant in ["acme", "globex"] {
            legacy(&world, tenant, &rights.replace("sample:", &format!("{tenant}:")), kind).await;
        }
        world.stop_service().await;
        // It is cut off between the secret of one and its tags, and goes on under another id.
        let fault = Fault::before("AddTagsToResource").error("AccessDenied", 403);
        world.control().add_fault(fault.times(1));
        let request = ImportRequest { apply: true, ..of_other_tools() };
        run(&world, &request).await.expect_err("it is cut off");
        let done = run(&world, &request).await.unwrap();
        assert_eq!((done.n_imported(), done.n_refused()), (2, 0), "{done:?}");
        world.start_service().await;
        for tenant in ["acme", "globex"] {
            until_active(&world, &format!("/tenants/{tenant}")).await;
        }
        assert_no_drift(&world).await;
        rotate(&world, "acme").await;
        assert_no_drift(&world).await;
    }
}
