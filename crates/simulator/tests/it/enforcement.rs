//! What the engines let tenants do, and when.

use redis::{Client, Connection, RedisResult, cmd};
use ringfence_acl::EngineKind;

use crate::bench::{Bench, PASSWORD, on_both_engines};

on_both_engines! {
    async fn a_member_can_use_its_keys_and_no_others(bench: Bench) {
        bench.member("acme").await;
        let mut acme = log_in(&bench, "acme", PASSWORD).unwrap();
        cmd("SET").arg("app:1").arg("x").exec(&mut acme).unwrap();
        let refused = cmd("GET").arg("other:1").exec(&mut acme).unwrap_err();
        assert_eq!(refused.code(), Some("NOPERM"));
    }
}

fn log_in(bench: &Bench, name: &str, password: &str) -> RedisResult<Connection> {
    Client::open(format!("redis://{name}:{password}@{}/", bench.address()))?.get_connection()
}
