//! The life of a tenant, through HTTP, against a simulated AWS and a real engine.

use ringfence::domain::OptIn;
use serde_json::json;

use crate::world::{TenantLogin, World, code, on_both_engines};

on_both_engines! {
    async fn a_posted_tenant_becomes_active_and_its_credentials_work(kind) {
        let world = World::new(kind).await;
        let created = world.create("acme").await;
        assert_eq!(created.status, 201, "{created:?}");
        assert_eq!(created.body["status"], "active");
        assert_eq!(created.headers["location"], "/tenants/acme");

        let mut acme = world.login("acme").await;
        acme.set("acme:greeting", "hello").await.unwrap();
        assert_eq!(acme.get("acme:greeting").await.unwrap().as_deref(), Some("hello"));
    }

    async fn a_tenant_cannot_read_write_list_or_notice_another(kind) {
        let world = World::new(kind).await;
        world.create("acme").await;
        world.create("globex").await;
        let mut acme = world.login("acme").await;
        acme.set("acme:secret", "s3cret").await.unwrap();

        let mut globex = world.login("globex").await;
        let tries: &[&[&str]] = &[
            &["GET", "acme:secret"],
            &["SET", "acme:secret", "x"],
            &["DEL", "acme:secret"],
            &["EXISTS", "acme:secret"],
            &["GET", "acme:missing"],
            &["SCAN", "0"],
            &["KEYS", "*"],
            &["RANDOMKEY"],
            &["DBSIZE"],
            &["FLUSHALL"],
            &["SUBSCRIBE", "acme:news"],
            &["PUBLISH", "acme:news", "x"],
            &["CLIENT", "LIST"],
            &["INFO"],
            &["GEORADIUS", "globex:g", "0", "0", "1", "km", "STORE", "globex:x", "STORE", "acme:secret"],
        ];
        for words in tries {
            let error = globex.run(words).await.expect_err(&words.join(" "));
            assert_eq!(code(&error), "NOPERM", "{words:?}");
        }
        assert_eq!(acme.get("acme:secret").await.unwrap().as_deref(), Some("s3cret"));
    }

    async fn every_profile_is_proved_isolated(kind) {
        let world = World::with(kind, |config| {
            config.opt_in_profiles.insert(OptIn::Scripting);
        }).await;
        for profile in ["read-write", "read-only", "queue", "cache", "pubsub", "scripting"] {
            let body = json!({ "name": format!("t-{profile}"), "profile": profile });
            let created = world.create_as(body).await;
            assert_eq!(created.body["status"], "active", "{created:?}");
            assert_eq!(created.body["attested"]["verdict"], "isolated");
        }
        let mut reader = world.login("t-read-only").await;
        assert_eq!(reader.get("t-read-only:x").await.unwrap(), None);
        let refused = reader.set("t-read-only:x", "1").await.unwrap_err();
        assert_eq!(code(&refused), "NOPERM");
    }

    async fn a_deleted_tenant_leaves_nothing_but_a_secret_in_its_recovery_window(kind) {
        let world = World::new(kind).await;
        let before = world.aws().await;
        world.create("acme").await;
        let url = world.get("/tenants/acme/credentials").await.body["url"].clone();
        let mut open = world.login("acme").await;
        assert_eq!(world.delete("acme").await.status, 204);

        assert_eq!(world.get("/tenants/acme").await.status, 404);
        assert!(open.get("acme:x").await.is_err(), "its open connection was cut");
        assert!(TenantLogin::with_url(url.as_str().unwrap()).await.is_err());
        let after = world.aws().await;
        assert_eq!(after.user_ids(), before.user_ids());
        assert_eq!(after.member_ids(), before.member_ids());
        assert!(after.living_secrets().is_empty());
        assert!(!after.secret("ringfence/acme")["DeletedDate"].is_null());
    }

    async fn a_tenant_made_again_gets_its_secret_back_with_a_new_password(kind) {
        let world = World::new(kind).await;
        world.create("acme").await;
        let first = world.get("/tenants/acme/credentials").await.body;
        world.login("acme").await.set("acme:old", "1").await.unwrap();
        world.delete("acme").await;

        let refused = world.create("acme").await;
        assert_eq!((refused.status, refused.problem()), (409, "keys-left-behind"));
        let again = world.create_as(json!({ "name": "acme", "inherit_keys": true })).await;
        assert_eq!(again.status, 201, "{again:?}");
        let second = world.get("/tenants/acme/credentials").await.body;
        assert_ne!(first["password"], second["password"]);
        assert!(TenantLogin::with_url(first["url"].as_str().unwrap()).await.is_err());
        assert_eq!(world.login("acme").await.get("acme:old").await.unwrap().as_deref(), Some("1"));
    }

    async fn overlapping_names_cannot_share_a_cache_under_the_hyphen_template(kind) {
        let world = World::with(kind, |config| {
            config.key_pattern = "{tenant}-*".parse().unwrap();
        }).await;
        assert_eq!(world.create("acme").await.status, 201);
        let refused = world.create("acme-eu").await;
        assert_eq!((refused.status, refused.problem()), (409, "key-pattern-overlap"));
        assert!(refused.body["detail"].as_str().unwrap().contains("acme-eu-"), "{refused:?}");
        assert_eq!(world.create("acmeeu").await.status, 201);
    }
}
