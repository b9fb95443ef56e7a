//! `ListSecrets` and pages.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{Service, token};

/// Four secrets, a second apart.
fn service() -> Service {
    let mut service = Service::new();
    let secrets = [
        ("shop/orders", "Password of the orders cache", "team", "Shop"),
        ("shop/billing", "", "team", "Money"),
        ("audit", "Trail of the orders desk", "tier", "gold"),
        ("Shop/old", "", "Team", "shop"),
    ];
    for (name, description, key, value) in secrets {
        service.ok(
            "CreateSecret",
            json!({
                "Name": name,
                "Description": description,
                "ClientRequestToken": token(1),
                "SecretString": "value",
                "Tags": [{"Key": key, "Value": value}],
            }),
        );
        service.wait(SignedDuration::from_secs(1));
    }
    service
}

fn names(listed: &Value) -> Vec<&str> {
    let secrets = listed["SecretList"].as_array().unwrap();
    secrets.iter().map(|secret| secret["Name"].as_str().unwrap()).collect()
}

fn filtered(service: &mut Service, key: &str, values: &[&str]) -> Vec<String> {
    let listed = service.ok("ListSecrets", json!({"Filters": [{"Key": key, "Values": values}]}));
    names(&listed).into_iter().map(str::to_owned).collect()
}

#[test]
fn secrets_are_listed_by_age_with_what_is_known_of_them() {
    let mut service = service();
    let listed = service.ok("ListSecrets", json!({}));
    assert_eq!(names(&listed), ["shop/orders", "shop/billing", "audit", "Shop/old"]);
    let first = &listed["SecretList"][0];
    assert_eq!(
        *first,
        json!({
            "ARN": first["ARN"],
            "Name": "shop/orders",
            "Description": "Password of the orders cache",
            "CreatedDate": 1_772_357_400.125,
            "LastChangedDate": 1_772_357_400.125,
            "SecretVersionsToStages": {token(1): ["AWSCURRENT"]},
            "Tags": [{"Key": "team", "Value": "Shop"}],
        })
    );
}

#[test]
fn secrets_can_be_sorted() {
    let mut service = service();
    let sorted = service.ok("ListSecrets", json!({"SortBy": "name", "SortOrder": "desc"}));
    assert_eq!(names(&sorted), ["shop/orders", "shop/billing", "audit", "Shop/old"]);
    service.ok("GetSecretValue", json!({"SecretId": "audit"}));
    let sorted =
        service.ok("ListSecrets", json!({"SortBy": "last-accessed-date", "SortOrder": "desc"}));
    assert_eq!(names(&sorted)[0], "audit");
    service.ok("UntagResource", json!({"SecretId": "shop/orders", "TagKeys": ["team"]}));
    let sorted = service.ok("ListSecrets", json!({"SortBy": "last-changed-date"}));
    assert_eq!(names(&sorted)[3], "shop/orders");
}

#[test]
fn filters_match_as_each_key_says() {
    let mut service = service();
    assert_eq!(filtered(&mut service, "name", &["shop/"]), ["shop/orders", "shop/billing"]);
    assert_eq!(filtered(&mut service, "name", &["orders"]), [""; 0], "a prefix, not any part");
    assert_eq!(filtered(&mut service, "name", &["audit", "Shop"]), ["audit", "Shop/old"]);
    assert_eq!(filtered(&mut service, "tag-key", &["te"]), ["shop/orders", "shop/billing"]);
    assert_eq!(filtered(&mut service, "tag-value", &["Sho"]), ["shop/orders"]);
    assert_eq!(filtered(&mut service, "description", &["ORDERS desk"]), ["audit"]);
    assert_eq!(
        filtered(&mut service, "all", &["shop"]),
        ["shop/orders", "shop/billing", "Shop/old"]
    );
    assert_eq!(filtered(&mut service, "owning-service", &["rds"]), [""; 0]);
    assert_eq!(filtered(&mut service, "name", &["!shop"]), ["audit", "Shop/old"]);
}

