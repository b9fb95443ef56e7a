//! Requests that are wrong in themselves.

use serde_json::{Value, json};

use super::{Service, token};

fn refused(operation: &str, body: Value) -> String {
    Service::with_orders().refused(operation, body)
}

#[test]
fn an_unknown_operation_is_refused() {
    for operation in ["PutResourcePolicy", "ReplicateSecretToRegions", "createSecret", ""] {
        assert!(refused(operation, json!({})).starts_with("UnknownOperationException"));
    }
}

#[test]
fn a_body_that_is_not_a_structure_is_refused() {
    for body in [json!(null), json!([]), json!("text")] {
        assert!(refused("ListSecrets", body).starts_with("SerializationException"));
    }
}

#[test]
fn a_missing_member_is_named() {
    let required = [
        ("CreateSecret", json!({"ClientRequestToken": token(2)}), "name"),
        ("DeleteSecret", json!({}), "secretId"),
        ("DescribeSecret", json!({"SecretId": null}), "secretId"),
        ("GetSecretValue", json!({}), "secretId"),
        ("TagResource", json!({"SecretId": "orders"}), "tags"),
        (
            "TagResource",
            json!({"SecretId": "orders", "Tags": [{"Value": "x"}]}),
            "tags.1.member.key",
        ),
        ("UntagResource", json!({"SecretId": "orders"}), "tagKeys"),
        ("UpdateSecretVersionStage", json!({"SecretId": "orders"}), "versionStage"),
    ];
    for (operation, body, path) in required {
        assert_eq!(
            refused(operation, body),
            format!(
                "ValidationException: 1 validation error detected: Value null at '{path}' failed to satisfy constraint: Member must not be null"
            )
        );
    }
}

#[test]
fn a_member_of_the_wrong_type_is_refused() {
    let wrong = [
        ("DescribeSecret", json!({"SecretId": 5}), "NUMBER_VALUE can not be converted to a String"),
        (
            "DeleteSecret",
            json!({"SecretId": "orders", "RecoveryWindowInDays": "7"}),
            "STRING_VALUE can not be converted to a Long",
        ),
        (
            "DeleteSecret",
            json!({"SecretId": "orders", "ForceDeleteWithoutRecovery": 1}),
            "NUMBER_VALUE can not be converted to a Boolean",
        ),
        (
            "UntagResource",
            json!({"SecretId": "orders", "TagKeys": "team"}),
            "STRING_VALUE can not be converted to a List",
        ),
        (
            "UntagResource",
            json!({"SecretId": "orders", "TagKeys": [true]}),
            "TRUE_VALUE can not be converted to a String",
        ),
    ];
    for (operation, body, text) in wrong {
        assert_eq!(refused(operation, body), format!("SerializationException: {text}"));
    }
}

#[test]
fn unknown_members_are_ignored() {
    Service::with_orders().ok("DescribeSecret", json!({"SecretId": "orders", "Colour": "red"}));
}

#[test]
fn what_the_simulator_cannot_do_is_not_ignored() {
    let body = json!({
        "Name": "new",
        "ClientRequestToken": token(2),
        "AddReplicaRegions": [{"Region": "eu-west-1"}],
    });
    assert_eq!(
        refused("CreateSecret", body),
        "InvalidParameterException: The simulator does not support the parameter AddReplicaRegions."
    );
}

#[test]
fn names_are_of_few_characters() {
    for name in ["Inv Name", " orders", "orders*", "a:b", "tenant\\x", "größe", "orders\n"] {
        let body = json!({"Name": name, "ClientRequestToken": token(2)});
        let text = "ValidationException: Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!";
        assert_eq!(refused("CreateSecret", body), text);
        assert_eq!(refused("DescribeSecret", json!({"SecretId": name})), text);
    }
    let mut service = Service::new();
    let longest = "x".repeat(512);
    for name in ["Valid/_+=.@-Name", &longest] {
        service.ok("CreateSecret", json!({"Name": name, "ClientRequestToken": token(1)}));
    }
    let body = json!({"Name": "x".repeat(513), "ClientRequestToken": token(1)});
    assert!(service.refused("CreateSecret", body).ends_with(
        "at 'name' failed to satisfy constraint: Member must have length less than or equal to 512"
    ));
    let body = json!({"Name": "", "ClientRequestToken": token(1)});
    assert!(service.refused("CreateSecret", body).ends_with("length greater than or equal to 1"));
}

