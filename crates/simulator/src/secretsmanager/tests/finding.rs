//! Which secret a `SecretId` means.

use serde_json::{Value, json};

use super::{Service, token};

const MISSING: &str = "ResourceNotFoundException: Secrets Manager can't find the specified secret.";

fn create(service: &mut Service, name: &str) -> String {
    let body = json!({"Name": name, "ClientRequestToken": token(1), "SecretString": "value"});
    service.ok("CreateSecret", body)["ARN"].as_str().unwrap().to_owned()
}

fn describe(service: &mut Service, id: &str) -> Result<Value, String> {
    let answer = service.ask("DescribeSecret", &json!({"SecretId": id}));
    answer.map(|secret| secret["Name"].clone()).map_err(|error| error.to_string())
}

#[test]
fn a_secret_is_found_by_name_by_arn_and_by_partial_arn() {
    let mut service = Service::new();
    let arn = create(&mut service, "tenants/acme");
    let partial = &arn[..arn.len() - 7];
    for id in ["tenants/acme", &arn, partial] {
        assert_eq!(describe(&mut service, id), Ok(json!("tenants/acme")), "{id}");
    }
}

#[test]
fn an_arn_with_another_suffix_is_another_secret() {
    let mut service = Service::new();
    let arn = create(&mut service, "orders");
    let other = format!("{}AAAAAA", &arn[..arn.len() - 6]);
    assert_eq!(describe(&mut service, &other), Err(MISSING.to_owned()));
}

#[test]
fn a_name_that_looks_like_it_has_a_suffix_is_not_found_by_partial_arn() {
    let mut service = Service::new();
    let arn = create(&mut service, "orders-abc123");
    let partial = &arn[..arn.len() - 7];
    assert_eq!(describe(&mut service, partial), Err(MISSING.to_owned()));
    assert_eq!(describe(&mut service, &arn), Ok(json!("orders-abc123")));
    assert_eq!(describe(&mut service, "orders-abc123"), Ok(json!("orders-abc123")));
}

#[test]
fn another_region_or_account_has_its_own_secrets() {
    let mut service = Service::new();
    let arn = create(&mut service, "orders");
    let foreign = arn.replace("123456789012", "210987654321");
    assert_eq!(describe(&mut service, &foreign), Err(MISSING.to_owned()));
    service.region = "eu-west-1";
    for id in ["orders", &arn] {
        assert_eq!(describe(&mut service, id), Err(MISSING.to_owned()));
    }
    create(&mut service, "orders");
    let regions: Vec<String> = service
        .secrets
        .dump()
        .as_array()
        .unwrap()
        .iter()
        .map(|secret| secret["ARN"].as_str().unwrap().split(':').nth(3).unwrap().to_owned())
        .collect();
    assert_eq!(regions, ["eu-central-1", "eu-west-1"]);
}

#[test]
fn every_operation_on_a_secret_says_when_there_is_none() {
    let mut service = Service::new();
    let operations = [
        ("DeleteSecret", json!({})),
        ("DescribeSecret", json!({})),
        ("GetSecretValue", json!({})),
        ("ListSecretVersionIds", json!({})),
        ("PutSecretValue", json!({"ClientRequestToken": token(2), "SecretString": "x"})),
        ("RestoreSecret", json!({})),
        ("TagResource", json!({"Tags": []})),
        ("UntagResource", json!({"TagKeys": []})),
        ("UpdateSecret", json!({"ClientRequestToken": token(2)})),
        ("UpdateSecretVersionStage", json!({"VersionStage": "x", "MoveToVersionId": token(1)})),
    ];
    for (operation, mut body) in operations {
        body["SecretId"] = json!("nobody");
        assert_eq!(service.refused(operation, body), MISSING, "{operation}");
    }
}
