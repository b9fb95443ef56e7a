//! What goes wrong when told to, and what the log says of it.

use std::time::Duration;

use aws_sdk_elasticache::error::ProvideErrorMetadata;
use ringfence_simulator::{Fault, Outcome, Service, When};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::bench::{Bench, PASSWORD, assert_refused, elasticache_that_retries, eventually};
use crate::secretsmanager_client::SecretsBench;

#[tokio::test]
async fn a_fault_before_the_effect_leaves_nothing() {
    let bench = Bench::new().await;
    bench.control.add_fault(Fault::before("CreateUser").error("InternalFailure", 500).times(1));
    let failed = bench.new_user("acme").send().await.unwrap_err();
    assert_refused(&failed, "InternalFailure", 500);
    bench.new_user("acme").send().await.unwrap();
    assert!(bench.control.faults().is_empty(), "a fault that is used up is gone");
}

#[tokio::test]
async fn a_fault_after_the_effect_hides_it() {
    let bench = Bench::new().await;
    bench.control.add_fault(Fault::after("CreateUser").error("ServiceUnavailable", 503).times(1));
    let failed = bench.new_user("acme").send().await.unwrap_err();
    assert_refused(&failed, "ServiceUnavailable", 503);
    assert_eq!(bench.status_of("acme").await, "active");
}

#[tokio::test]
async fn a_dropped_connection_gives_no_answer_at_all() {
    let bench = Bench::new().await;
    bench.control.add_fault(Fault::before("CreateUser").dropped().times(1));
    let lost = bench.new_user("acme").send().await.unwrap_err();
    assert!(lost.raw_response().is_none() && lost.code().is_none(), "{lost:?}");
    bench.elasticache.describe_users().user_id("acme").send().await.unwrap_err();

    bench.control.add_fault(Fault::after("CreateUser").dropped().times(1));
    let lost = bench.new_user("acme").send().await.unwrap_err();
    assert!(lost.raw_response().is_none(), "{lost:?}");
    assert_eq!(bench.status_of("acme").await, "active");
    let outcomes: Vec<_> = bench.control.calls().into_iter().map(|call| call.outcome).collect();
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Outcome::Dropped).count(), 2);
}

#[tokio::test]
async fn a_dropped_connection_carries_not_a_byte() {
    let bench = Bench::new().await;
    bench.control.add_fault(Fault::before("DescribeUsers").dropped());
    let address = bench.simulator.url().replace("http://", "");
    let body = "Action=DescribeUsers&Version=2015-02-02";
    let request = format!(
        "POST / HTTP/1.1\r\nhost: {address}\r\ncontent-length: {}\r\nauthorization: AWS4-HMAC-SHA256 \
         Credential=k/20261121/eu-west-1/elasticache/aws4_request, SignedHeaders=host, \
         Signature=00\r\n\r\n{body}",
        body.len()
    );
    let mut connection = TcpStream::connect(address).await.unwrap();
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).await.unwrap();
    assert_eq!(String::from_utf8_lossy(&answer), "");
    assert_eq!(bench.control.calls()[0].outcome, Outcome::Dropped);
}

#[tokio::test]
async fn a_retry_after_a_lost_answer_finds_its_own_effect() {
    let bench = Bench::new().await;
    bench.control.add_fault(Fault::after("CreateUser").dropped().times(1));
    let client = elasticache_that_retries(&bench.simulator.url());
    let create = client.create_user().user_id("acme").user_name("acme").engine("redis");
    let create = create.access_string("on").passwords(PASSWORD).send().await;
    assert_refused(&create.unwrap_err(), "UserAlreadyExists", 400);
}

#[tokio::test]
async fn a_call_that_hangs_has_its_effect() {
    let bench = Bench::new().await;
    bench.control.add_fault(Fault::hang("CreateUser").times(1));
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(bench.new_user("acme").send());
    eventually(async || bench.control.dump().await["users"].as_array().unwrap().len() == 2).await;
    let calls = bench.control.calls();
    assert_eq!(calls[0].outcome, Outcome::InFlight);
    assert_eq!(calls[0].fault, Some(When::Hang { seconds: None }));
    tasks.abort_all();
    eventually(async || bench.control.calls()[0].outcome == Outcome::Abandoned).await;
}

/// As when a packet is under way for long.
#[tokio::test]
async fn a_delayed_call_has_its_effect_when_it_is_released_though_its_client_has_gone() {
    let bench = Bench::new().await;
    bench.control.add_fault(Fault::delay("CreateUser").times(1));
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(bench.new_user("acme").send());
    let n_users = async || bench.control.dump().await["users"].as_array().unwrap().len();
    eventually(async || bench.control.calls().first().is_some_and(|c| c.fault.is_some())).await;
    tasks.abort_all();
    eventually(async || bench.control.calls()[0].outcome == Outcome::Abandoned).await;
    assert_eq!(n_users().await, 1);
    bench.control.release_delayed();
    eventually(async || n_users().await == 2).await;
}

