//! What Secrets Manager refuses, as the AWS SDK for Rust sees it: the code, the SDK's own error
//! variant where there is one, and status 400 for all of it.

use std::fmt::Debug;

use aws_sdk_secretsmanager::config::http::HttpResponse;
use aws_sdk_secretsmanager::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_secretsmanager::types::Tag;
use serde_json::{Value, json};

use crate::secretsmanager_client::{SecretsBench, token};

type Outcome<T, E> = Result<T, SdkError<E, HttpResponse>>;

/// The service's error in the SDK's own type.
fn typed<T: Debug, E: Debug>(outcome: Outcome<T, E>) -> E {
    match outcome.unwrap_err() {
        SdkError::ServiceError(error) => error.into_err(),
        other => panic!("not an answer of the service: {other:?}"),
    }
}

/// The code and text of a refusal, after a check of its status.
fn refusal<T: Debug, E: ProvideErrorMetadata + Debug>(outcome: Outcome<T, E>) -> (String, String) {
    let error = outcome.unwrap_err();
    assert_eq!(error.raw_response().unwrap().status().as_u16(), 400);
    let text = error.message().unwrap_or_default().to_owned();
    (error.code().unwrap().to_owned(), text)
}

fn code<T: Debug, E: ProvideErrorMetadata + Debug>(outcome: Outcome<T, E>) -> String {
    refusal(outcome).0
}

