//! Users: what is taken, what is refused, and what they go through.

use std::time::Duration;

use aws_sdk_elasticache::error::ProvideErrorMetadata;
use aws_sdk_elasticache::types::{AuthenticationMode, InputAuthenticationType};
use ringfence_simulator::Span;

use crate::bench::{ACCESS, Bench, PASSWORD, assert_refused};

#[tokio::test]
async fn a_user_is_created_then_active() {
    let bench = Bench::new().await;
    let created = bench.new_user("Acme").user_name("acme").send().await.unwrap();
    assert_eq!(created.user_id(), Some("acme"), "ids are kept in lower case");
    assert_eq!(created.status(), Some("creating"));
    assert_eq!(created.access_string(), Some(ACCESS));
    assert_eq!(created.arn(), Some("arn:aws:elasticache:eu-west-1:123456789012:user:acme"));
    assert_eq!(created.authentication().unwrap().password_count(), Some(1));
    assert_eq!(bench.status_of("ACME").await, "active");
}

#[tokio::test]
async fn nothing_is_active_before_its_time() {
    let bench = Bench::new().await;
    bench.control.change_settings(|settings| {
        settings.latencies.user_create = Span::exactly(Duration::from_mins(5));
    });
    bench.new_user("acme").send().await.unwrap();
    assert_eq!(bench.status_of("acme").await, "creating");
    bench.control.advance_clock(Duration::from_mins(4)).await.unwrap();
    assert_eq!(bench.status_of("acme").await, "creating");
    bench.control.advance_clock(Duration::from_mins(1)).await.unwrap();
    assert_eq!(bench.status_of("acme").await, "active");
}

#[tokio::test]
async fn a_new_user_may_not_be_found_at_once() {
    let bench = Bench::new().await;
    bench.control.change_settings(|settings| {
        settings.latencies.read_after_write = Span::exactly(Duration::from_mins(1));
    });
    bench.new_user("acme").send().await.unwrap();
    let missing = bench.elasticache.describe_users().user_id("acme").send().await.unwrap_err();
    assert_refused(&missing, "UserNotFound", 404);
    assert_refused(&bench.new_user("acme").send().await.unwrap_err(), "UserAlreadyExists", 400);
    bench.control.advance_clock(Duration::from_mins(1)).await.unwrap();
    assert_eq!(bench.status_of("acme").await, "active");
}

#[tokio::test]
async fn passwords_are_replaced_as_a_set() {
    let bench = Bench::new().await;
    bench.user("acme").await;
    let modify = || bench.elasticache.modify_user().user_id("acme");
    let both = modify().passwords(PASSWORD).passwords("another-good-password").send().await;
    let both = both.unwrap();
    assert_eq!(both.status(), Some("modifying"));
    assert_eq!(both.authentication().unwrap().password_count(), Some(2));
    bench.settle().await;
    let one = modify().passwords("another-good-password").send().await.unwrap();
    assert_eq!(one.authentication().unwrap().password_count(), Some(1));
    assert_eq!(one.access_string(), Some(ACCESS), "what is not named stays");
}

#[tokio::test]
async fn an_access_string_can_be_replaced_or_extended() {
    let bench = Bench::new().await;
    bench.user("acme").await;
    let modify = || bench.elasticache.modify_user().user_id("acme");
    let replaced = modify().access_string("on ~new:* -@all +get").send().await.unwrap();
    assert_eq!(replaced.access_string(), Some("on ~new:* -@all +get"));
    bench.settle().await;
    let extended = modify().append_access_string("+set").send().await.unwrap();
    assert_eq!(extended.access_string(), Some("on ~new:* -@all +get +set"));
    bench.settle().await;
    let both = modify().append_access_string("+set").access_string("on").send().await.unwrap_err();
    assert_refused(&both, "InvalidParameterCombination", 400);
}

#[tokio::test]
async fn access_strings_come_back_in_elasticaches_order() {
    let bench = Bench::new().await;
    let created = bench.new_user("acme").access_string("off +get ~keys*").send().await.unwrap();
    assert_eq!(created.access_string(), Some("off ~keys* -@all +get"));
    let without_flag = bench.new_user("other").access_string("~a:* &a:*").send().await.unwrap();
    assert!(without_flag.access_string().unwrap().starts_with("off ~a:* "));
    assert!(without_flag.access_string().unwrap().contains("&a:*"), "XML escapes what it must");
}

#[tokio::test]
async fn bad_values_are_refused() {
    let bench = Bench::new().await;
    let new = || bench.new_user("acme");
    let value = "InvalidParameterValue";
    for id in ["1acme", "acme_1", "a b", "é"] {
        assert_refused(&new().user_id(id).send().await.unwrap_err(), value, 400);
    }
    for name in ["a b", "ringfence-simulator-admin"] {
        assert_refused(&new().user_name(name).send().await.unwrap_err(), value, 400);
    }
    assert_refused(&new().engine("memcached").send().await.unwrap_err(), value, 400);
    for access in ["on ~* +nosuchcommand", "on >password", "reset", "on nopass", "#aa", " "] {
        let refused = new().access_string(access).send().await.unwrap_err();
        assert_refused(&refused, value, 400);
    }
    bench.elasticache.describe_users().user_id("acme").send().await.unwrap_err();
}

#[tokio::test]
async fn passwords_have_rules() {
    let bench = Bench::new().await;
    let with =
        |password: &str| bench.new_user("acme").set_passwords(Some(vec![password.to_owned()]));
    for password in ["too-short", &"x".repeat(129), "comma,comma,comma", "quote\"quote\"quote"] {
        let refused = with(password).send().await.unwrap_err();
        assert_refused(&refused, "InvalidParameterValue", 400);
    }
    let short = with("too-short").send().await.unwrap_err();
    assert_eq!(short.message(), Some("Passwords length must be between 16-128 characters."));
    let three = with(PASSWORD).passwords(PASSWORD).passwords(PASSWORD).send().await.unwrap_err();
    assert_refused(&three, "InvalidParameterValue", 400);

    bench.control.change_settings(|settings| {
        settings.behaviour.refuse_banned_password_characters = false;
    });
    with("comma,comma,comma").send().await.unwrap();
}