#[test]
fn a_token_is_required_and_has_32_to_64_characters() {
    let requests = [
        ("CreateSecret", json!({"Name": "new", "SecretString": "x"})),
        ("PutSecretValue", json!({"SecretId": "orders", "SecretString": "x"})),
        ("UpdateSecret", json!({"SecretId": "orders", "SecretString": "x"})),
    ];
    for (operation, mut body) in requests {
        assert_eq!(
            refused(operation, body.clone()),
            "InvalidRequestException: You must provide a ClientRequestToken value. We recommend a UUID-type value."
        );
        body["ClientRequestToken"] = json!("x".repeat(31));
        assert!(refused(operation, body.clone()).ends_with("length greater than or equal to 32"));
        body["ClientRequestToken"] = json!("x".repeat(65));
        assert!(refused(operation, body.clone()).ends_with("length less than or equal to 64"));
        for length in [32, 64] {
            body["ClientRequestToken"] = json!("x".repeat(length));
            Service::with_orders().ok(operation, body.clone());
        }
    }
}

#[test]
fn a_value_has_1_to_65536_bytes() {
    let put = |value: Value| {
        let mut body = json!({"SecretId": "orders", "ClientRequestToken": token(2)});
        body.as_object_mut().unwrap().extend(value.as_object().unwrap().clone());
        Service::with_orders().ask("PutSecretValue", &body).map_err(|error| error.to_string())
    };
    put(json!({"SecretString": "x".repeat(65_536)})).unwrap();
    let too_long = put(json!({"SecretString": "ä".repeat(32_769)})).unwrap_err();
    assert_eq!(
        too_long,
        "ValidationException: 1 validation error detected: Value at 'secretString' failed to satisfy constraint: Member must have length less than or equal to 65536"
    );
    assert!(put(json!({"SecretString": ""})).unwrap_err().contains("greater than or equal to 1"));
    assert!(put(json!({"SecretBinary": ""})).unwrap_err().contains("'secretBinary'"));
    assert_eq!(
        put(json!({})).unwrap_err(),
        "InvalidRequestException: You must provide either SecretString or SecretBinary."
    );
    assert_eq!(
        put(json!({"SecretString": "x", "SecretBinary": "eA=="})).unwrap_err(),
        "InvalidParameterException: You can't specify both a binary secret value and a string secret value in the same secret."
    );
    assert_eq!(
        put(json!({"SecretBinary": "not base64"})).unwrap_err(),
        "SerializationException: Invalid Base64 in SecretBinary"
    );
}

#[test]
fn lists_have_bounds() {
    let stages: Vec<String> = (0..21).map(|number| number.to_string()).collect();
    let put = |stages: Value| {
        refused(
            "PutSecretValue",
            json!({
                "SecretId": "orders",
                "ClientRequestToken": token(2),
                "SecretString": "x",
                "VersionStages": stages,
            }),
        )
    };
    assert!(put(json!(stages)).contains("'versionStages'"));
    assert!(put(json!([])).contains("length greater than or equal to 1"));
    assert!(put(json!(["x".repeat(257)])).contains("'versionStages.1.member'"));
    for size in [0, 101] {
        assert!(refused("ListSecrets", json!({"MaxResults": size})).contains("'maxResults'"));
    }
    let order = json!({"SortOrder": "sideways"});
    assert!(refused("ListSecrets", order).contains("enum value set: [asc, desc]"));
}
