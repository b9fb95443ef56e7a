//! Which cache gets a tenant, and what is said when none does. Nobody works behind this API, so what
//! was accepted stays as it is.

use std::num::NonZeroU32;

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use futures_util::future::join_all;
use insta::assert_snapshot;
use ringfence::{
    config::{CacheConfig, Config},
    domain::{CacheName, Labels, PlacementStrategy, ProfileName},
};
use ringfence_acl::EngineKind;
use serde_json::{Value, json};

use crate::api_router::{Answer, Edge};

/// Caches of these names, each with this many places, changed by their place in the list.
async fn edge(caches: &[(&str, u32)], change: impl FnOnce(&mut [CacheConfig])) -> Edge {
    Edge::configured(|config| caches_of(config, caches, change)).await
}

fn caches_of(config: &mut Config, caches: &[(&str, u32)], change: impl FnOnce(&mut [CacheConfig])) {
    let first = config.caches.remove(0);
    config.caches = caches
        .iter()
        .map(|(name, quota)| CacheConfig {
            name: CacheName::parse(name).unwrap(),
            user_group: format!("ringfence-{name}"),
            user_quota: NonZeroU32::new(*quota).unwrap(),
            ..first.clone()
        })
        .collect();
    change(&mut config.caches);
}

async fn post(edge: &Edge, body: &Value) -> Answer {
    edge.post(&body.to_string()).await
}

async fn send(edge: &Edge, method: Method, path: &str, body: &Value) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_string()))
        .unwrap();
    edge.send(request).await
}

/// Posts tenants of these bodies, and answers into which cache each was put, or which problem it met.
async fn placed(edge: &Edge, bodies: &[Value]) -> Vec<String> {
    let mut caches = Vec::new();
    for body in bodies {
        let answer = post(edge, body).await;
        let cache = || answer.json()["cache"].as_str().unwrap().to_owned();
        caches.push(answer.problem().unwrap_or_else(cache));
    }
    caches
}

fn names(n_tenants: usize) -> Vec<Value> {
    (0..n_tenants).map(|i| json!({ "name": format!("tenant-{i}") })).collect()
}

/// The reason why each cache was not taken.
fn reasons(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, StatusCode::INSUFFICIENT_STORAGE, "{}", answer.body);
    let considered = answer.json()["considered"].as_array().unwrap().clone();
    let reason = |cache: &Value| {
        format!("{}: {}", cache["cache"].as_str().unwrap(), cache["reason"].as_str().unwrap())
    };
    considered.iter().map(reason).collect()
}

fn labels(text: &[(&str, &str)]) -> Labels {
    let pairs = text.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    Labels::try_from(pairs.collect::<std::collections::BTreeMap<_, _>>()).unwrap()
}

#[tokio::test]
async fn tenants_spread_over_the_caches_unless_they_are_to_be_packed() {
    let three = [("a", 4), ("b", 4), ("c", 4)];
    let spread = edge(&three, |_| {}).await;
    assert_eq!(placed(&spread, &names(6)).await, ["a", "b", "c", "a", "b", "c"]);
    let packed = Edge::configured(|config| {
        config.placement.strategy = PlacementStrategy::BinPacked;
        caches_of(config, &three, |_| {});
    })
    .await;
    assert_eq!(placed(&packed, &names(6)).await, ["a", "a", "a", "a", "b", "b"]);
}

#[tokio::test]
async fn the_tenant_without_a_place_is_told_why_of_each_cache() {
    let edge = edge(&[("a", 1), ("b", 9), ("c", 9)], |caches| {
        caches[1].admission.draining = true;
        caches[2].admission.labels = labels(&[("tier", "gold")]);
    })
    .await;
    assert_eq!(placed(&edge, &names(1)).await, ["a"]);
    let answer = post(&edge, &json!({ "name": "late", "labels": { "tier": "silver" } })).await;
    assert_eq!(answer.header("retry-after"), "1");
    assert_snapshot!(answer.shown());
}

#[tokio::test]
async fn what_only_a_person_can_change_is_not_to_be_retried() {
    let edge = edge(&[("a", 9)], |caches| caches[0].admission.draining = true).await;
    let answer = post(&edge, &json!({ "name": "acme" })).await;
    assert_eq!(reasons(&answer), ["a: draining"]);
    assert_eq!((&answer.json()["retryable"], answer.header("retry-after")), (&json!(false), ""));
}

