//! Creating secrets, and writing and reading their values.

use jiff::SignedDuration;
use serde_json::json;

use super::{Service, token};

#[test]
fn a_new_secret_is_read_back() {
    let mut service = Service::new();
    let created = service.ok(
        "CreateSecret",
        json!({"Name": "orders", "ClientRequestToken": token(1), "SecretString": "first"}),
    );
    let arn = created["ARN"].as_str().unwrap();
    assert_eq!(
        arn.len(),
        "arn:aws:secretsmanager:eu-central-1:123456789012:secret:orders-".len() + 6
    );
    assert!(arn.starts_with("arn:aws:secretsmanager:eu-central-1:123456789012:secret:orders-"));
    assert_eq!(created, json!({"ARN": arn, "Name": "orders", "VersionId": token(1)}));
    assert_eq!(
        service.read(),
        json!({
            "ARN": arn,
            "Name": "orders",
            "VersionId": token(1),
            "VersionStages": ["AWSCURRENT"],
            "CreatedDate": 1_772_357_400.125,
            "SecretString": "first",
        })
    );
}

#[test]
fn a_binary_value_keeps_its_bytes() {
    let mut service = Service::new();
    service.ok(
        "CreateSecret",
        json!({"Name": "orders", "ClientRequestToken": token(1), "SecretBinary": "AAH+/w=="}),
    );
    let read = service.read();
    assert_eq!(read["SecretBinary"], "AAH+/w==");
    assert_eq!(read.get("SecretString"), None);
}

#[test]
fn a_secret_without_a_value_has_no_version_to_read() {
    let mut service = Service::new();
    let created =
        service.ok("CreateSecret", json!({"Name": "orders", "ClientRequestToken": token(1)}));
    assert_eq!(created.get("VersionId"), None);
    assert_eq!(
        service.refused("GetSecretValue", json!({"SecretId": "orders"})),
        "ResourceNotFoundException: Secrets Manager can't find the specified secret value for staging label: AWSCURRENT"
    );
    let described = service.ok("DescribeSecret", json!({"SecretId": "orders"}));
    assert_eq!(described.get("VersionIdsToStages"), None);

    let put = service.put_labelled(2, &["AWSPENDING"]);
    assert_eq!(put["VersionStages"], json!(["AWSCURRENT", "AWSPENDING"]), "the first version");
}

#[test]
fn creating_twice_with_one_token_and_value_is_one_creation() {
    let mut service = Service::new();
    let body = json!({"Name": "orders", "ClientRequestToken": token(1), "SecretString": "first"});
    let first = service.ok("CreateSecret", body.clone());
    service.put(2, "second");
    assert_eq!(service.ok("CreateSecret", body), first);
    assert_eq!(service.read()["SecretString"], "second");
}

#[test]
fn a_taken_name_is_refused() {
    let mut service = Service::with_orders();
    let other_token =
        json!({"Name": "orders", "ClientRequestToken": token(2), "SecretString": "first"});
    assert_eq!(
        service.refused("CreateSecret", other_token),
        "ResourceExistsException: The operation failed because the secret orders already exists."
    );
    let other_value =
        json!({"Name": "orders", "ClientRequestToken": token(1), "SecretString": "other"});
    let arn = service.read()["ARN"].clone();
    assert_eq!(
        service.refused("CreateSecret", other_value),
        format!(
            "ResourceExistsException: You can't use ClientRequestToken {} because that value is already in use for a version of secret {}.",
            token(1),
            arn.as_str().unwrap()
        )
    );
}

#[test]
fn a_repeated_put_changes_nothing() {
    let mut service = Service::with_orders();
    service.put_labelled(2, &["AWSPENDING"]);
    service.put(3, "third");
    let before = service.ok("DescribeSecret", json!({"SecretId": "orders"}));
    service.wait(SignedDuration::from_secs(5));
    let again = service.put_labelled(2, &["AWSCURRENT"]);
    assert_eq!(
        again["VersionStages"],
        json!(["AWSPENDING"]),
        "the labels it has, not those asked for"
    );
    assert_eq!(service.ok("DescribeSecret", json!({"SecretId": "orders"})), before);
}

#[test]
fn a_token_cannot_carry_a_second_value() {
    let mut service = Service::with_orders();
    for operation in ["PutSecretValue", "UpdateSecret"] {
        let refusal = service.refused(
            operation,
            json!({"SecretId": "orders", "ClientRequestToken": token(1), "SecretString": "other"}),
        );
        assert!(refusal.starts_with("ResourceExistsException: You can't use ClientRequestToken"));
    }
}

#[test]
fn updating_is_not_idempotent() {
    let mut service = Service::with_orders();
    let refusal = service.refused(
        "UpdateSecret",
        json!({"SecretId": "orders", "ClientRequestToken": token(1), "SecretString": "first"}),
    );
    assert!(refusal.starts_with("ResourceExistsException"), "{refusal}");
}

