//! Attestations: what a login as the tenant proves, and what is said when it proves the contrary.

use reqwest::Method;
use ringfence_acl::EngineKind;
use serde_json::{Value, json};

use crate::world::{Answer, World, on_both_engines};

/// Somebody changes the tenant's user in AWS, not through Ringfence.
async fn loosen(world: &World, access_string: &str) {
    let change = world.elasticache().modify_user().user_id("rf-acme").access_string(access_string);
    change.send().await.unwrap();
}

/// Somebody changes the tenant's user on the engine, not through AWS.
async fn loosen_engine(world: &World, rules: &[&str]) {
    let address = world.engine_address();
    world.control().change_engine_user(address, "acme", rules).await.unwrap();
}

/// The next change of the user takes that back.
async fn mend_engine(world: &World) {
    let rules = world.aws().await.access_string("rf-acme").to_owned();
    loosen(world, &format!("{rules} +ping")).await;
}

fn tried<'a>(finding: &'a Value, command: &str) -> Option<&'a Value> {
    finding["probes"].as_array().unwrap().iter().find(|probe| probe["command"] == command)
}

fn not_tried(finding: &Value) -> Vec<&str> {
    finding["not_tried"].as_array().unwrap().iter().filter_map(Value::as_str).collect()
}

on_both_engines! {
    async fn an_active_tenant_has_been_proved_isolated_by_hundreds_of_commands(kind) {
        let world = World::new(kind).await;
        let created = world.create("acme").await;
        assert_eq!(created.body["attested"]["verdict"], "isolated", "{created:?}");

        let list = world.get("/tenants/acme/attestations").await;
        let finding = &list.body["items"][0]["finding"];
        assert_eq!(finding["verdict"], "isolated");
        let n_probes = finding["probes"].as_array().unwrap().len();
        assert!(n_probes > 150, "only {n_probes} commands were tried");
        for refused in ["SCAN 0", "RANDOMKEY", "DBSIZE", "FLUSHALL", "KEYS 0", "SCRIPT FLUSH"] {
            let probe = tried(finding, refused).unwrap_or_else(|| panic!("{refused}"));
            assert_eq!((&probe["may"], &probe["could"]), (&json!(false), &json!(false)));
        }
        // No transaction takes these, whoever sends them.
        assert!(not_tried(finding).contains(&"SHUTDOWN"), "{finding}");
        assert!(finding["engine"].as_str().unwrap().starts_with(&kind.to_string()));
    }

    async fn a_fence_loosened_behind_our_back_is_found_leaky_with_the_commands(kind) {
        let world = World::new(kind).await;
        world.create("acme").await;
        assert_eq!(world.attest("acme").await.body["finding"]["verdict"], "isolated");
        world.create("globex").await;
        world.login("globex").await.set("globex:x", "1").await.unwrap();
        loosen(&world, "on ~* &* +@all").await;

        let leaky = world.attest("acme").await;
        assert_eq!(leaky.status, 201, "{leaky:?}");
        let finding = &leaky.body["finding"];
        assert_eq!(finding["verdict"], "leaky");
        let detail = finding["detail"].as_str().unwrap();
        for command in ["SCAN 0", "GET {foreign}", "FLUSHALL", "CLIENT TRACKING ON BCAST"] {
            assert!(detail.contains(command), "{command} is not in {detail}");
        }
        // Nothing that was tried has happened.
        let kept = world.login("globex").await.get("globex:x").await.unwrap();
        assert_eq!(kept.as_deref(), Some("1"));
        assert_eq!(world.get("/tenants/acme").await.body["attested"]["verdict"], "leaky");
        let verdicts: Vec<Value> = world.get("/tenants/acme/attestations").await.body["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["finding"]["verdict"].clone())
            .collect();
        assert_eq!(verdicts, ["leaky", "isolated", "isolated"], "newest first");
    }
}

/// One command too many is enough.
#[tokio::test]
async fn a_single_leak_is_named() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    loosen(&world, "on ~acme:* resetchannels &acme:* +@all -@dangerous -scan -randomkey").await;
    let finding = world.attest("acme").await.body["finding"].clone();
    assert_eq!(finding["verdict"], "leaky");
    assert_eq!(tried(&finding, "DBSIZE").unwrap()["could"], true);
    for refused in ["SCAN 0", "RANDOMKEY", "GET {foreign}", "FLUSHALL"] {
        assert_eq!(tried(&finding, refused).unwrap()["could"], false, "{refused}");
    }
}

/// Without enough replicas an engine answers every write with NOREPLICAS.
#[tokio::test]
async fn a_leak_is_told_of_a_node_that_also_answers_what_decides_nothing() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    loosen_engine(&world, &["+config|set", "+scan", "+swapdb"]).await;
    let setting = ["CONFIG", "SET", "min-replicas-to-write", "1"];
    world.login("acme").await.run(&setting).await.unwrap();
    let finding = world.attest("acme").await.body["finding"].clone();
    assert_eq!(finding["verdict"], "leaky", "{finding}");
    let detail = "the tenant was allowed: CONFIG SET 0 0; SCAN 0";
    assert_eq!(finding["detail"], detail);
    assert!(tried(&finding, "SWAPDB 0 0").is_none(), "{finding}");

    mend_engine(&world).await;
    let finding = world.attest("acme").await.body["finding"].clone();
    assert_eq!(finding["verdict"], "inconclusive", "{finding}");
    assert_eq!(finding["detail"], "SET {own} 1 EX 60 is answered with NOREPLICAS");
    assert_eq!(tried(&finding, "SCAN 0").unwrap()["could"], false);
}