#[tokio::test]
async fn a_draining_cache_takes_no_new_tenant_and_keeps_those_that_it_has() {
    let edge = edge(&[("a", 9), ("b", 9)], |caches| caches[0].admission.draining = true).await;
    assert_eq!(placed(&edge, &names(2)).await, ["b", "b"]);
    let named = post(&edge, &json!({ "name": "acme", "cache": "a" })).await;
    assert_eq!(reasons(&named), ["a: draining"]);
    let session = json!({ "reason": "INC-1", "cache": "a" });
    let session = send(&edge, Method::POST, "/break-glass", &session).await;
    assert_eq!(session.status, StatusCode::ACCEPTED, "{}", session.body);
    let shown = edge.get("/caches/a").await.json();
    assert_eq!((&shown["draining"], &shown["places"]["ours"]), (&json!(true), &json!(1)));
}

#[tokio::test]
async fn a_cache_with_labels_takes_tenants_that_carry_them_all() {
    let edge = edge(&[("a", 9), ("b", 99)], |caches| {
        caches[1].admission.labels = labels(&[("tier", "gold"), ("region", "eu")]);
    })
    .await;
    let of = |name: &str, labels: Value| json!({ "name": name, "labels": labels });
    let bodies = [
        of("none", json!({})),
        of("some", json!({ "tier": "gold" })),
        of("other", json!({ "tier": "gold", "region": "us" })),
        of("all", json!({ "tier": "gold", "region": "eu", "team": "x" })),
    ];
    assert_eq!(placed(&edge, &bodies).await, ["a", "a", "a", "b"]);
    let named = json!({ "name": "acme", "cache": "b" });
    let refused = post(&edge, &named).await;
    assert_eq!(refused.json()["errors"][0]["pointer"], "/labels", "{}", refused.body);
}

#[tokio::test]
async fn a_cache_with_profiles_takes_tenants_all_of_whose_users_have_one_of_them() {
    let edge = edge(&[("a", 9), ("b", 99)], |caches| {
        let profiles = ["cache", "read-only"].map(|name| ProfileName::parse(name).unwrap());
        caches[1].admission.profiles = profiles.into();
    })
    .await;
    let user = |profile: &str| json!([{ "name": "x", "profile": profile }]);
    let bodies = [
        json!({ "name": "usual" }),
        json!({ "name": "both", "profile": "cache", "users": user("read-only") }),
        json!({ "name": "one", "profile": "cache", "users": user("queue") }),
    ];
    assert_eq!(placed(&edge, &bodies).await, ["a", "b", "a"]);
    let refused = post(&edge, &json!({ "name": "acme", "cache": "b" })).await;
    assert_eq!(refused.json()["errors"][0]["pointer"], "/profile", "{}", refused.body);
}

#[tokio::test]
async fn an_engine_can_be_asked_for_and_iam_asks_for_a_new_one() {
    let edge = edge(&[("a", 9), ("b", 99), ("c", 999)], |caches| {
        caches[1].engine = Some(EngineKind::Redis);
        caches[1].engine_version = Some("6.2".parse().unwrap());
        caches[2].engine = None;
    })
    .await;
    let bodies = [
        json!({ "name": "valkey", "engine": "valkey" }),
        json!({ "name": "redis", "engine": "redis" }),
        json!({ "name": "iam", "auth": "iam" }),
    ];
    assert_eq!(placed(&edge, &bodies).await, ["a", "b", "c"]);
    assert_eq!(placed(&edge, &bodies).await, ["a", "b", "c"], "asked again they are the same");
    let other = json!({ "name": "redis", "engine": "valkey" });
    assert_eq!(placed(&edge, &[other]).await, ["tenant-name-taken"]);
    let refused = post(&edge, &json!({ "name": "x", "engine": "redis", "auth": "iam" })).await;
    assert_eq!(reasons(&refused), ["a: engine", "b: auth", "c: engine"]);
    for (body, pointer) in [
        (json!({ "name": "x", "cache": "a", "engine": "redis" }), "/engine"),
        (json!({ "name": "x", "cache": "b", "auth": "iam" }), "/auth"),
    ] {
        let refused = post(&edge, &body).await;
        assert_eq!(refused.json()["errors"][0]["pointer"], pointer, "{}", refused.body);
    }
}

