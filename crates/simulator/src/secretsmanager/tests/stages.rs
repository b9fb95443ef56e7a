//! Staging labels: where they go, and what moves with them.

use proptest::prelude::{Strategy, any, prop_oneof, proptest};
use proptest::sample::select;
use serde_json::{Value, json};

use super::{Service, token};

fn move_label(service: &mut Service, label: &str, from: Option<u32>, to: Option<u32>) -> Value {
    service.ok("UpdateSecretVersionStage", move_request(label, from, to))
}

fn move_request(label: &str, from: Option<u32>, to: Option<u32>) -> Value {
    json!({
        "SecretId": "orders",
        "VersionStage": label,
        "RemoveFromVersionId": from.map(token),
        "MoveToVersionId": to.map(token),
    })
}

#[test]
fn a_put_without_labels_becomes_current_at_once() {
    let mut service = Service::with_orders();
    let put = service.put(2, "second");
    assert_eq!(put["VersionStages"], json!(["AWSCURRENT"]));
    assert_eq!(service.stages(), json!({token(1): ["AWSPREVIOUS"], token(2): ["AWSCURRENT"]}));
    service.put(3, "third");
    assert_eq!(service.stages(), json!({token(2): ["AWSPREVIOUS"], token(3): ["AWSCURRENT"]}));
}

#[test]
fn a_put_with_labels_leaves_the_current_version_alone() {
    let mut service = Service::with_orders();
    service.put_labelled(2, &["two", "one", "three"]);
    let put = service.put_labelled(3, &["four", "two", "one"]);
    assert_eq!(put["VersionStages"], json!(["four", "one", "two"]), "in alphabetical order");
    assert_eq!(
        service.stages(),
        json!({token(1): ["AWSCURRENT"], token(2): ["three"], token(3): ["four", "one", "two"]})
    );
    assert_eq!(service.read()["SecretString"], "first");
}

/// The labels of a rotation, step by step as the live service was recorded.
#[test]
fn a_rotation_moves_the_labels_as_aws_does() {
    let mut service = Service::with_orders();
    service.put_labelled(2, &["AWSPENDING"]);
    move_label(&mut service, "AWSCURRENT", Some(1), Some(2));
    assert_eq!(
        service.stages(),
        json!({token(1): ["AWSPREVIOUS"], token(2): ["AWSCURRENT", "AWSPENDING"]})
    );
    service.put_labelled(3, &["AWSPENDING"]);
    assert_eq!(
        service.stages(),
        json!({token(1): ["AWSPREVIOUS"], token(2): ["AWSCURRENT"], token(3): ["AWSPENDING"]})
    );
    move_label(&mut service, "AWSCURRENT", Some(2), Some(3));
    assert_eq!(
        service.stages(),
        json!({token(2): ["AWSPREVIOUS"], token(3): ["AWSCURRENT", "AWSPENDING"]})
    );
    service.put(4, "fourth");
    assert_eq!(service.stages(), json!({token(3): ["AWSPREVIOUS"], token(4): ["AWSCURRENT"]}));
}

#[test]
fn going_back_swaps_current_and_previous() {
    let mut service = Service::with_orders();
    service.put(2, "second");
    move_label(&mut service, "AWSCURRENT", Some(2), Some(1));
    assert_eq!(service.stages(), json!({token(1): ["AWSCURRENT"], token(2): ["AWSPREVIOUS"]}));
}

#[test]
fn asking_for_previous_and_current_in_one_put_gives_previous_to_the_loser() {
    let mut service = Service::with_orders();
    service.put_labelled(2, &["AWSCURRENT", "AWSPREVIOUS"]);
    assert_eq!(service.stages(), json!({token(1): ["AWSPREVIOUS"], token(2): ["AWSCURRENT"]}));
}

#[test]
fn moving_a_label_is_a_compare_and_swap() {
    let mut service = Service::with_orders();
    service.put(2, "second");
    service.put_labelled(3, &["AWSPENDING"]);
    assert_eq!(
        service.refused("UpdateSecretVersionStage", move_request("AWSCURRENT", None, Some(3))),
        format!(
            "InvalidParameterException: The parameter RemoveFromVersionId can't be empty. Staging label AWSCURRENT is currently attached to version {}, so you must explicitly reference that version in RemoveFromVersionId.",
            token(2)
        )
    );
    assert_eq!(
        service.refused("UpdateSecretVersionStage", move_request("AWSCURRENT", Some(1), Some(3))),
        "InvalidParameterException: When you move staging label AWSCURRENT, if you specify RemoveFromVersionId, it must be set to the version that currently has the staging label AWSCURRENT."
    );
    move_label(&mut service, "AWSCURRENT", Some(2), Some(3));
}

