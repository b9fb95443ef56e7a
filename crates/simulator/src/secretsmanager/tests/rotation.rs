//! Rotation: how it is configured, and the labels and dates of one that is under way.

use std::borrow::Borrow;

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{Service, token};

const LAMBDA: &str = "arn:aws:lambda:eu-central-1:123456789012:function:rotate";

fn rotate(service: &mut Service, more: impl Borrow<Value>) -> Value {
    service.ok("RotateSecret", request(more))
}

fn request(more: impl Borrow<Value>) -> Value {
    let mut body = json!({"SecretId": "orders", "ClientRequestToken": token(2)});
    body.as_object_mut().unwrap().extend(more.borrow().as_object().unwrap().clone());
    body
}

fn described(service: &mut Service) -> Value {
    service.ok("DescribeSecret", json!({"SecretId": "orders"}))
}

/// What a rotation function does in its steps `createSecret` and `finishSecret`.
fn play_the_function(service: &mut Service, from: u32, to: u32) {
    service.put_labelled(to, &["AWSPENDING"]);
    service.ok(
        "UpdateSecretVersionStage",
        json!({
            "SecretId": "orders",
            "VersionStage": "AWSCURRENT",
            "RemoveFromVersionId": token(from),
            "MoveToVersionId": token(to),
        }),
    );
}

#[test]
fn a_secret_that_was_never_rotated_says_nothing_of_it() {
    let mut service = Service::with_orders();
    let secret = described(&mut service);
    for member in ["RotationEnabled", "RotationLambdaARN", "RotationRules", "NextRotationDate"] {
        assert_eq!(secret.get(member), None, "{member}");
    }
}

#[test]
fn a_rotation_begins_with_an_empty_version_and_ends_when_it_is_current() {
    let mut service = Service::with_orders();
    let rules = json!({"AutomaticallyAfterDays": 30});
    let answer = rotate(&mut service, json!({"RotationLambdaARN": LAMBDA, "RotationRules": rules}));
    assert_eq!(answer["VersionId"], token(2));
    assert_eq!(service.stages(), json!({token(1): ["AWSCURRENT"], token(2): ["AWSPENDING"]}));
    assert_eq!(service.read()["SecretString"], "first");
    for which in [json!({"VersionStage": "AWSPENDING"}), json!({"VersionId": token(2)})] {
        let refusal = service.refused("GetSecretValue", request(which));
        assert!(refusal.starts_with("ResourceNotFoundException"), "{refusal}");
    }
    let secret = described(&mut service);
    assert_eq!(secret["RotationEnabled"], true);
    assert_eq!(secret["RotationLambdaARN"], LAMBDA);
    assert_eq!(secret["RotationRules"], rules);
    assert_eq!(secret.get("LastRotatedDate"), None);
    let next = 1_775_001_599.0;
    assert_eq!(secret["NextRotationDate"], next, "the last second of the thirtieth day");

    service.wait_days(1);
    play_the_function(&mut service, 1, 2);
    assert_eq!(
        service.stages(),
        json!({token(1): ["AWSPREVIOUS"], token(2): ["AWSCURRENT", "AWSPENDING"]})
    );
    assert_eq!(service.read()["SecretString"], "value 2");
    let listed = service.ok("ListSecrets", json!({}))["SecretList"][0].clone();
    assert_eq!(listed["LastRotatedDate"], 1_772_443_800.125);
    assert_eq!(listed["NextRotationDate"], next + 86_400.0);
}

#[test]
fn a_second_rotation_waits_for_the_first() {
    let mut service = Service::with_orders();
    rotate(&mut service, json!({"RotationLambdaARN": LAMBDA}));
    let in_progress = "InvalidRequestException: A previous rotation isn't complete. That rotation will be reattempted.";
    for more in [json!({}), json!({"ClientRequestToken": token(3), "RotateImmediately": false})] {
        assert_eq!(service.refused("RotateSecret", request(more)), in_progress);
    }
    play_the_function(&mut service, 1, 2);
    rotate(&mut service, json!({"ClientRequestToken": token(3)}));
    assert_eq!(
        service.stages(),
        json!({token(1): ["AWSPREVIOUS"], token(2): ["AWSCURRENT"], token(3): ["AWSPENDING"]})
    );
}

/// Also one that nobody asked AWS for: the label alone counts.
#[test]
fn a_pending_version_of_anybody_looks_like_a_rotation() {
    let mut service = Service::with_orders();
    service.put_labelled(2, &["AWSPENDING"]);
    let refusal = service.refused("RotateSecret", request(json!({"RotationLambdaARN": LAMBDA})));
    assert!(refusal.contains("A previous rotation isn't complete"), "{refusal}");
    assert_eq!(described(&mut service).get("RotationEnabled"), None);
}