#[tokio::test]
async fn faults_choose_their_calls() {
    let bench = Bench::new().await;
    let error = |fault: Fault| fault.error("InternalFailure", 500);
    let list = async || bench.elasticache.describe_users().send().await.is_ok();

    bench.control.add_fault(error(Fault::before("DescribeUsers")).skipping(1).times(2));
    assert_eq!(
        [list().await, list().await, list().await, list().await],
        [true, false, false, true]
    );

    bench.control.add_fault(error(Fault::before("DescribeUsers")).with_probability(0.0));
    bench.control.add_fault(error(Fault::before("DescribeUserGroups")));
    bench.control.add_fault(error(Fault::before("*")).of(Service::SecretsManager));
    assert!(list().await);

    bench.control.add_fault(error(Fault::before("*")).with_probability(1.0));
    assert!(!list().await);
    bench.control.clear_faults();
    assert!(list().await);
}

#[tokio::test]
async fn too_many_calls_are_throttled() {
    let bench = Bench::new().await;
    bench.control.change_settings(|settings| {
        settings.throttling.insert("DescribeUsers".to_owned(), 0.1);
    });
    let list = || bench.elasticache.describe_users().send();
    list().await.unwrap();
    assert_refused(&list().await.unwrap_err(), "Throttling", 400);
    bench.elasticache.describe_user_groups().send().await.unwrap();
    bench.control.advance_clock(Duration::from_secs(10)).await.unwrap();
    list().await.unwrap();
}

#[tokio::test]
async fn every_call_is_logged_without_its_passwords() {
    let bench = Bench::new().await;
    bench.new_user("acme").send().await.unwrap();
    bench.new_user("acme").send().await.unwrap_err();
    let calls = bench.control.calls();
    assert_eq!([calls[0].seq, calls[1].seq], [1, 2]);
    assert_eq!(calls[0].service, Service::ElastiCache);
    assert_eq!(calls[0].operation, "CreateUser");
    assert_eq!(calls[0].outcome, Outcome::Answered);
    let refused = Outcome::Refused { code: "UserAlreadyExists".to_owned(), status: 400 };
    assert_eq!(calls[1].outcome, refused);
    assert!(calls[0].at <= calls[1].at);
    assert_eq!(calls[0].parameters["UserId"], "acme");
    assert_eq!(calls[0].parameters["Passwords.member.1"], "(redacted)");

    bench.new_user("new").access_string("on >in-the-wrong-place ~a:*").send().await.unwrap_err();
    assert_eq!(bench.control.calls()[2].parameters["AccessString"], "on (redacted) ~a:*");

    bench.control.clear_calls();
    bench.new_user("other").send().await.unwrap();
    assert_eq!(bench.control.calls()[0].seq, 4);
}

#[tokio::test]
async fn secrets_manager_fails_and_is_logged_likewise() {
    let SecretsBench { bench, client } = SecretsBench::new().await;
    bench.control.add_fault(Fault::after("CreateSecret").dropped().times(1));
    let create = || client.create_secret().name("orders").secret_string(PASSWORD).send();
    assert!(create().await.unwrap_err().raw_response().is_none());
    assert_refused(&create().await.unwrap_err(), "ResourceExistsException", 400);
    let call = &bench.control.calls()[1];
    assert_eq!(call.service, Service::SecretsManager);
    assert_eq!(call.parameters["Name"], "orders");
    assert_eq!(call.parameters["SecretString"], "(redacted)");

    let failure = Fault::before("*").of(Service::SecretsManager).error("InternalServiceError", 500);
    bench.control.add_fault(failure.times(1));
    let failed = client.list_secrets().send().await.unwrap_err();
    assert_refused(&failed, "InternalServiceError", 500);
    bench.control.change_settings(|settings| {
        settings.throttling.insert("*".to_owned(), 0.0);
    });
    let throttled = client.list_secrets().send().await.unwrap_err();
    assert_refused(&throttled, "ThrottlingException", 400);
}

#[tokio::test]
async fn the_dump_shows_everything_but_passwords() {
    let bench = Bench::new().await;
    bench.user("acme").await;
    bench.group("g", &["acme"]).await;
    let dump = bench.control.dump().await;
    let acme = &dump["users"][0];
    assert_eq!(acme["user_id"], "acme");
    assert_eq!(acme["status"], "active");
    assert_eq!(acme["password_count"], 1);
    assert_eq!(acme["user_group_ids"], json!(["g"]));
    // From `printf %s correct-horse-battery | sha256sum`.
    let sha256 = "62249369389075490555a758353aec61500c6218fa597252d52dc4bd0148f12d";
    assert_eq!(acme["password_sha256"], json!([sha256]));
    assert_eq!(dump["user_groups"][0]["user_ids"], json!(["acme"]));
    assert!(!dump.to_string().contains(PASSWORD));
}