/// Sends a body as it is; the simulator reads the region from the signature and does not check it.
async fn send(bench: &SecretsBench, operation: &str, body: &Value) -> (u16, Value) {
    let credential = "AKIAEXAMPLE/20260301/eu-central-1/secretsmanager/aws4_request";
    let signature =
        format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0");
    let request = reqwest::Client::new()
        .post(bench.bench.simulator.url())
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", format!("secretsmanager.{operation}"))
        .header("authorization", signature)
        .body(body.to_string());
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn what_is_not_there_is_a_400() {
    let bench = SecretsBench::new().await;
    let read = || bench.client.get_secret_value().secret_id("nobody").send();
    assert!(typed(read().await).is_resource_not_found_exception());
    let text = "Secrets Manager can't find the specified secret.";
    assert_eq!(refusal(read().await), ("ResourceNotFoundException".to_owned(), text.to_owned()));

    bench.client.create_secret().name("empty").send().await.unwrap();
    let read = bench.client.get_secret_value().secret_id("empty").send().await;
    let text =
        "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT";
    assert_eq!(refusal(read), ("ResourceNotFoundException".to_owned(), text.to_owned()));
}

#[tokio::test]
async fn a_taken_name_and_a_used_token_are_conflicts() {
    let bench = SecretsBench::new().await;
    bench.create("orders", "first").await;
    bench.create("orders", "first").await;
    let create = bench.client.create_secret().name("orders").secret_string("first").send().await;
    assert!(typed(create).is_resource_exists_exception());
    let put = bench.put("orders", 1, "other").send().await;
    assert!(typed(put).is_resource_exists_exception());
    let update = bench.client.update_secret().secret_id("orders").client_request_token(token(1));
    let update = update.secret_string("first").send().await;
    assert!(typed(update).is_resource_exists_exception());
}

#[tokio::test]
async fn a_name_in_its_recovery_window_is_reserved() {
    let bench = SecretsBench::new().await;
    bench.create("orders", "first").await;
    bench.client.delete_secret().secret_id("orders").send().await.unwrap();
    let create = || bench.client.create_secret().name("orders").secret_string("x").send();
    assert!(typed(create().await).is_invalid_request_exception());
    assert_eq!(
        refusal(create().await).1,
        "You can't create this secret because a secret with this name is already scheduled for deletion."
    );
    let read = bench.client.get_secret_value().secret_id("orders").send().await;
    assert_eq!(
        refusal(read).1,
        "You can't perform this operation on the secret because it was marked for deletion."
    );
    let tag = Tag::builder().key("team").value("shop").build();
    let client = &bench.client;
    let codes = [
        code(bench.put("orders", 2, "x").send().await),
        code(client.update_secret().secret_id("orders").description("x").send().await),
        code(client.tag_resource().secret_id("orders").tags(tag).send().await),
        code(client.untag_resource().secret_id("orders").tag_keys("team").send().await),
        code(client.delete_secret().secret_id("orders").send().await),
    ];
    assert!(codes.iter().all(|code| code == "InvalidRequestException"), "{codes:?}");
    client.describe_secret().secret_id("orders").send().await.unwrap();
}

#[tokio::test]
async fn moving_a_label_needs_to_know_where_it_is() {
    let bench = SecretsBench::new().await;
    bench.create("orders", "first").await;
    bench.put("orders", 2, "second").version_stages("AWSPENDING").send().await.unwrap();
    let promote = || {
        let update = bench.client.update_secret_version_stage().secret_id("orders");
        update.version_stage("AWSCURRENT").move_to_version_id(token(2))
    };
    assert!(typed(promote().send().await).is_invalid_parameter_exception());
    let unfenced = promote().send().await;
    assert!(refusal(unfenced).1.contains(&format!("currently attached to version {}", token(1))));
    let outdated = promote().remove_from_version_id(token(2)).send().await;
    assert_eq!(code(outdated), "InvalidParameterException");
    promote().remove_from_version_id(token(1)).send().await.unwrap();
    let late = promote().remove_from_version_id(token(1)).send().await;
    assert_eq!(code(late), "InvalidParameterException", "only one of two rotations wins");
}

#[tokio::test]
async fn deletions_have_rules() {
    let bench = SecretsBench::new().await;
    bench.create("orders", "first").await;
    let delete = || bench.client.delete_secret().secret_id("orders");
    assert_eq!(code(delete().recovery_window_in_days(6).send().await), "InvalidParameterException");
    assert_eq!(
        code(delete().recovery_window_in_days(31).send().await),
        "InvalidParameterException"
    );
    let both = delete().recovery_window_in_days(7).force_delete_without_recovery(true);
    assert_eq!(code(both.send().await), "InvalidParameterException");
    let restore = bench.client.restore_secret().secret_id("nobody").send().await;
    assert!(typed(restore).is_resource_not_found_exception());
}

#[tokio::test]
async fn too_many_versions_are_refused_until_old_ones_may_go() {
    let bench = SecretsBench::new().await;
    bench.create("orders", "first").await;
    for number in 2..=100 {
        bench.put("orders", number, "later").send().await.unwrap();
    }
    let one_more = bench.put("orders", 101, "last");
    let refused = one_more.clone().send().await;
    assert!(typed(refused).is_limit_exceeded_exception());
    bench.advance_days(1).await;
    one_more.send().await.unwrap();
}

#[tokio::test]
async fn a_page_token_must_come_from_the_same_list() {
    let bench = SecretsBench::new().await;
    let list = bench.client.list_secrets().next_token("nonsense").send().await;
    assert!(typed(list).is_invalid_next_token_exception());
}

#[tokio::test]
async fn values_names_and_tokens_outside_their_bounds_are_refused() {
    let bench = SecretsBench::new().await;
    let client = &bench.client;
    let long = "x".repeat(65_537);
    let codes = [
        code(client.create_secret().name("with space").secret_string("x").send().await),
        code(client.create_secret().name("x".repeat(513)).secret_string("x").send().await),
        code(client.create_secret().name("orders").secret_string(&long).send().await),
        code(client.create_secret().name("orders").client_request_token("short").send().await),
        code(client.list_secrets().max_results(101).send().await),
        code(client.get_random_password().password_length(4_097).send().await),
    ];
    assert!(codes.iter().all(|code| code == "ValidationException"), "{codes:?}");
    bench.create("orders", &long[1..]).await;
}

#[tokio::test]
async fn contradictory_parameters_are_refused() {
    let bench = SecretsBench::new().await;
    bench.create("orders", "first").await;
    let client = &bench.client;
    let empty = client.put_secret_value().secret_id("orders").send().await;
    assert_eq!(code(empty), "InvalidRequestException");
    let get = client.get_secret_value().secret_id("orders").version_id(token(1));
    assert_eq!(code(get.version_stage("AWSPREVIOUS").send().await), "InvalidRequestException");
    let short = client.get_random_password().password_length(3).send().await;
    assert_eq!(code(short), "InvalidParameterException");
    let reserved = Tag::builder().key("aws:x").value("y").build();
    let tagged = client.tag_resource().secret_id("orders").tags(reserved).send().await;
    assert_eq!(code(tagged), "InvalidParameterException");
}

#[tokio::test]
async fn operations_that_are_not_there_are_unknown() {
    let bench = SecretsBench::new().await;
    bench.create("orders", "first").await;
    let policy = bench.client.get_resource_policy().secret_id("orders").send().await;
    assert_eq!(code(policy), "UnknownOperationException");
}

/// What the SDK would not send.
#[tokio::test]
async fn malformed_bodies_are_refused() {
    let bench = SecretsBench::new().await;
    let sent = [
        ("DescribeSecret", json!({}), "ValidationException"),
        ("DescribeSecret", json!({"SecretId": 5}), "SerializationException"),
        ("DescribeSecret", json!([]), "SerializationException"),
        ("CreateSecret", json!({"Name": "x", "SecretString": "y"}), "InvalidRequestException"),
    ];
    for (operation, body, code) in sent {
        let (status, answer) = send(&bench, operation, &body).await;
        assert_eq!((status, &answer["__type"]), (400, &json!(code)), "{operation} {body}");
    }
}