#[test]
fn an_update_without_a_value_makes_no_version() {
    let mut service = Service::with_orders();
    let updated = service.ok(
        "UpdateSecret",
        json!({"SecretId": "orders", "ClientRequestToken": token(2), "Description": "the orders cache"}),
    );
    assert_eq!(updated.get("VersionId"), None);
    let described = service.ok("DescribeSecret", json!({"SecretId": "orders"}));
    assert_eq!(described["Description"], "the orders cache");
    assert_eq!(described["VersionIdsToStages"], json!({token(1): ["AWSCURRENT"]}));
}

#[test]
fn an_update_with_a_value_becomes_current() {
    let mut service = Service::with_orders();
    let updated = service.ok(
        "UpdateSecret",
        json!({
            "SecretId": "orders",
            "ClientRequestToken": token(2),
            "SecretString": "second",
            "KmsKeyId": "alias/tenants",
        }),
    );
    assert_eq!(updated["VersionId"], token(2));
    assert_eq!(service.stages(), json!({token(1): ["AWSPREVIOUS"], token(2): ["AWSCURRENT"]}));
    let versions = service.ok("ListSecretVersionIds", json!({"SecretId": "orders"}));
    assert_eq!(versions["Versions"][1]["KmsKeyIds"], json!(["alias/tenants"]));

    service.ok(
        "UpdateSecret",
        json!({"SecretId": "orders", "ClientRequestToken": token(3), "KmsKeyId": ""}),
    );
    let described = service.ok("DescribeSecret", json!({"SecretId": "orders"}));
    assert_eq!(described.get("KmsKeyId"), None, "an empty key is AWS's own key");
}

#[test]
fn a_version_is_chosen_by_identifier_or_label_and_both_must_agree() {
    let mut service = Service::with_orders();
    service.put(2, "second");
    let mut read = |version: Option<String>, stage: Option<&str>| {
        service.ask(
            "GetSecretValue",
            &json!({"SecretId": "orders", "VersionId": version, "VersionStage": stage}),
        )
    };
    assert_eq!(read(Some(token(1)), None).unwrap()["SecretString"], "first");
    assert_eq!(read(None, Some("AWSPREVIOUS")).unwrap()["SecretString"], "first");
    assert_eq!(read(Some(token(2)), Some("AWSCURRENT")).unwrap()["SecretString"], "second");
    assert_eq!(
        read(Some(token(2)), Some("AWSPREVIOUS")).unwrap_err().to_string(),
        "InvalidRequestException: You provided a VersionStage that is not associated to the provided VersionId."
    );
    assert_eq!(
        read(Some(token(9)), None).unwrap_err().to_string(),
        format!(
            "ResourceNotFoundException: Secrets Manager can't find the specified secret value for VersionId: {}",
            token(9)
        )
    );
    assert_eq!(
        read(None, Some("AWSPENDING")).unwrap_err().to_string(),
        "ResourceNotFoundException: Secrets Manager can't find the specified secret value for staging label: AWSPENDING"
    );
}

#[test]
fn reading_is_noted_by_the_day() {
    let mut service = Service::with_orders();
    let described = service.ok("DescribeSecret", json!({"SecretId": "orders"}));
    assert_eq!(described.get("LastAccessedDate"), None);
    service.put(2, "second");
    service.read();
    let described = service.ok("DescribeSecret", json!({"SecretId": "orders"}));
    assert_eq!(described["LastAccessedDate"], 1_772_323_200.0, "midnight");
    assert_eq!(described["LastChangedDate"], 1_772_357_400.125, "reading is no change");

    let versions = service.ok("ListSecretVersionIds", json!({"SecretId": "orders"}));
    assert_eq!(versions["Versions"][0].get("LastAccessedDate"), None);
    assert_eq!(versions["Versions"][1]["LastAccessedDate"], 1_772_323_200.0);
}

#[test]
fn every_change_moves_the_date_of_the_last_change() {
    let mut service = Service::with_orders();
    let changes = [
        ("PutSecretValue", json!({"ClientRequestToken": token(2), "SecretString": "second"})),
        ("UpdateSecret", json!({"ClientRequestToken": token(3), "Description": "new"})),
        (
            "UpdateSecretVersionStage",
            json!({"VersionStage": "AWSCURRENT", "MoveToVersionId": token(1), "RemoveFromVersionId": token(2)}),
        ),
        ("TagResource", json!({"Tags": [{"Key": "team", "Value": "shop"}]})),
        ("UntagResource", json!({"TagKeys": ["team"]})),
        ("DeleteSecret", json!({})),
        ("RestoreSecret", json!({})),
    ];
    let mut last = 1_772_357_400.125;
    for (operation, mut body) in changes {
        service.wait(SignedDuration::from_secs(10));
        body["SecretId"] = json!("orders");
        service.ok(operation, body);
        let noted =
            service.ok("DescribeSecret", json!({"SecretId": "orders"}))["LastChangedDate"].clone();
        last += 10.0;
        assert_eq!(noted, last, "after {operation}");
    }
}