#[test]
fn rotation_can_be_switched_on_without_beginning_one() {
    let mut service = Service::with_orders();
    let rules = json!({"ScheduleExpression": "rate(4 hours)", "Duration": "1h"});
    let configured =
        json!({"RotationLambdaARN": LAMBDA, "RotationRules": rules, "RotateImmediately": false});
    assert_eq!(rotate(&mut service, configured).get("VersionId"), None);
    assert_eq!(service.stages(), json!({token(1): ["AWSCURRENT"]}));
    let secret = described(&mut service);
    assert_eq!(secret["RotationRules"], rules);
    assert_eq!(secret["NextRotationDate"], 1_772_371_800.125);

    service.wait(SignedDuration::from_hours(1));
    service.put(3, "by hand");
    let secret = described(&mut service);
    assert_eq!(secret["NextRotationDate"], 1_772_375_400.125, "a new value counts as a rotation");
    assert_eq!(secret.get("LastRotatedDate"), None);
}

#[test]
fn a_cancelled_rotation_leaves_its_labels_and_its_configuration() {
    let mut service = Service::with_orders();
    let rules = json!({"AutomaticallyAfterDays": 1});
    rotate(&mut service, json!({"RotationLambdaARN": LAMBDA, "RotationRules": rules}));
    let answer = service.ok("CancelRotateSecret", json!({"SecretId": "orders"}));
    assert_eq!(answer["VersionId"], token(2), "which may have to lose its label");
    assert_eq!(service.stages(), json!({token(1): ["AWSCURRENT"], token(2): ["AWSPENDING"]}));
    let secret = described(&mut service);
    assert_eq!(secret["RotationEnabled"], false);
    assert_eq!((&secret["RotationLambdaARN"], &secret["RotationRules"]), (&json!(LAMBDA), &rules));
    assert_eq!(secret.get("NextRotationDate"), None);

    service.ok(
        "UpdateSecretVersionStage",
        json!({"SecretId": "orders", "VersionStage": "AWSPENDING", "RemoveFromVersionId": token(2)}),
    );
    rotate(&mut service, json!({"ClientRequestToken": token(3)}));
    assert_eq!(described(&mut service)["RotationRules"], rules, "as it was");
}

#[test]
fn an_empty_version_never_becomes_current() {
    let mut service = Service::with_orders();
    rotate(&mut service, json!({"RotationLambdaARN": LAMBDA}));
    let refusal = service.refused(
        "UpdateSecretVersionStage",
        json!({
            "SecretId": "orders",
            "VersionStage": "AWSCURRENT",
            "RemoveFromVersionId": token(1),
            "MoveToVersionId": token(2),
        }),
    );
    assert!(refusal.starts_with("ResourceNotFoundException"), "{refusal}");
}

/// A secret that was made without a value can be rotated to its first.
#[test]
fn the_first_value_of_all_is_current_also_if_a_rotation_brings_it() {
    let mut service = Service::new();
    service.ok("CreateSecret", json!({"Name": "orders", "ClientRequestToken": token(1)}));
    rotate(&mut service, json!({"RotationLambdaARN": LAMBDA}));
    assert_eq!(service.stages(), json!({token(2): ["AWSPENDING"]}));
    service.put_labelled(2, &["AWSPENDING"]);
    assert_eq!(service.stages(), json!({token(2): ["AWSCURRENT", "AWSPENDING"]}));
}

#[test]
fn what_cannot_be_a_rotation_is_refused() {
    let days = |days: u32| json!({"RotationRules": {"AutomaticallyAfterDays": days}});
    let rate = |rate: &str| json!({"RotationRules": {"ScheduleExpression": rate}});
    let wrong = [
        (json!({"RotationLambdaARN": ""}), "InvalidRequestException"),
        (json!({"RotationLambdaARN": "rotate"}), "InvalidParameterException"),
        (json!({"ClientRequestToken": null}), "InvalidRequestException"),
        (
            json!({"RotationLambdaARN": LAMBDA, "ClientRequestToken": token(1)}),
            "InvalidParameterException",
        ),
        (days(0), "ValidationException"),
        (days(1001), "ValidationException"),
        (json!({"RotationRules": {}}), "InvalidParameterException"),
        (
            json!({"RotationRules": {"AutomaticallyAfterDays": 1, "Duration": "3"}}),
            "ValidationException",
        ),
        (
            json!({"RotationRules": {"AutomaticallyAfterDays": 1, "Duration": "3d"}}),
            "ValidationException",
        ),
        (rate("rate(3 hours)"), "InvalidParameterException"),
        (rate("rate(ten days)"), "InvalidParameterException"),
        (rate("cron(0 16 1,15 * ? *)"), "InvalidParameterException"),
        (
            json!({"ExternalSecretRotationRoleArn": "arn:aws:iam::1:role/x"}),
            "InvalidParameterException",
        ),
    ];
    for (more, code) in wrong {
        let mut service = Service::with_orders();
        let refusal = service.refused("RotateSecret", request(&more));
        assert!(refusal.starts_with(code), "{more}: {refusal}");
    }
    let mut service = Service::with_orders();
    let refusal = service.refused("CancelRotateSecret", json!({"SecretId": "orders"}));
    assert!(refusal.starts_with("InvalidRequestException"), "{refusal}");
}
