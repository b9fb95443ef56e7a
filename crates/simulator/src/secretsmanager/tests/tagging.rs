//! Tags.

use serde_json::{Value, json};

use super::{Service, token};

fn tag(service: &mut Service, tags: &Value) {
    service.ok("TagResource", json!({"SecretId": "orders", "Tags": tags}));
}

fn tags(service: &mut Service) -> Value {
    service.ok("DescribeSecret", json!({"SecretId": "orders"}))["Tags"].clone()
}

#[test]
fn tags_are_added_changed_and_removed() {
    let mut service = Service::with_orders();
    tag(&mut service, &json!([{"Key": "team", "Value": "shop"}, {"Key": "tier", "Value": "gold"}]));
    tag(&mut service, &json!([{"Key": "team", "Value": "money"}, {"Key": "Team"}]));
    assert_eq!(
        tags(&mut service),
        json!([
            {"Key": "Team", "Value": ""},
            {"Key": "team", "Value": "money"},
            {"Key": "tier", "Value": "gold"},
        ])
    );
    service.ok("UntagResource", json!({"SecretId": "orders", "TagKeys": ["team", "Team", "none"]}));
    assert_eq!(tags(&mut service), json!([{"Key": "tier", "Value": "gold"}]));
    service.ok("UntagResource", json!({"SecretId": "orders", "TagKeys": ["tier"]}));
    assert_eq!(tags(&mut service), Value::Null, "what has no value is left out");
}

#[test]
fn a_secret_has_at_most_fifty_tags() {
    let many = |range: std::ops::RangeInclusive<u32>| -> Value {
        range.map(|number| json!({"Key": format!("key-{number}"), "Value": "x"})).collect()
    };
    let mut service = Service::with_orders();
    tag(&mut service, &many(1..=50));
    tag(&mut service, &many(1..=50));
    let one_more = json!({"SecretId": "orders", "Tags": many(51..=51)});
    let refusal = service.refused("TagResource", one_more);
    assert!(refusal.starts_with("InvalidParameterException"), "{refusal}");
    let born_with_too_many =
        json!({"Name": "other", "ClientRequestToken": token(1), "Tags": many(1..=51)});
    let refusal = service.refused("CreateSecret", born_with_too_many);
    assert!(refusal.starts_with("InvalidParameterException"), "{refusal}");
}

#[test]
fn reserved_and_repeated_keys_are_refused() {
    let mut service = Service::with_orders();
    for tags in [
        json!([{"Key": "aws:owner", "Value": "x"}]),
        json!([{"Key": "team", "Value": "a"}, {"Key": "team", "Value": "b"}]),
    ] {
        let refusal = service.refused("TagResource", json!({"SecretId": "orders", "Tags": tags}));
        assert!(refusal.starts_with("InvalidParameterException"), "{refusal}");
    }
}
