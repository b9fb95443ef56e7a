//! What the engines let tenants do, and when.

use std::time::Duration;

use aws_sdk_elasticache::types::{AuthenticationMode, InputAuthenticationType};
use redis::{Client, Connection, ErrorKind, RedisResult, cmd};
use ringfence_simulator::{PubsubDefault, Span};

use crate::bench::{Bench, CACHE, GROUP, PASSWORD, eventually, on_both_engines};

on_both_engines! {
    async fn a_member_can_use_its_keys_and_no_others(bench: Bench) {
        bench.member("acme").await;
        let mut acme = log_in(&bench, "acme", PASSWORD).unwrap();
        cmd("SET").arg("app:1").arg("x").exec(&mut acme).unwrap();
        assert_eq!(code(cmd("GET").arg("other:1").exec(&mut acme)), "NOPERM");
        assert_eq!(code(cmd("SCAN").arg(0).exec(&mut acme)), "NOPERM");
        assert_eq!(code(cmd("SUBSCRIBE").arg("other:1").exec(&mut acme)), "NOPERM");
    }

    async fn whoever_is_not_in_the_group_is_not_let_in(bench: Bench) {
        bench.user("acme").await;
        assert_eq!(code(log_in(&bench, "acme", PASSWORD)), "WRONGPASS");
        bench.member("other").await;
        assert_eq!(code(log_in(&bench, "other", "not-its-password")), "WRONGPASS");
        assert_eq!(code(anonymous(&bench).and_then(|mut nobody| ping(&mut nobody))), "NOAUTH");
    }

    /// Neither side is ahead of the other.
    async fn a_pending_change_is_not_in_the_engine(bench: Bench) {
        bench.user("acme").await;
        bench.control.change_settings(|settings| {
            settings.latencies.group_modify = Span::exactly(Duration::from_mins(5));
            settings.latencies.user_modify = Span::exactly(Duration::from_mins(5));
        });
        let add = bench.elasticache.modify_user_group().user_group_id(GROUP);
        add.user_ids_to_add("acme").send().await.unwrap();
        assert_eq!(code(log_in(&bench, "acme", PASSWORD)), "WRONGPASS");
        bench.control.advance_clock(Duration::from_mins(5)).await.unwrap();
        log_in(&bench, "acme", PASSWORD).unwrap();

        let modify = bench.elasticache.modify_user().user_id("acme");
        modify.passwords("another-good-password").send().await.unwrap();
        log_in(&bench, "acme", PASSWORD).unwrap();
        assert_eq!(code(log_in(&bench, "acme", "another-good-password")), "WRONGPASS");
        bench.control.advance_clock(Duration::from_mins(5)).await.unwrap();
        assert_eq!(bench.status_of("acme").await, "active");
        assert_eq!(code(log_in(&bench, "acme", PASSWORD)), "WRONGPASS");
        log_in(&bench, "acme", "another-good-password").unwrap();
    }

    async fn both_passwords_work_during_a_rotation(bench: Bench) {
        bench.member("acme").await;
        let mut open = log_in(&bench, "acme", PASSWORD).unwrap();
        let modify = || bench.elasticache.modify_user().user_id("acme");
        let both = modify().passwords(PASSWORD).passwords("another-good-password");
        both.send().await.unwrap();
        bench.settle().await;
        log_in(&bench, "acme", PASSWORD).unwrap();
        log_in(&bench, "acme", "another-good-password").unwrap();
        modify().passwords("another-good-password").send().await.unwrap();
        bench.settle().await;
        assert_eq!(code(log_in(&bench, "acme", PASSWORD)), "WRONGPASS");
        cmd("SET").arg("app:1").arg("x").exec(&mut open).expect("open connections are kept");
    }

    async fn a_narrowed_access_string_binds_open_connections(bench: Bench) {
        bench.member("acme").await;
        let mut open = log_in(&bench, "acme", PASSWORD).unwrap();
        let modify = bench.elasticache.modify_user().user_id("acme");
        modify.access_string("on ~app:* resetchannels -@all +get").send().await.unwrap();
        bench.settle().await;
        cmd("GET").arg("app:1").exec(&mut open).unwrap();
        assert_eq!(code(cmd("SET").arg("app:1").arg("x").exec(&mut open)), "NOPERM");
    }

    async fn a_user_that_is_off_keeps_its_open_connections(bench: Bench) {
        bench.member("acme").await;
        let mut open = log_in(&bench, "acme", PASSWORD).unwrap();
        let modify = bench.elasticache.modify_user().user_id("acme");
        modify.access_string("off ~app:* -@all +get").send().await.unwrap();
        bench.settle().await;
        assert_eq!(code(log_in(&bench, "acme", PASSWORD)), "WRONGPASS");
        cmd("GET").arg("app:1").exec(&mut open).expect("`off` is no way to cut somebody off");
    }

    async fn a_removed_member_loses_its_connections(bench: Bench) {
        bench.member("acme").await;
        bench.member("other").await;
        let mut acme = log_in(&bench, "acme", PASSWORD).unwrap();
        let mut other = log_in(&bench, "other", PASSWORD).unwrap();
        let remove = bench.elasticache.modify_user_group().user_group_id(GROUP);
        remove.user_ids_to_remove("acme").send().await.unwrap();
        bench.settle().await;
        let cut = cmd("GET").arg("app:1").exec(&mut acme).unwrap_err();
        assert!(cut.is_connection_dropped() || cut.is_io_error(), "{cut}");
        assert_eq!(code(log_in(&bench, "acme", PASSWORD)), "WRONGPASS");
        cmd("GET").arg("app:1").exec(&mut other).expect("nobody else is disturbed");
    }

    async fn a_deleted_user_loses_its_connections(bench: Bench) {
        bench.member("acme").await;
        let mut acme = log_in(&bench, "acme", PASSWORD).unwrap();
        bench.elasticache.delete_user().user_id("acme").send().await.unwrap();
        bench.settle().await;
        let cut = cmd("GET").arg("app:1").exec(&mut acme).unwrap_err();
        assert!(cut.is_connection_dropped() || cut.is_io_error(), "{cut}");
    }

    /// Without a gateway.
    async fn an_iam_user_cannot_log_in(bench: Bench) {
        let iam = AuthenticationMode::builder().r#type(InputAuthenticationType::Iam).build();
        let user = bench.new_user("acme").set_passwords(None).authentication_mode(iam);
        user.send().await.unwrap();
        bench.settle().await;
        let add = bench.elasticache.modify_user_group().user_group_id(GROUP);
        add.user_ids_to_add("acme").send().await.unwrap();
        bench.settle().await;
        assert_eq!(code(log_in(&bench, "acme", PASSWORD)), "WRONGPASS");
    }

    async fn a_cache_without_a_group_is_open_until_it_gets_one(bench: Bench) {
        let modify = || bench.elasticache.modify_replication_group().replication_group_id(CACHE);
        modify().remove_user_groups(true).send().await.unwrap();
        bench.settle().await;
        let mut nobody = anonymous(&bench).unwrap();
        ping(&mut nobody).unwrap();
        modify().user_group_ids_to_add(GROUP).send().await.unwrap();
        bench.settle().await;
        let cut = ping(&mut nobody).unwrap_err();
        assert!(cut.is_connection_dropped() || cut.is_io_error(), "{cut}");
        assert_eq!(code(anonymous(&bench).and_then(|mut nobody| ping(&mut nobody))), "NOAUTH");
    }

    async fn who_says_nothing_of_channels_gets_what_the_parameter_says(bench: Bench) {
        let user = bench.new_user("acme").access_string("on ~app:* -@all +publish");
        user.send().await.unwrap();
        bench.settle().await;
        let add = bench.elasticache.modify_user_group().user_group_id(GROUP);
        add.user_ids_to_add("acme").send().await.unwrap();
        bench.settle().await;
        let publish = |acme: &mut Connection| cmd("PUBLISH").arg("any").arg("x").exec(acme);
        publish(&mut log_in(&bench, "acme", PASSWORD).unwrap()).unwrap();

        bench.control.change_settings(|settings| {
            settings.behaviour.acl_pubsub_default = PubsubDefault::ResetChannels;
        });
        bench.elasticache.modify_user().user_id("acme").passwords(PASSWORD).send().await.unwrap();
        bench.settle().await;
        let refused = publish(&mut log_in(&bench, "acme", PASSWORD).unwrap());
        assert_eq!(code(refused), "NOPERM");
    }

    async fn the_engine_follows_when_nobody_asks(bench: Bench) {
        bench.user("acme").await;
        let add = bench.elasticache.modify_user_group().user_group_id(GROUP);
        add.user_ids_to_add("acme").send().await.unwrap();
        eventually(async || log_in(&bench, "acme", PASSWORD).is_ok()).await;
    }

    /// It comes back with its data and its users.
    async fn an_engine_that_has_died_is_started_again(bench: Bench) {
        let admin = bench.new_user("admin").access_string("on ~* &* +@all");
        admin.send().await.unwrap();
        bench.settle().await;
        let add = bench.elasticache.modify_user_group().user_group_id(GROUP);
        add.user_ids_to_add("admin").send().await.unwrap();
        bench.settle().await;
        let mut admin = log_in(&bench, "admin", PASSWORD).unwrap();
        cmd("SET").arg("app:1").arg("x").exec(&mut admin).unwrap();
        cmd("SHUTDOWN").arg("NOSAVE").exec(&mut admin).unwrap_err();
        eventually(async || log_in(&bench, "admin", PASSWORD).is_ok()).await;
        let mut admin = log_in(&bench, "admin", PASSWORD).unwrap();
        assert_eq!(cmd("GET").arg("app:1").query(&mut admin), Ok("x".to_owned()));
    }
}

fn log_in(bench: &Bench, name: &str, password: &str) -> RedisResult<Connection> {
    Client::open(format!("redis://{name}:{password}@{}/", bench.address()))?.get_connection()
}

fn anonymous(bench: &Bench) -> RedisResult<Connection> {
    Client::open(format!("redis://{}/", bench.address()))?.get_connection()
}

fn ping(connection: &mut Connection) -> RedisResult<()> {
    cmd("PING").exec(connection)
}

/// The code of an engine's refusal.
#[track_caller]
pub(crate) fn code<T>(result: RedisResult<T>) -> String {
    let error = result.err().expect("the engine did not refuse");
    // The client has its own word for this one, and drops the engine's.
    if error.kind() == ErrorKind::AuthenticationFailed {
        return "WRONGPASS".to_owned();
    }
    error.code().unwrap_or_else(|| panic!("no refusal: {error}")).to_owned()
}