#[test]
fn a_label_that_is_where_it_should_be_stays() {
    let mut service = Service::with_orders();
    service.put(2, "second");
    let before = service.ok("DescribeSecret", json!({"SecretId": "orders"}));
    service.wait_days(1);
    move_label(&mut service, "AWSCURRENT", None, Some(2));
    move_label(&mut service, "AWSCURRENT", Some(2), Some(2));
    assert_eq!(service.ok("DescribeSecret", json!({"SecretId": "orders"})), before);
}

#[test]
fn a_free_label_needs_no_version_to_leave() {
    let mut service = Service::with_orders();
    move_label(&mut service, "green", None, Some(1));
    assert_eq!(service.stages(), json!({token(1): ["AWSCURRENT", "green"]}));
    move_label(&mut service, "green", Some(1), None);
    assert_eq!(service.stages(), json!({token(1): ["AWSCURRENT"]}));
}

#[test]
fn the_current_label_cannot_be_taken_away() {
    let mut service = Service::with_orders();
    assert_eq!(
        service.refused("UpdateSecretVersionStage", move_request("AWSCURRENT", Some(1), None)),
        "InvalidParameterException: You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed."
    );
}

#[test]
fn a_move_needs_versions_that_exist() {
    let mut service = Service::with_orders();
    let refusal =
        service.refused("UpdateSecretVersionStage", move_request("AWSCURRENT", Some(1), Some(9)));
    assert!(refusal.starts_with("ResourceNotFoundException"), "{refusal}");
    let refusal = service.refused("UpdateSecretVersionStage", move_request("green", None, None));
    assert!(refusal.starts_with("InvalidParameterException"), "{refusal}");
}

/// Any request that can move a label.
fn request() -> impl Strategy<Value = (&'static str, Value)> {
    let label = || select(vec!["AWSCURRENT", "AWSPREVIOUS", "AWSPENDING", "blue", "green"]);
    let version = || proptest::option::of(1_u32..6);
    let put = (1_u32..6, proptest::option::of(proptest::collection::vec(label(), 1..4))).prop_map(
        |(version, stages)| {
            let body = json!({
                "SecretId": "orders",
                "ClientRequestToken": token(version),
                "SecretString": format!("value {version}"),
                "VersionStages": stages,
            });
            ("PutSecretValue", body)
        },
    );
    let update = (1_u32..6, any::<bool>()).prop_map(|(version, with_value)| {
        let value = with_value.then(|| format!("value {version}"));
        let body =
            json!({"SecretId": "orders", "ClientRequestToken": token(version), "SecretString": value});
        ("UpdateSecret", body)
    });
    let shift = (label(), version(), version())
        .prop_map(|(label, from, to)| ("UpdateSecretVersionStage", move_request(label, from, to)));
    prop_oneof![3 => put, 1 => update, 4 => shift]
}

proptest! {
    /// Whatever is asked in whatever order: a label is on one version, and one version is
    /// current as soon as there is any. (The fixture checks of each refused request that it
    /// changed nothing.)
    #[test]
    fn one_version_is_current_and_no_label_is_on_two(
        requests in proptest::collection::vec(request(), 1..40),
    ) {
        let mut service = Service::new();
        service.ok("CreateSecret", json!({"Name": "orders", "ClientRequestToken": token(0)}));
        for (operation, body) in requests {
            let current_before = service.stages().as_object().map(current);
            let outcome = service.ask(operation, &body);
            let stages = service.stages();
            let Some(stages) = stages.as_object() else {
                assert!(current_before.is_none(), "the labels were lost");
                continue;
            };
            let mut labels: Vec<_> = stages.values().flat_map(|labels| labels.as_array().unwrap()).collect();
            let n_labels = labels.len();
            labels.sort_by_key(|label| label.as_str());
            labels.dedup();
            assert_eq!(labels.len(), n_labels, "a label is on two versions: {stages:?}");

            let (before, now) = (current_before.flatten(), current(stages));
            assert!(now.is_some(), "no version is current: {stages:?}");
            if outcome.is_ok() && before.is_some() && before != now {
                let loser = stages.get(&before.unwrap()).expect("the loser keeps a label");
                assert!(loser.as_array().unwrap().contains(&json!("AWSPREVIOUS")), "{stages:?}");
            }
        }
    }
}

fn current(stages: &serde_json::Map<String, Value>) -> Option<String> {
    let is_current = |labels: &Value| labels.as_array().unwrap().contains(&json!("AWSCURRENT"));
    let mut current =
        stages.iter().filter(|(_, labels)| is_current(labels)).map(|(id, _)| id.clone());
    let first = current.next();
    assert_eq!(current.next(), None, "two versions are current");
    first
}
