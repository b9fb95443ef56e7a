//! Who asked for something is recorded with it.

use std::collections::BTreeSet;

use reqwest::Method;
use ringfence_acl::EngineKind;
use ringfence_simulator::Fault;
use serde_json::{Value, json};

use crate::{
    api_router::DOCUMENT,
    world::{Answer, World},
};

/// What changes nothing that is kept.
const CHANGES_NOTHING: [&str; 3] = ["post /acl/explain", "post /acl/lint", "post /drift/sweeps"];

/// Asks for one thing after the other, each under an id of its own.
struct Asker<'a> {
    world: &'a World,
    asked: BTreeSet<String>,
    prefer: &'static str,
}

impl Asker<'_> {
    /// Asks at a path that is made by filling in `with` for what stands in braces.
    async fn ask(&mut self, operation: &str, with: &[&str], body: Value) -> Answer {
        let (method, template) = operation.split_once(' ').unwrap();
        let mut path = template.to_owned();
        for value in with {
            let (begin, rest) = path.split_once('{').unwrap();
            path = format!("{begin}{value}{}", rest.split_once('}').unwrap().1);
        }
        let method: Method = method.to_uppercase().parse().unwrap();
        let request = self.world.request(method, &path).header("x-request-id", name(operation));
        let answer = Answer::of(request.header("prefer", self.prefer).json(&body)).await;
        assert!((200..300).contains(&answer.status), "{operation}: {answer:?}");
        self.asked.insert(operation.to_owned());
        answer
    }

    async fn ask_for_everything(&mut self) {
        self.ask("post /tenants", &[], json!({ "name": "acme" })).await;
        let labels = json!({ "labels": { "plan": "gold" } });
        self.ask("patch /tenants/{name}", &["acme"], labels).await;
        let user = ["acme", "queue"];
        self.ask("put /tenants/{name}/users/{user}", &user, json!({ "profile": "queue" })).await;
        self.ask("delete /tenants/{name}/users/{user}", &user, json!({})).await;
        self.ask("post /tenants/{name}/attestations", &["acme"], json!({})).await;
        self.ask_for_rotations().await;
        self.ask_for_fleet_rotations().await;
        self.ask("post /services", &[], json!({ "name": "billing" })).await;
        self.ask("delete /services/{name}", &["billing"], json!({})).await;
        let session = self.ask("post /break-glass", &[], json!({ "reason": "INC-1" })).await;
        let session = session.body["name"].as_str().unwrap();
        self.ask("delete /break-glass/{name}", &[session], json!({})).await;
        self.ask_for_repair().await;
        self.ask_for_webhooks().await;
        self.ask("delete /tenants/{name}", &["acme"], json!({})).await;
    }

    async fn ask_for_rotations(&mut self) {
        let body = json!({ "grace_seconds": 60, "expected_consumers": ["checkout", "worker"] });
        let begun = self.ask("post /tenants/{name}/rotations", &["acme"], body).await;
        let rotation = ["acme", begun.body["id"].as_str().unwrap()];
        let acks = "post /tenants/{name}/rotations/{id}/acks";
        self.ask(acks, &rotation, json!({ "consumer": "checkout" })).await;
        self.ask("post /tenants/{name}/rotations/{id}/retire", &rotation, json!({})).await;

        // Nothing gets through to ElastiCache until it is cancelled.
        let stuck = Fault::before("ModifyUser").error("Throttling", 400);
        self.world.control().add_fault(stuck);
        self.prefer = "respond-async";
        let begun = self.ask("post /tenants/{name}/rotations", &["acme"], json!({})).await;
        let rotation = ["acme", begun.body["id"].as_str().unwrap()];
        self.ask("post /tenants/{name}/rotations/{id}/cancel", &rotation, json!({})).await;
        self.prefer = "wait=60";
        self.world.control().clear_faults();
        let path = format!("/tenants/acme/rotations/{}", rotation[1]);
        self.world.until(&path, |answer| answer.body["status"] == "cancelled").await;
    }

    async fn ask_for_fleet_rotations(&mut self) {
        let body = json!({ "selector": {}, "reason": "quarterly", "grace_seconds": 3600 });
        let begun = self.ask("post /rotations", &[], body).await;
        let id = [begun.body["id"].as_str().unwrap()];
        for change in ["pause", "resume", "retire", "cancel"] {
            self.ask(&format!("post /rotations/{{id}}/{change}"), &id, json!({})).await;
        }
        let over = |answer: &Answer| {
            let rotations = answer.body["items"].as_array().unwrap();
            rotations.iter().all(|rotation| rotation["status"] != "running")
        };
        self.world.until("/tenants/acme/rotations", over).await;
    }

    async fn ask_for_webhooks(&mut self) {
        let body = json!({ "url": "https://webhooks.invalid/" });
        let made = self.ask("post /webhooks", &[], body).await;
        let id = made.body["id"].as_str().unwrap();
        self.ask("patch /webhooks/{id}", &[id], json!({ "description": "none" })).await;
        self.ask("post /webhooks/{id}/secrets", &[id], json!({})).await;
        self.ask("post /webhooks/{id}/test", &[id], json!({})).await;
        let deliveries = self.world.get(&format!("/webhooks/{id}/deliveries")).await;
        let message = deliveries.body["items"][0]["id"].as_str().unwrap();
        let redeliver = "post /webhooks/{id}/deliveries/{delivery}/redeliver";
        self.ask(redeliver, &[id, message], json!({})).await;
        self.ask("delete /webhooks/{id}", &[id], json!({})).await;
    }

    async fn ask_for_repair(&mut self) {
        let leave = self.world.elasticache().modify_user_group().user_group_id("ringfence");
        leave.user_ids_to_remove("rf-acme").send().await.unwrap();
        let differs = crate::drift::sweep(self.world).await;
        let id = &differs[0]["id"];
        self.ask("post /drift/repair", &[], json!({ "items": [id] })).await;
        self.world.until("/tenants/acme", |tenant| tenant.body["status"] == "active").await;
    }
}

