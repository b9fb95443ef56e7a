//! Signatures, checked by somebody else's code.

use std::{io::Write as _, process::Command};

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::json;

use super::{
    receiver::{Message, Receiver},
    webhook, world,
};

/// Written from the specification of Standard Webhooks, with nothing but Python's own modules.
const VERIFY: &str = r#"
import base64, hashlib, hmac, sys
secret, id, timestamp, signatures, path = sys.argv[1:]
key = base64.b64decode(secret.removeprefix("whsec_"))
signed = f"{id}.{timestamp}.".encode() + open(path, "rb").read()
expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
given = [s.split(",", 1)[1] for s in signatures.split(" ") if s.startswith("v1,")]
sys.exit(0 if any(hmac.compare_digest(expected, s) for s in given) else 1)
"#;

fn is_signed_with(message: &Message, secret: &str) -> bool {
    let mut body = tempfile::NamedTempFile::new().unwrap();
    body.write_all(message.text.as_bytes()).unwrap();
    let status = Command::new("python3")
        .args(["-c", VERIFY, secret])
        .args(
            ["id", "timestamp", "signature"].map(|part| message.header(&format!("webhook-{part}"))),
        )
        .arg(body.path())
        .status()
        .unwrap();
    status.success()
}

#[tokio::test]
async fn a_message_is_signed_and_says_what_happened_in_ids() {
    let (world, mut receiver) = (world().await, Receiver::start().await);
    let (path, secret) = webhook(&world, &receiver, &[]).await;
    world.create("acme").await;
    let message = receiver.next().await;
    assert!(is_signed_with(&message, &secret));
    assert!(!is_signed_with(&message, "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="));
    assert!(message.header("content-type").starts_with("application/cloudevents+json"));
    let body = message.body();
    assert_eq!(body["specversion"], "1.0");
    assert_eq!(body["id"], message.header("webhook-id"));
    assert_eq!(body["type"], "ringfence.tenant.provisioned");
    assert_eq!(body["subject"], "tenants/acme");
    assert_eq!(body["data"]["tenant"], "acme");
    assert!(body["data"]["tenant_id"].is_string());
    let password = world.get("/tenants/acme/credentials").await.body["password"].clone();
    assert!(!message.text.contains(password.as_str().unwrap()));
    let shown = world.get(&path).await;
    assert!(!shown.body.to_string().contains(&secret), "{shown:?}");
}

/// There are few messages about services: what their passwords and fences come to, and drift.
#[tokio::test]
async fn a_message_about_a_service_names_it_by_its_path() {
    let (world, mut receiver) = (world().await, Receiver::start().await);
    webhook(&world, &receiver, &["credential.rotated"]).await;
    let made = world.send(Method::POST, "/services", json!({ "name": "billing" })).await;
    assert_eq!(made.body["status"], "active", "{made:?}");
    let body = json!({ "selector": { "tenants": ["billing"] }, "reason": "quarterly" });
    assert_eq!(world.send(Method::POST, "/rotations", body).await.status, 202);
    assert_eq!(receiver.next().await.body()["subject"], "services/billing");
}

#[tokio::test]
async fn four_secrets_are_valid_at_once_and_no_more() {
    let (world, mut receiver) = (world().await, Receiver::start().await);
    let (path, _) = webhook(&world, &receiver, &[]).await;
    let secrets = format!("{path}/secrets");
    for _ in 2..=4 {
        assert_eq!(world.send(Method::POST, &secrets, json!({})).await.status, 201);
    }
    let refused = world.send(Method::POST, &secrets, json!({})).await;
    assert_eq!((refused.status, refused.problem()), (409, "too-many-webhook-secrets"));
    let test = format!("{path}/test");
    world.send(Method::POST, &test, json!({})).await;
    let signatures = receiver.next().await.header("webhook-signature").to_owned();
    assert_eq!(signatures.split(' ').count(), 4, "{signatures}");

    // All others end with it.
    let body = json!({ "overlap_seconds": 0 });
    let made = world.send(Method::POST, &secrets, body).await;
    assert_eq!(made.status, 201, "{made:?}");
    world.send(Method::POST, &test, json!({})).await;
    let message = receiver.next().await;
    assert!(is_signed_with(&message, made.body["secret"].as_str().unwrap()));
    assert!(!message.header("webhook-signature").contains(' '));
    assert_eq!(world.send(Method::POST, &secrets, json!({})).await.status, 201);
}

#[tokio::test]
async fn while_secrets_are_rotated_a_message_is_signed_with_both() {
    let (world, mut receiver) = (world().await, Receiver::start().await);
    let (path, old) = webhook(&world, &receiver, &[]).await;
    let body = json!({ "overlap_seconds": 3600 });
    let made = world.send(Method::POST, &format!("{path}/secrets"), body).await;
    let new = made.body["secret"].as_str().unwrap();
    let test = format!("{path}/test");
    assert_eq!(world.send(Method::POST, &test, json!({})).await.status, 202);
    let message = receiver.next().await;
    assert_eq!(message.kind(), "ringfence.webhook.test");
    assert!(is_signed_with(&message, &old) && is_signed_with(&message, new));

    world.clock.advance(SignedDuration::from_secs(3601));
    world.send(Method::POST, &test, json!({})).await;
    let message = receiver.next().await;
    assert!(!is_signed_with(&message, &old) && is_signed_with(&message, new));
}