#[test]
fn filters_must_all_match() {
    let mut service = service();
    let listed = service.ok(
        "ListSecrets",
        json!({"Filters": [{"Key": "name", "Values": ["shop/"]}, {"Key": "tag-value", "Values": ["Money"]}]}),
    );
    assert_eq!(names(&listed), ["shop/billing"]);
}

#[test]
fn malformed_filters_are_refused() {
    let mut service = service();
    let mut refused = |filter: Value| service.refused("ListSecrets", json!({"Filters": [filter]}));
    assert_eq!(
        refused(json!({"Key": "colour", "Values": ["red"]})),
        "ValidationException: 1 validation error detected: Value 'colour' at 'filters.1.member.key' failed to satisfy constraint: Member must satisfy enum value set: [all, name, tag-key, description, tag-value, primary-region, owning-service]"
    );
    assert_eq!(
        refused(json!({"Values": ["red"]})),
        "InvalidParameterException: Invalid filter key"
    );
    assert_eq!(
        refused(json!({"Key": "name"})),
        "InvalidParameterException: Invalid filter values for key: name"
    );
}

#[test]
fn secrets_scheduled_for_deletion_are_listed_on_request() {
    let mut service = service();
    service.ok("DeleteSecret", json!({"SecretId": "audit"}));
    assert_eq!(names(&service.ok("ListSecrets", json!({}))).len(), 3);
    let listed = service.ok("ListSecrets", json!({"IncludePlannedDeletion": true}));
    assert_eq!(names(&listed)[2], "audit");
    assert!(listed["SecretList"][2]["DeletedDate"].is_number());
}

#[test]
fn pages_neither_skip_nor_repeat_when_the_list_changes() {
    let mut service = service();
    let first = service.ok("ListSecrets", json!({"MaxResults": 2}));
    assert_eq!(names(&first), ["shop/orders", "shop/billing"]);
    let force = json!({"SecretId": "shop/billing", "ForceDeleteWithoutRecovery": true});
    service.ok("DeleteSecret", force);
    let second =
        service.ok("ListSecrets", json!({"MaxResults": 1, "NextToken": first["NextToken"]}));
    assert_eq!(names(&second), ["audit"]);
    service.ok("CreateSecret", json!({"Name": "new", "ClientRequestToken": token(1)}));
    let last =
        service.ok("ListSecrets", json!({"MaxResults": 2, "NextToken": second["NextToken"]}));
    assert_eq!(names(&last), ["Shop/old", "new"]);
    assert_eq!(last.get("NextToken"), None);
}

#[test]
fn versions_come_in_pages() {
    let mut service = Service::with_orders();
    service.put(2, "second");
    service.put_labelled(3, &["AWSPENDING"]);
    let mut seen = Vec::new();
    let mut next = Value::Null;
    loop {
        let page = service.ok(
            "ListSecretVersionIds",
            json!({"SecretId": "orders", "MaxResults": 1, "NextToken": next}),
        );
        seen.push(page["Versions"][0]["VersionId"].clone());
        next = page["NextToken"].clone();
        if next.is_null() {
            break;
        }
    }
    assert_eq!(seen, [token(1), token(2), token(3)]);
}

#[test]
fn a_token_from_elsewhere_is_refused() {
    let mut service = service();
    let page = service.ok("ListSecrets", json!({"MaxResults": 1}));
    let uses = [
        ("ListSecrets", json!({"NextToken": "nonsense"})),
        ("ListSecrets", json!({"NextToken": page["NextToken"], "SortBy": "name"})),
        ("ListSecretVersionIds", json!({"SecretId": "audit", "NextToken": page["NextToken"]})),
    ];
    for (operation, body) in uses {
        let refusal = service.refused(operation, body);
        assert_eq!(refusal, "InvalidNextTokenException: Invalid NextToken.");
    }
}
