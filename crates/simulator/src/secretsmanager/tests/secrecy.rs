//! Values stay inside.

use serde_json::{Value, json};

use super::{Service, token};

const VALUE: &str = "correct horse battery staple";
const BASE64: &str = "Y29ycmVjdCBob3JzZSBiYXR0ZXJ5IHN0YXBsZQ==";

#[test]
fn neither_debug_nor_the_dump_shows_a_value() {
    let mut service = Service::new();
    for (name, member, value) in [("a", "SecretString", VALUE), ("b", "SecretBinary", BASE64)] {
        service.ok(
            "CreateSecret",
            json!({"Name": name, "ClientRequestToken": token(1), member: value}),
        );
    }
    let debug = format!("{:?} {:#?}", service.secrets, service.secrets);
    let dump = service.secrets.dump().to_string();
    for text in [&debug, &dump] {
        assert!(!text.contains("horse"), "{text}");
        assert!(!text.contains(BASE64), "{text}");
        assert!(!text.contains("99, 111, 114"), "{text}");
    }
}

#[test]
fn the_dump_has_everything_else() {
    let mut service = Service::with_orders();
    service.put(2, "second");
    service.put(3, "second");
    service.ok(
        "TagResource",
        json!({"SecretId": "orders", "Tags": [{"Key": "team", "Value": "shop"}]}),
    );
    service.ok("DeleteSecret", json!({"SecretId": "orders"}));
    let dump = service.secrets.dump();
    let secret = &dump[0];
    assert_eq!(secret["Name"], "orders");
    assert_eq!(secret["Tags"], json!([{"Key": "team", "Value": "shop"}]));
    assert!(secret["DeletedDate"].is_number());
    let stages: Vec<&Value> = secret["Versions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|version| &version["VersionStages"])
        .collect();
    assert_eq!(stages, [&json!([]), &json!(["AWSPREVIOUS"]), &json!(["AWSCURRENT"])]);
    // SHA-256 of `first`, from sha256sum.
    assert_eq!(
        secret["Versions"][0]["ValueSha256"],
        "a7937b64b8caa58f03721bb6bacf5c78cb235febe0e70b1b84cd99541461a08e"
    );
    assert_eq!(secret["Versions"][1]["ValueSha256"], secret["Versions"][2]["ValueSha256"]);
}

#[test]
fn refusals_do_not_repeat_a_value() {
    let mut service = Service::with_orders();
    let values = [
        json!({"SecretString": [VALUE]}),
        json!({"SecretString": VALUE, "SecretBinary": BASE64}),
        json!({"SecretBinary": VALUE}),
        json!({"SecretString": VALUE.repeat(65_536)}),
        json!({"ClientRequestToken": token(1), "SecretString": VALUE}),
    ];
    for value in values {
        let mut body = json!({"SecretId": "orders", "ClientRequestToken": token(2)});
        body.as_object_mut().unwrap().extend(value.as_object().unwrap().clone());
        let refusal = service.refused("PutSecretValue", body);
        assert!(!refusal.contains("horse"), "{refusal}");
    }
}
