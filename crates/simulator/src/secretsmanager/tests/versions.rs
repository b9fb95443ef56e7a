//! The quotas of versions and labels, and the pruning of old versions.

use jiff::SignedDuration;
use serde_json::json;

use super::{Service, token};

fn versions(service: &mut Service) -> usize {
    let listed = service
        .ok("ListSecretVersionIds", json!({"SecretId": "orders", "IncludeDeprecated": true}));
    listed["Versions"].as_array().unwrap().len()
}

#[test]
fn versions_of_the_last_day_fill_the_quota() {
    let mut service = Service::with_orders();
    for number in 2..=100 {
        service.put(number, &format!("value {number}"));
    }
    assert_eq!(versions(&mut service), 100);
    let one_more =
        json!({"SecretId": "orders", "ClientRequestToken": token(101), "SecretString": "more"});
    let refusal = service.refused("PutSecretValue", one_more.clone());
    assert!(refusal.starts_with("LimitExceededException"), "{refusal}");

    service.wait(SignedDuration::from_hours(24));
    service.ok("PutSecretValue", one_more);
    assert_eq!(versions(&mut service), 100, "the oldest one without a label made room");
    let pruned =
        service.refused("GetSecretValue", json!({"SecretId": "orders", "VersionId": token(1)}));
    assert!(pruned.starts_with("ResourceNotFoundException"), "{pruned}");
}

#[test]
fn labelled_versions_are_never_pruned() {
    let mut service = Service::with_orders();
    service.quotas.versions_per_secret = 3;
    service.put_labelled(2, &["keep"]);
    service.put(3, "third");
    service.wait_days(30);
    let body = json!({"SecretId": "orders", "ClientRequestToken": token(4), "SecretString": "x"});
    let refusal = service.refused("PutSecretValue", body.clone());
    assert!(
        refusal.starts_with("LimitExceededException"),
        "keep, previous and current are labelled"
    );

    service.ok(
        "UpdateSecretVersionStage",
        json!({"SecretId": "orders", "VersionStage": "keep", "RemoveFromVersionId": token(2)}),
    );
    service.ok("PutSecretValue", body);
    assert_eq!(service.stages(), json!({token(3): ["AWSPREVIOUS"], token(4): ["AWSCURRENT"]}));
}

#[test]
fn staging_labels_have_a_quota_over_all_versions() {
    let mut service = Service::with_orders();
    let labels: Vec<String> = (1..=19).map(|number| format!("label-{number}")).collect();
    let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    service.put_labelled(2, &labels);
    let refusal = service.refused(
        "PutSecretValue",
        json!({"SecretId": "orders", "ClientRequestToken": token(3), "SecretString": "x"}),
    );
    assert!(refusal.starts_with("LimitExceededException"), "AWSPREVIOUS would be the 21st");
    let refusal = service.refused(
        "UpdateSecretVersionStage",
        json!({"SecretId": "orders", "VersionStage": "one-more", "MoveToVersionId": token(1)}),
    );
    assert!(refusal.starts_with("LimitExceededException"), "{refusal}");
    service.put_labelled(4, &["label-1", "label-2"]);
}

#[test]
fn versions_without_a_label_are_listed_on_request() {
    let mut service = Service::with_orders();
    service.put(2, "second");
    service.put(3, "third");
    let listed = service.ok("ListSecretVersionIds", json!({"SecretId": "orders"}));
    let ids = |listed: &serde_json::Value| {
        let versions = listed["Versions"].as_array().unwrap().clone();
        versions.into_iter().map(|version| version["VersionId"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&listed), [token(2), token(3)]);
    let listed = service
        .ok("ListSecretVersionIds", json!({"SecretId": "orders", "IncludeDeprecated": true}));
    assert_eq!(ids(&listed), [token(1), token(2), token(3)]);
    assert_eq!(
        listed["Versions"][0],
        json!({"VersionId": token(1), "CreatedDate": 1_772_357_400.125, "KmsKeyIds": ["DefaultEncryptionKey"]})
    );
}

#[test]
fn the_account_has_a_quota_of_secrets() {
    let mut service = Service::with_orders();
    service.quotas.secrets = 1;
    let body = json!({"Name": "billing", "ClientRequestToken": token(2)});
    let refusal = service.refused("CreateSecret", body.clone());
    assert!(refusal.starts_with("LimitExceededException"), "{refusal}");
    service.region = "eu-west-1";
    service.ok("CreateSecret", body);
}