/// What has to be refused follows from what really answers.
#[tokio::test]
async fn an_engine_of_another_kind_than_told_is_attested_by_its_own_commands() {
    let world = World::with(EngineKind::Valkey, |config| {
        config.caches[0].engine = Some(EngineKind::Redis);
        config.caches[0].engine_version = Some("6.2".parse().unwrap());
    })
    .await;
    assert_eq!(world.create("acme").await.body["status"], "active");
    let finding = world.attest("acme").await.body["finding"].clone();
    assert_eq!(finding["verdict"], "isolated", "{finding}");
    let engine = finding["engine"].as_str().unwrap();
    assert!(engine.starts_with("valkey "), "{engine}");
    assert_eq!(finding["nodes"][0]["engine"], engine);
    let odd = format!("the engine says that it is {engine}, and redis was told");
    assert_eq!(finding["detail"], odd);
    assert!(tried(&finding, "FUNCTION FLUSH").is_some(), "Redis 6.2 has no functions");
}

/// A full engine answers OOM, but only to who has the right.
#[tokio::test]
async fn a_full_engine_hides_no_leak() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    loosen_engine(&world, &["+config|set", "+scan"]).await;
    world.login("acme").await.run(&["CONFIG", "SET", "maxmemory", "1"]).await.unwrap();
    let finding = world.attest("acme").await.body["finding"].clone();
    assert_eq!(finding["detail"], "the tenant was allowed: CONFIG SET 0 0; SCAN 0", "{finding}");

    mend_engine(&world).await;
    let finding = world.attest("acme").await.body["finding"].clone();
    assert_eq!(finding["verdict"], "inconclusive", "{finding}");
    assert!(finding["detail"].as_str().unwrap().ends_with("changing or full"), "{finding}");
}

/// If MULTI is refused, what could do harm is not sent at all.
#[tokio::test]
async fn without_a_transaction_nothing_dangerous_is_tried() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    world.create("globex").await;
    world.login("globex").await.set("globex:x", "1").await.unwrap();
    loosen(&world, "on ~* &* +@all -multi").await;
    let finding = world.attest("acme").await.body["finding"].clone();
    assert_eq!(tried(&finding, "MULTI").unwrap()["could"], false);
    assert!(tried(&finding, "FLUSHALL").is_none(), "{finding}");
    assert!(not_tried(&finding).contains(&"FLUSHALL"), "{finding}");
    let kept = world.login("globex").await.get("globex:x").await.unwrap();
    assert_eq!(kept.as_deref(), Some("1"));
}

#[tokio::test]
async fn without_an_engine_nothing_is_decided() {
    let mut world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    world.stop_service().await;
    // Nobody listens there.
    world.config.caches[0].port = Some(1);
    world.start_service().await;
    let finding = world.attest("acme").await.body["finding"].clone();
    assert_eq!(finding["verdict"], "inconclusive", "{finding}");
    assert!(finding["detail"].as_str().unwrap().contains("refused the connection"), "{finding}");
    assert_eq!(world.get("/tenants/acme").await.body["status"], "active");
}

#[tokio::test]
async fn attestations_are_listed_in_pages_and_found_by_their_id() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    let second = world.attest("acme").await;
    let location = second.headers["location"].to_str().unwrap().to_owned();
    assert_eq!(world.get(&location).await.body, second.body);
    let page = world.get("/tenants/acme/attestations?limit=1").await.body;
    assert_eq!(page["items"][0]["id"], second.body["id"]);
    let token = page["next_page_token"].as_str().unwrap();
    let path = format!("/tenants/acme/attestations?limit=1&page_token={token}");
    let last = world.get(&path).await.body;
    assert_ne!(last["items"][0]["id"], second.body["id"]);
    assert_eq!(last["next_page_token"], json!(null));
    let missing =
        world.get("/tenants/acme/attestations/01a2001e-33c4-7e40-8f1a-e2ad052b5067").await;
    assert_eq!((missing.status, missing.problem()), (404, "attestation-not-found"));
}

#[tokio::test]
async fn only_an_active_tenant_is_attested() {
    let world = World::with(EngineKind::Valkey, |config| {
        config.caches[0].user_group = "missing".to_owned();
    })
    .await;
    let request = world.request(Method::POST, "/tenants").json(&json!({ "name": "acme" }));
    assert_eq!(Answer::of(request).await.status, 202);
    let refused = world.attest("acme").await;
    assert_eq!((refused.status, refused.problem()), (409, "tenant-not-active"));
}

/// Attestations reach for its keys, to see that no tenant can.
#[tokio::test]
async fn the_canary_is_nobody() {
    let mut world = World::new(EngineKind::Valkey).await;
    let ask = async |world: &World, name: &str| {
        let answer = world.create(name).await;
        (answer.status, answer.body["type"].as_str().unwrap_or_default().to_owned())
    };
    let reserved = (409, "/problems/tenant-name-reserved".to_owned());
    assert_eq!(ask(&world, "ringfence-canary").await, reserved);
    assert_eq!(ask(&world, "ringfence").await.0, 201);

    // Now that would own the canary's keys, and those of this name would not.
    world.delete("ringfence").await;
    world.stop_service().await;
    world.config.key_pattern = "{tenant}-*".parse().unwrap();
    world.start_service().await;
    assert_eq!(ask(&world, "ringfence").await, reserved);
    assert_eq!(ask(&world, "ringfence-eu").await.0, 201);
}
