//! What the API says and what the engine does, at every moment of a random history.

use std::time::Duration;

use redis::Client;
use ringfence_simulator::Span;
use serde_json::Value;

use crate::bench::{Bench, GROUP, PASSWORD, on_both_engines};

const USERS: [&str; 4] = ["a", "b", "c", "d"];

on_both_engines! {
    /// Calls that are refused are part of the game.
    async fn api_and_engine_never_disagree(bench: Bench) {
        bench.control.change_settings(|settings| {
            let latencies = &mut settings.latencies;
            for span in [
                &mut latencies.user_create,
                &mut latencies.user_modify,
                &mut latencies.user_delete,
                &mut latencies.group_modify,
                &mut latencies.member_lock,
            ] {
                *span = Span::between_ms(0, 120_000);
            }
        });
        let mut dice = fastrand::Rng::with_seed(7);
        let mut logins = 0;
        for _ in 0..150 {
            move_on(&bench, &mut dice).await;
            let past = Duration::from_secs(dice.u64(0..60));
            bench.control.advance_clock(past).await.unwrap();
            logins += agree(&bench).await;
        }
        assert!(logins > 50, "the history was too dull: {logins} logins");
    }
}

/// One call, whatever comes of it.
async fn move_on(bench: &Bench, dice: &mut fastrand::Rng) {
    let id = USERS[dice.usize(..USERS.len())];
    let change = || bench.elasticache.modify_user_group().user_group_id(GROUP);
    let flag = if dice.bool() { "on" } else { "off" };
    let access = format!("{flag} ~{id}:* resetchannels -@all +get");
    match dice.u8(0..12) {
        0..4 => drop(bench.new_user(id).access_string(access).send().await),
        4..8 => drop(change().user_ids_to_add(id).send().await),
        8 => drop(change().user_ids_to_remove(id).send().await),
        9 | 10 => {
            let modify = bench.elasticache.modify_user().user_id(id).access_string(access);
            drop(modify.send().await);
        }
        _ => drop(bench.elasticache.delete_user().user_id(id).send().await),
    }
}

/// Compares each user and gives the number of those who can log in.
async fn agree(bench: &Bench) -> u32 {
    let dump = bench.control.dump().await;
    let known = dump["users"].as_array().unwrap();
    let mut logins = 0;
    for id in USERS {
        let user = known.iter().find(|user| user["user_id"] == id).unwrap_or(&Value::Null);
        if user["status"] == "active" {
            assert_eq!(user["access_string"], user["access_string_in_force"], "{user}");
        }
        let is_member = user["user_group_ids"].as_array().is_some_and(|ids| !ids.is_empty());
        let is_on = user["access_string_in_force"].as_str().is_some_and(|s| s.starts_with("on "));
        let url = format!("redis://{id}:{PASSWORD}@{}/", bench.address());
        let gets_in = Client::open(url).unwrap().get_connection().is_ok();
        assert_eq!(gets_in, is_member && is_on, "{user}");
        logins += u32::from(gets_in);
    }
    logins
}
