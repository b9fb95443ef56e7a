//! Many at once, asked twice, and killed in the middle.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use reqwest::Client;
use ringfence_acl::EngineKind;
use ringfence_simulator::{Latencies, Span};
use serde_json::json;

use crate::world::{Answer, ServiceProcess, World, on_both_engines};

const TENANTS: usize = 20;

fn names() -> Vec<String> {
    (0..TENANTS).map(|i| format!("tenant-{i}")).collect()
}

async fn create_all(world: &World) -> Vec<Answer> {
    let names = names();
    join_all(names.iter().map(|name| world.create(name))).await
}

on_both_engines! {
    async fn twenty_posted_at_once_become_active_and_asking_again_makes_nothing(kind) {
        let world = World::new(kind).await;
        for answer in create_all(&world).await {
            assert_eq!((answer.status, &answer.body["status"]), (201, &json!("active")), "{answer:?}");
        }
        let made = world.aws().await;
        let n_calls = world.control().calls().len();
        for answer in create_all(&world).await {
            assert_eq!(answer.status, 200, "{answer:?}");
        }
        assert_eq!(world.aws().await, made);
        assert_eq!(world.control().calls().len(), n_calls, "no call was needed");
    }

    /// A member with a tenant's user name appears after that tenant was accepted.
    async fn one_bad_member_fails_alone(kind) {
        let world = World::new(kind).await;
        world.create("first").await;
        add_foreign_member(&world, kind, "tenant-7").await;
        let posts = names().into_iter().map(|name| {
            let request = world.request(reqwest::Method::POST, "/tenants");
            Answer::of(request.header("prefer", "wait=60").json(&json!({ "name": name })))
        });
        let mut by_status = BTreeMap::<String, Vec<String>>::new();
        for answer in join_all(posts).await {
            let member = |name: &str| answer.body[name].as_str().unwrap_or_default().to_owned();
            by_status.entry(member("status")).or_default().push(member("name"));
        }
        assert_eq!(by_status["active"].len(), TENANTS - 1, "{by_status:?}");
        assert_eq!(by_status["blocked"], ["tenant-7"]);
        let blocked = world.get("/tenants/tenant-7").await;
        assert_eq!(blocked.body["problem"]["type"], "/problems/user-name-taken", "{blocked:?}");
    }

    async fn a_service_killed_again_and_again_finishes_the_work_exactly_once(kind) {
        let mut world = World::new(kind).await;
        world.stop_service().await;
        let before = world.aws().await;
        world.control().change_settings(|settings| {
            settings.latencies = Latencies {
                group_modify: Span::between_ms(40, 40),
                user_create: Span::between_ms(20, 20),
                ..Latencies::none()
            };
        });
        for kill_after_calls in [0, 1, 7, 23, 41, 60, 75] {
            let service = ServiceProcess::start(&world);
            post_all(&service).await;
            poll_until(&service, || world.control().calls().len() >= kill_after_calls).await;
            service.kill();
        }
        let service = ServiceProcess::start(&world);
        for answer in post_and_wait(&service).await {
            assert_eq!(answer.body["status"], "active", "{answer:?}\n{}", service.log());
        }
        let after = world.aws().await;
        let ours: Vec<String> = names().iter().map(|name| format!("rf-{name}")).collect();
        assert_eq!(after.user_ids().len(), before.user_ids().len() + TENANTS);
        assert_eq!(after.living_secrets().len(), TENANTS);
        for id in &ours {
            assert!(after.member_ids().contains(id.as_str()), "{id} is no member");
        }
    }
}

async fn add_foreign_member(world: &World, kind: EngineKind, user_name: &str) {
    let elasticache = world.elasticache();
    elasticache
        .create_user()
        .user_id("somebody-elses")
        .user_name(user_name)
        .engine(kind.to_string())
        .access_string("on ~x:* resetchannels -@all +get")
        .passwords("0123456789abcdef0123")
        .send()
        .await
        .unwrap();
    let change = elasticache.modify_user_group().user_group_id("ringfence");
    change.user_ids_to_add("somebody-elses").send().await.unwrap();
}

/// Asks without waiting. What is answered is accepted; a service that dies may not answer.
async fn post_all(service: &ServiceProcess) {
    let client = Client::new();
    let posts = names().into_iter().map(|name| {
        client.post(format!("{}/tenants", service.url)).json(&json!({ "name": name })).send()
    });
    for answer in join_all(posts).await {
        assert!(answer.unwrap().status().is_success());
    }
}

async fn post_and_wait(service: &ServiceProcess) -> Vec<Answer> {
    let client = Client::new();
    let posts = names().into_iter().map(|name| {
        let post = client.post(format!("{}/tenants", service.url));
        Answer::of(post.header("prefer", "wait=60").json(&json!({ "name": name })))
    });
    join_all(posts).await
}

/// Asks the service how it is until something is so.
async fn poll_until(service: &ServiceProcess, is_so: impl Fn() -> bool) {
    let client = Client::new();
    while !is_so() {
        client.get(format!("{}/livez", service.url)).send().await.unwrap();
    }
}