#[tokio::test]
async fn all_users_of_a_tenant_are_put_into_one_cache() {
    let edge = edge(&[("a", 2), ("b", 3)], |_| {}).await;
    let users = json!([{ "name": "x" }, { "name": "y" }]);
    let bodies = [
        json!({ "name": "three", "users": users }),
        json!({ "name": "again", "users": users }),
        json!({ "name": "small" }),
    ];
    assert_eq!(placed(&edge, &bodies).await, ["b", "no-capacity", "a"]);
}

#[tokio::test]
async fn a_full_cache_takes_nobody_of_any_kind() {
    let edge = edge(&[("a", 1)], |_| {}).await;
    assert_eq!(placed(&edge, &names(1)).await, ["a"]);
    let tenant = "/tenants/tenant-0";
    for (method, path, body) in [
        (Method::POST, "/tenants", json!({ "name": "acme", "cache": "a" })),
        (Method::POST, "/services", json!({ "name": "billing" })),
        (Method::POST, "/break-glass", json!({ "reason": "INC-1" })),
        (Method::PUT, &*format!("{tenant}/users/x"), json!({})),
        (Method::PATCH, tenant, json!({ "auth": "iam" })),
    ] {
        let answer = send(&edge, method.clone(), path, &body).await;
        assert_eq!(reasons(&answer), ["a: full"], "{method} {path}");
    }
    let shown = edge.get(tenant).await.json();
    assert_eq!(shown["auth"], "password", "what was refused has changed nothing: {shown}");
    assert_eq!(placed(&edge, &names(1)).await, ["a"], "asked again it is there");
    let same = send(&edge, Method::PUT, &format!("{tenant}/users/main"), &json!({})).await;
    assert_eq!(same.status, StatusCode::ACCEPTED, "a user that is there needs no place");
}

#[tokio::test]
async fn of_many_that_ask_for_the_last_place_at_once_one_gets_it() {
    let edge = edge(&[("a", 1), ("b", 1)], |_| {}).await;
    assert_eq!(placed(&edge, &names(1)).await, ["a"]);
    let bodies: Vec<_> = (1..9).map(|i| json!({ "name": format!("tenant-{i}") })).collect();
    let answers = join_all(bodies.iter().map(|body| post(&edge, body))).await;
    let accepted = answers.iter().filter(|answer| answer.status == StatusCode::ACCEPTED).count();
    assert_eq!(accepted, 1);
    for refused in answers.iter().filter(|answer| answer.status != StatusCode::ACCEPTED) {
        assert_eq!(reasons(refused), ["a: full", "b: full"]);
    }
}

#[tokio::test]
async fn a_name_is_taken_over_all_caches() {
    let edge = edge(&[("a", 9), ("b", 9)], |_| {}).await;
    let bodies = [
        json!({ "name": "acme", "cache": "a" }),
        json!({ "name": "acme", "cache": "b" }),
        json!({ "name": "acme" }),
    ];
    assert_eq!(placed(&edge, &bodies).await, ["a", "tenant-name-taken", "a"]);
}

#[tokio::test]
async fn a_cache_shows_its_places_before_it_was_looked_at() {
    let edge = edge(&[("a", 9), ("b", 9)], |caches| {
        caches[1].admission.labels = labels(&[("tier", "gold")]);
    })
    .await;
    placed(&edge, &names(2)).await;
    let list = edge.get("/caches").await.json();
    let [a, b] = list["items"].as_array().unwrap().as_slice() else { panic!("{list}") };
    let places = json!({ "quota": 9, "source": "configured", "ours": 2, "free": 7 });
    assert_eq!(a["places"], places);
    assert_eq!((&a["tenants"], &a["users"], &a["queue_depth"]), (&json!(2), &json!(2), &json!(2)));
    assert_eq!((&a["headroom"], &a["days_to_full"]), (&Value::Null, &Value::Null));
    assert_eq!((&b["users"], &b["labels"]), (&json!(0), &json!({ "tier": "gold" })));
    assert_eq!(edge.get("/caches/a").await.json(), *a);
}
