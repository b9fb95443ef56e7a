//! Who waits for the user group, and what that costs.

use std::time::Duration;

use futures_util::future::{join, join_all};
use reqwest::Method;
use ringfence_acl::EngineKind;
use ringfence_simulator::{Settings, Span};
use serde_json::json;
use tokio::net::TcpListener;

use crate::world::{Answer, World, on_both_engines};

const TENANTS: usize = 30;

fn n_calls(world: &World, operation: &str) -> usize {
    world.control().calls().iter().filter(|call| call.operation == operation).count()
}

async fn post(world: &World, name: &str) -> Answer {
    Answer::of(world.request(Method::POST, "/tenants").json(&json!({ "name": name }))).await
}

on_both_engines! {
    /// A tenant costs a secret, a user and the look at what the tenant will read; all else is shared by
    /// those who come together.
    async fn a_burst_of_sign_ups_asks_aws_for_no_more_than_it_must(kind) {
        let world = World::new(kind).await;
        world.create("first").await;
        // The first change lasts until all the others are there, however long that takes.
        let minute = Duration::from_mins(1);
        world.control().change_settings(|settings| {
            settings.latencies.group_modify = Span::exactly(minute);
        });
        world.control().clear_calls();
        let names: Vec<String> = (0..TENANTS).map(|i| format!("tenant-{i}")).collect();
        let let_go = async {
            for name in &names {
                world.until_phase(name, "joining-group").await;
            }
            let none = |settings: &mut Settings| settings.latencies.group_modify = Span::default();
            world.control().change_settings(none);
            world.control().advance_clock(minute).await.unwrap();
        };
        let (answers, ()) = join(join_all(names.iter().map(|name| world.create(name))), let_go).await;
        for answer in answers {
            assert_eq!(answer.body["status"], "active", "{answer:?}");
        }
        assert_eq!(n_calls(&world, "CreateSecret"), TENANTS);
        assert_eq!(n_calls(&world, "CreateUser"), TENANTS);
        assert_eq!(n_calls(&world, "GetSecretValue"), TENANTS, "for the attestation only");
        assert_eq!(n_calls(&world, "ListTagsForResource"), 0, "what was just made is ours");
        assert!(n_calls(&world, "ModifyUserGroup") <= 3, "what waits is sent together");
    }

    /// Beside the terse refusal, the fact that counts: nobody asks again as long as it is so.
    async fn a_full_group_is_not_asked_again_until_a_member_leaves(kind) {
        let world = World::new(kind).await;
        world.create("first").await;
        let members = world.aws().await.member_ids().len();
        world.control().change_settings(|settings| settings.quotas.users_per_group = members);
        post(&world, "second").await;
        let path = "/tenants/second";
        let told = world.until(path, |second| !second.body["problem"].is_null()).await;
        assert_eq!(told.body["problem"]["type"], "/problems/user-group-full", "{told:?}");
        let asked = n_calls(&world, "ModifyUserGroup");
        let mut tries = vec![told.body["problem"]["retry_at"].clone()];
        while tries.len() < 4 {
            let last = tries.last().unwrap().clone();
            let is_next = |it: &Answer| it.body["problem"]["retry_at"] != last;
            let next = world.until(path, is_next).await;
            tries.push(next.body["problem"]["retry_at"].clone());
        }
        assert_eq!(n_calls(&world, "ModifyUserGroup"), asked, "tried again, and not asked again");
        assert_eq!(world.delete("first").await.status, 204);
        assert_eq!(world.create("second").await.body["status"], "active");
    }
}

/// The fences of all that sign up are tried at an engine that takes connections and says nothing.
#[tokio::test]
async fn an_engine_that_says_nothing_keeps_nobody_out_of_the_group() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = silent.local_addr().unwrap();
    let world = World::with(EngineKind::Valkey, |config| {
        config.caches[0].host = Some(address.ip().to_string());
        config.caches[0].port = Some(address.port());
        config.reconciler.attestations_in_flight = 2.try_into().unwrap();
    })
    .await;
    let names: Vec<String> = (0..TENANTS).map(|i| format!("tenant-{i}")).collect();
    join_all(names.iter().map(|name| post(&world, name))).await;
    let members = async {
        let mut looks = tokio::time::interval(Duration::from_millis(5));
        loop {
            let aws = world.aws().await;
            let members = aws.member_ids();
            if names.iter().all(|name| members.contains(&format!("rf-{name}")[..])) {
                break;
            }
            looks.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), members).await.expect("all become members");
    for name in &names {
        let tenant = world.get(&format!("/tenants/{name}")).await;
        assert_eq!(tenant.body["status"], "provisioning", "nobody was proved: {tenant:?}");
    }
    drop(silent);
}