fn name(operation: &str) -> String {
    operation.replace([' ', '{', '}'], "_")
}

/// The operations of the document that can change something.
fn operations() -> BTreeSet<String> {
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let of_path = |(path, operations): (&String, &Value)| -> Vec<String> {
        let methods = operations.as_object().unwrap().keys();
        methods.map(|method| format!("{method} {path}")).collect()
    };
    let all = paths.iter().flat_map(of_path);
    all.filter(|operation| !operation.starts_with("get ")).collect()
}

#[tokio::test]
async fn every_operation_that_changes_something_leaves_an_event_with_its_request() {
    let world = World::with(EngineKind::Valkey, crate::drift::report_only).await;
    let mut asker = Asker { world: &world, asked: BTreeSet::new(), prefer: "wait=60" };
    asker.ask_for_everything().await;
    let mut expected = operations();
    for operation in CHANGES_NOTHING {
        assert!(expected.remove(operation), "{operation}");
    }
    assert_eq!(asker.asked, expected);
    let events = world.get("/events?limit=1000").await;
    let events = events.body["items"].as_array().unwrap();
    for operation in expected {
        let caused: Vec<&Value> =
            events.iter().filter(|event| event["request_id"] == name(&operation)).collect();
        let by_caller = caused.iter().filter(|event| event["actor"] == "anonymous").count();
        assert!(by_caller > 0, "{operation} left {caused:?}");
    }
}

#[tokio::test]
async fn a_reading_of_credentials_is_recorded_when_it_is_answered() {
    let world = World::new(EngineKind::Valkey).await;
    let users = json!([{ "name": "sessions", "profile": "cache" }]);
    world.create_as(json!({ "name": "acme", "users": users })).await;
    world.send(Method::POST, "/services", json!({ "name": "billing" })).await;
    let session = world.send(Method::POST, "/break-glass", json!({ "reason": "INC-1" })).await;
    let session = session.body["name"].as_str().unwrap();
    for (path, tenant, user, detail) in [
        ("/tenants/acme/credentials".to_owned(), "acme", "main", ""),
        ("/tenants/acme/users/sessions/credentials".to_owned(), "acme", "sessions", ""),
        ("/services/billing/credentials".to_owned(), "billing", "main", ""),
        (format!("/break-glass/{session}/credentials"), session, "main", "INC-1"),
    ] {
        let before = &world.get("/events").await.body["seen_to"];
        let request = world.request(Method::GET, &path).header("x-request-id", "who-reads");
        assert_eq!(Answer::of(request).await.status, 200);
        let news = world.get(&format!("/events?after={before}&kind=credentials.read")).await;
        let [read] = news.body["items"].as_array().unwrap().as_slice() else {
            panic!("{path}: {news:?}");
        };
        let told = ["tenant", "user", "detail", "request_id", "outcome"].map(|part| &read[part]);
        assert_eq!(told, [tenant, user, detail, "who-reads", "success"], "{path}");
    }
}
