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
