//! A password is in Secrets Manager and in the one answer that hands it out, and nowhere else.

use std::fs;

use reqwest::Client;
use ringfence_acl::EngineKind;
use ringfence_simulator::Fault;
use serde_json::{Value, json};

use crate::world::{Answer, ServiceProcess, World};

/// The whole job at TRACE, with lost answers and refusals on the way, so that error paths speak
/// too. Every password that was ever made is then looked for in the log and in the database.
#[tokio::test]
async fn no_password_reaches_the_log_or_the_database() {
    let mut world = World::new(EngineKind::Valkey).await;
    world.stop_service().await;
    let control = world.control();
    for operation in ["CreateSecret", "CreateUser", "PutSecretValue", "ModifyUser"] {
        control.add_fault(Fault::after(operation).times(1));
        control.add_fault(Fault::before(operation).error("Throttling", 400).times(1));
    }
    let service = ServiceProcess::start(&world);
    let client = Client::new();
    let mut passwords = Vec::new();
    for round in 0..2 {
        let body = json!({ "name": "acme", "inherit_keys": round > 0 });
        let post = client.post(format!("{}/tenants", service.url)).header("prefer", "wait=60");
        let post = post.header("x-request-id", "who-asked");
        let created = Answer::of(post.json(&body)).await;
        assert_eq!(created.body["status"], "active", "{created:?}");
        let credentials =
            Answer::of(client.get(format!("{}/tenants/acme/credentials", service.url))).await;
        passwords.push(credentials.body["password"].as_str().unwrap().to_owned());
        let delete = client.delete(format!("{}/tenants/acme", service.url));
        assert_eq!(Answer::of(delete.header("prefer", "wait=60")).await.status, 204);
    }
    assert_ne!(passwords[0], passwords[1]);

    let log = service.log();
    assert!(log.contains("\"level\":\"DEBUG\""), "the log is not at its most talkative");
    assert!(log.contains("\"request.id\":\"who-asked\",\"tenant.name\":\"acme\""), "{log}");
    let files: Vec<(String, Vec<u8>)> = ["", "-wal", "-shm"]
        .iter()
        .map(|suffix| format!("{}{suffix}", world.config.database.display()))
        .filter_map(|path| fs::read(&path).ok().map(|bytes| (path, bytes)))
        .collect();
    assert!(!files.is_empty());
    for password in &passwords {
        assert!(!log.contains(password.as_str()), "a password is in the log");
        for (path, bytes) in &files {
            let found = bytes.windows(password.len()).any(|window| window == password.as_bytes());
            assert!(!found, "a password is in {path}");
        }
    }
}

/// Signed with what AWS's own chain of credentials finds.
#[tokio::test]
async fn no_token_reaches_the_log() {
    let mut world = World::with_iam(EngineKind::Valkey, |_| {}).await;
    world.stop_service().await;
    let service = ServiceProcess::start(&world);
    let post = Client::new().post(format!("{}/tenants", service.url)).header("prefer", "wait=60");
    let created = Answer::of(post.json(&json!({ "name": "acme", "auth": "iam" }))).await;
    assert_eq!(created.body["attested"]["verdict"], "isolated", "{created:?}");
    let log = service.log();
    assert!(log.contains("\"level\":\"DEBUG\""), "the log is not at its most talkative");
    for part in ["X-Amz-Signature", "Action=connect"] {
        assert!(!log.contains(part), "a token is in the log: {log}");
    }
}

#[tokio::test]
async fn the_secret_is_what_a_client_and_awss_rotation_function_expect() {
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    let secret = secret_string(&world, "ringfence/acme").await;
    let handed_out = world.get("/tenants/acme/credentials").await.body;
    for member in ["username", "password", "host", "port", "tls", "key_prefix", "url"] {
        assert_eq!(secret[member], handed_out[member], "{member}");
    }
    assert_eq!(secret["user_arn"], "arn:aws:elasticache:us-east-1:000000000000:user:rf-acme");
}

#[tokio::test]
async fn the_database_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    let mode = fs::metadata(&world.config.database).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

async fn secret_string(world: &World, name: &str) -> Value {
    let value = world.secrets_manager().get_secret_value().secret_id(name).send().await.unwrap();
    serde_json::from_str(value.secret_string().unwrap()).unwrap()
}
