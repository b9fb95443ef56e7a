//! Deleting and restoring.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{Service, token};

const MARKED: &str = "InvalidRequestException: You can't perform this operation on the secret because it was marked for deletion.";
const MISSING: &str = "ResourceNotFoundException: Secrets Manager can't find the specified secret.";
const RESERVED: &str = "InvalidRequestException: You can't create this secret because a secret with this name is already scheduled for deletion.";

fn orders() -> Value {
    json!({"SecretId": "orders"})
}

fn create() -> Value {
    json!({"Name": "orders", "ClientRequestToken": token(1), "SecretString": "first"})
}

#[test]
fn a_deleted_secret_can_be_described_but_not_used() {
    let mut service = Service::with_orders();
    let deleted = service.ok("DeleteSecret", orders());
    assert_eq!(deleted["DeletionDate"], 1_772_357_400.125 + 30.0 * 86_400.0);
    let described = service.ok("DescribeSecret", orders());
    assert_eq!(described["DeletedDate"], deleted["DeletionDate"]);
    service.ok("ListSecretVersionIds", orders());

    let uses = [
        ("GetSecretValue", json!({})),
        ("PutSecretValue", json!({"ClientRequestToken": token(2), "SecretString": "x"})),
        ("UpdateSecret", json!({"ClientRequestToken": token(2), "Description": "x"})),
        ("UpdateSecretVersionStage", json!({"VersionStage": "x", "MoveToVersionId": token(1)})),
        ("TagResource", json!({"Tags": [{"Key": "a", "Value": "b"}]})),
        ("UntagResource", json!({"TagKeys": ["a"]})),
        ("DeleteSecret", json!({})),
    ];
    for (operation, mut body) in uses {
        body["SecretId"] = json!("orders");
        assert_eq!(service.refused(operation, body), MARKED, "{operation}");
    }
}

#[test]
fn the_name_is_reserved_until_the_window_ends() {
    let mut service = Service::with_orders();
    let arn = service.read()["ARN"].clone();
    service.ok("DeleteSecret", json!({"SecretId": "orders", "RecoveryWindowInDays": 7}));
    assert_eq!(service.refused("CreateSecret", create()), RESERVED, "even for the same request");

    service.wait_days(7);
    service.wait(SignedDuration::from_millis(-1));
    assert_eq!(service.refused("CreateSecret", create()), RESERVED);

    service.wait(SignedDuration::from_millis(1));
    assert_eq!(service.refused("RestoreSecret", orders()), MISSING);
    let created = service.ok("CreateSecret", create());
    assert_ne!(created["ARN"], arn, "the new one is another secret");
    assert_eq!(service.refused("GetSecretValue", json!({"SecretId": arn})), MISSING);
}

#[test]
fn the_window_is_seven_to_thirty_days() {
    let mut service = Service::with_orders();
    for days in [-1, 0, 6, 31] {
        assert_eq!(
            service.refused(
                "DeleteSecret",
                json!({"SecretId": "orders", "RecoveryWindowInDays": days})
            ),
            "InvalidParameterException: The RecoveryWindowInDays value must be between 7 and 30 days (inclusive)."
        );
    }
    for days in [7, 30] {
        service.ok("DeleteSecret", json!({"SecretId": "orders", "RecoveryWindowInDays": days}));
        service.ok("RestoreSecret", orders());
    }
}

#[test]
fn a_window_and_force_exclude_each_other() {
    let mut service = Service::with_orders();
    assert_eq!(
        service.refused(
            "DeleteSecret",
            json!({"SecretId": "orders", "RecoveryWindowInDays": 7, "ForceDeleteWithoutRecovery": true})
        ),
        "InvalidParameterException: You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays."
    );
    service.ok(
        "DeleteSecret",
        json!({"SecretId": "orders", "RecoveryWindowInDays": 7, "ForceDeleteWithoutRecovery": false}),
    );
}

#[test]
fn a_restored_secret_is_the_one_it_was() {
    let mut service = Service::with_orders();
    service.put(2, "second");
    service.put_labelled(3, &["AWSPENDING"]);
    let (before, stages) = (service.read(), service.stages());
    service.ok("DeleteSecret", orders());
    service.wait_days(29);
    service.ok("RestoreSecret", orders());
    service.wait_days(29);
    assert_eq!(service.read(), before);
    assert_eq!(service.stages(), stages);
    let described = service.ok("DescribeSecret", orders());
    assert_eq!(described.get("DeletedDate"), None);
}

#[test]
fn restoring_what_was_not_deleted_changes_nothing() {
    let mut service = Service::with_orders();
    let before = service.ok("DescribeSecret", orders());
    service.wait_days(1);
    let restored = service.ok("RestoreSecret", orders());
    assert_eq!(restored, json!({"ARN": before["ARN"], "Name": "orders"}));
    assert_eq!(service.ok("DescribeSecret", orders()), before);
}

#[test]
fn a_forced_deletion_is_at_once_and_for_good() {
    let mut service = Service::with_orders();
    let force = json!({"SecretId": "orders", "ForceDeleteWithoutRecovery": true});
    let deleted = service.ok("DeleteSecret", force.clone());
    assert_eq!(deleted["DeletionDate"], 1_772_357_400.125);
    for operation in ["DescribeSecret", "GetSecretValue", "RestoreSecret", "DeleteSecret"] {
        assert_eq!(service.refused(operation, orders()), MISSING, "{operation}");
    }
    let again = service.ok("DeleteSecret", force);
    assert_eq!(again["Name"], "orders", "forcing what is gone is no fault");
    service.ok("CreateSecret", create());
}

#[test]
fn a_forced_deletion_cuts_a_scheduled_one_short() {
    let mut service = Service::with_orders();
    service.ok("DeleteSecret", orders());
    service.ok("DeleteSecret", json!({"SecretId": "orders", "ForceDeleteWithoutRecovery": true}));
    service.ok("CreateSecret", create());
}

#[test]
fn a_forced_deletion_may_take_a_while() {
    let mut service = Service::with_orders();
    service.quotas.forced_deletion_seconds = 20;
    service.ok("DeleteSecret", json!({"SecretId": "orders", "ForceDeleteWithoutRecovery": true}));
    assert_eq!(service.refused("CreateSecret", create()), RESERVED);
    assert_eq!(service.refused("GetSecretValue", orders()), MARKED);
    assert_eq!(
        service.refused("RestoreSecret", orders()),
        "InvalidRequestException: You can't perform this operation on the secret because it was deleted."
    );
    service.wait(SignedDuration::from_secs(20));
    service.ok("CreateSecret", create());
}