#[tokio::test]
async fn contradictions_about_authentication_are_refused() {
    let bench = Bench::new().await;
    let new = || bench.new_user("acme").set_passwords(None);
    let mode = |kind| AuthenticationMode::builder().r#type(kind);
    let no_password = || mode(InputAuthenticationType::NoPassword);
    let combination = "InvalidParameterCombination";

    let nothing = new().send().await.unwrap_err();
    assert_refused(&nothing, "InvalidParameterValue", 400);
    assert!(nothing.message().unwrap().contains("null is not in the allowed list"));
    let empty = mode(InputAuthenticationType::Password).build();
    assert_refused(&new().authentication_mode(empty).send().await.unwrap_err(), combination, 400);
    let twice = mode(InputAuthenticationType::Password).passwords(PASSWORD).build();
    let twice = new().authentication_mode(twice).passwords(PASSWORD).send().await.unwrap_err();
    assert_refused(&twice, combination, 400);
    let flag = new().no_password_required(true).passwords(PASSWORD).send().await.unwrap_err();
    assert_refused(&flag, combination, 400);
    let iam = mode(InputAuthenticationType::Iam).build();
    let flag = new().no_password_required(true).authentication_mode(iam.clone()).send().await;
    assert_refused(&flag.unwrap_err(), combination, 400);
    let iam_password = new().authentication_mode(iam).passwords(PASSWORD).send().await;
    assert_refused(&iam_password.unwrap_err(), combination, 400);
    let open = new().engine("valkey").authentication_mode(no_password().build()).send().await;
    assert_refused(&open.unwrap_err(), combination, 400);
    new().engine("redis").authentication_mode(no_password().build()).send().await.unwrap();
}

#[tokio::test]
async fn an_iam_user_is_named_like_its_id() {
    let bench = Bench::new().await;
    let iam = AuthenticationMode::builder().r#type(InputAuthenticationType::Iam).build();
    let new = || bench.new_user("acme").set_passwords(None).authentication_mode(iam.clone());
    let refused = new().user_name("Acme").send().await.unwrap_err();
    assert_refused(&refused, "InvalidParameterCombination", 400);
    let created = new().send().await.unwrap();
    assert_eq!(created.authentication().unwrap().r#type().unwrap().as_str(), "iam");
}

#[tokio::test]
async fn an_id_is_taken_until_its_deletion_is_over() {
    let bench = Bench::new().await;
    bench.user("acme").await;
    bench.control.change_settings(|settings| {
        settings.latencies.user_delete = Span::exactly(Duration::from_mins(1));
    });
    let deleted = bench.elasticache.delete_user().user_id("acme").send().await.unwrap();
    assert_eq!(deleted.status(), Some("deleting"));
    let taken = bench.new_user("acme").send().await.unwrap_err();
    assert_refused(&taken, "UserAlreadyExists", 400);
    let again = bench.elasticache.delete_user().user_id("acme").send().await.unwrap_err();
    assert_refused(&again, "InvalidUserState", 400);
    bench.settle().await;
    let gone = bench.elasticache.delete_user().user_id("acme").send().await.unwrap_err();
    assert_refused(&gone, "UserNotFound", 404);
    bench.user("acme").await;
}

#[tokio::test]
async fn a_busy_user_cannot_be_modified() {
    let bench = Bench::new().await;
    bench.user("acme").await;
    bench.control.change_settings(|settings| {
        settings.latencies.user_modify = Span::exactly(Duration::from_mins(1));
    });
    let modify = || bench.elasticache.modify_user().user_id("acme").passwords(PASSWORD).send();
    modify().await.unwrap();
    let refused = modify().await.unwrap_err();
    assert_refused(&refused, "InvalidUserState", 400);
    let said = "User acme has status modifying. Only active users can be modified.";
    assert_eq!(refused.message(), Some(said));
    let nothing =
        bench.elasticache.modify_user().user_id("nobody").passwords(PASSWORD).send().await;
    assert_refused(&nothing.unwrap_err(), "UserNotFound", 404);
}

#[tokio::test]
async fn a_modification_must_modify_something() {
    let bench = Bench::new().await;
    bench.user("acme").await;
    let refused = bench.elasticache.modify_user().user_id("acme").send().await.unwrap_err();
    assert_refused(&refused, "InvalidParameterCombination", 400);
}

#[tokio::test]
async fn the_stock_default_user_is_there_and_stays() {
    let bench = Bench::new().await;
    let users = bench.elasticache.describe_users().user_id("default").send().await.unwrap();
    assert_eq!(users.users()[0].access_string(), Some("on ~* +@all"));
    let modify = bench.elasticache.modify_user().user_id("default").access_string("off");
    assert_refused(&modify.send().await.unwrap_err(), "InvalidParameterValue", 400);
    let delete = bench.elasticache.delete_user().user_id("default");
    assert_refused(&delete.send().await.unwrap_err(), "InvalidParameterValue", 400);
}

#[tokio::test]
async fn there_are_only_so_many_users() {
    let bench = Bench::new().await;
    bench.control.change_settings(|settings| settings.quotas.users = 2);
    bench.user("a").await;
    bench.user("b").await;
    let third = bench.new_user("c").send().await.unwrap_err();
    assert_refused(&third, "UserQuotaExceeded", 400);
}
