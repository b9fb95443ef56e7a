//! The database's file as it should not be: without room, shut, taken, damaged, from the future.

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::Path,
    process::{Command, Output},
    time::Duration,
};

use reqwest::Method;
use ringfence_acl::EngineKind;
use ringfence_simulator::Fault;
use serde_json::{Value, json};

use crate::{
    store::execute,
    world::{Answer, ServiceProcess, World, variables},
};

/// Starts the service in a process whose files can be kept from growing. A write that would make one
/// grow fails then, as on a full disk; the signal that comes with it by default is ignored.
fn start_with_limits(world: &World) -> ServiceProcess {
    let mut program = Command::new("sh");
    program.args(["-c", r#"trap '' XFSZ; exec "$0" "$@""#, env!("CARGO_BIN_EXE_ringfence")]);
    let path = std::env::var("PATH").unwrap();
    let more = [("PATH", path), ("RINGFENCE_LOG", "info".to_owned())];
    let more = more.map(|(name, value)| (name.to_owned(), value));
    ServiceProcess::start_as(program, variables(world).into_iter().chain(more))
}

/// Leaves a process no room on its disk, or gives it room again.
fn limit_files(process: &ServiceProcess, limit: &str) {
    let limited = Command::new("prlimit")
        .args(["--pid", &process.id().to_string(), &format!("--fsize={limit}:unlimited")])
        .status()
        .unwrap();
    assert!(limited.success());
}

struct Client<'a> {
    process: &'a ServiceProcess,
    client: reqwest::Client,
}

impl Client<'_> {
    async fn send(&self, method: Method, path: &str, body: Value) -> Answer {
        let url = format!("{}{path}", self.process.url);
        let request = self.client.request(method, url).header("prefer", "wait=60");
        Answer::of(request.json(&body)).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, Value::Null).await
    }

    async fn create(&self, name: &str) -> Answer {
        self.send(Method::POST, "/tenants", json!({ "name": name })).await
    }
}

fn assert_unavailable(answer: &Answer) {
    assert_eq!((answer.status, answer.problem()), (503, "store-unavailable"), "{answer:?}");
    assert_eq!(answer.body["retryable"], true, "{answer:?}");
}

#[tokio::test]
async fn without_room_nothing_is_acknowledged_and_with_room_again_all_goes_on() {
    let mut world = World::new(EngineKind::Valkey).await;
    world.stop_service().await;
    let process = start_with_limits(&world);
    let service = Client { process: &process, client: reqwest::Client::new() };
    assert_eq!(service.create("acme").await.body["status"], "active");

    limit_files(&process, "1");
    assert_unavailable(&service.create("globex").await);
    assert_unavailable(&service.send(Method::DELETE, "/tenants/acme", Value::Null).await);
    // What writes nothing shows nothing.
    let dry_run = json!({ "name": "initech", "dry_run": true });
    service.send(Method::POST, "/tenants", dry_run).await;
    assert_unavailable(&service.get("/readyz").await);
    assert_eq!(service.get("/livez").await.status, 200, "a restart would not help");
    assert_eq!(service.get("/tenants/acme").await.body["status"], "active", "it can be read");

    limit_files(&process, "unlimited");
    assert_eq!(service.get("/readyz").await.status, 200);
    assert_eq!(service.get("/tenants/globex").await.status, 404, "it was not acknowledged");
    assert_eq!(service.create("globex").await.body["status"], "active");
    assert_eq!(service.send(Method::DELETE, "/tenants/acme", Value::Null).await.status, 204);
    let aws = world.aws().await;
    assert_eq!(aws.living_secrets().into_iter().collect::<Vec<_>>(), ["ringfence/globex"]);
}

/// What was done in AWS and could not be written down is found there.
#[tokio::test]
async fn work_that_could_not_be_written_down_is_not_done_twice() {
    let mut world = World::new(EngineKind::Valkey).await;
    world.stop_service().await;
    let process = start_with_limits(&world);
    let service = Client { process: &process, client: reqwest::Client::new() };
    for (name, operation) in
        [("acme", "CreateSecret"), ("globex", "CreateUser"), ("initech", "ModifyUserGroup")]
    {
        world.control().add_fault(Fault::delay(operation).times(1));
        let body = json!({ "name": name });
        let url = format!("{}/tenants", process.url);
        let accepted = Answer::of(service.client.post(url).json(&body)).await;
        assert_eq!(accepted.status, 202, "{accepted:?}");
        let mut looks = tokio::time::interval(Duration::from_millis(5));
        // What has struck is not armed any more.
        while !world.control().faults().is_empty() {
            looks.tick().await;
        }
        let n_told = || process.log().matches("the store failed").count();
        let n_before = n_told();
        limit_files(&process, "1");
        world.control().release_delayed();
        while n_told() == n_before {
            looks.tick().await;
        }
        assert_unavailable(&service.get("/readyz").await);
        limit_files(&process, "unlimited");
        let created = service.create(name).await;
        assert_eq!(created.body["status"], "active", "{operation}: {created:?}");
        assert_eq!(world.aws().await.password_count(&format!("rf-{name}")), 1);
        let versions = world.aws().await.secret(&format!("ringfence/{name}"))["Versions"].clone();
        assert_eq!(versions.as_array().unwrap().len(), 1, "{operation}: {versions}");
    }
}

/// `ringfence serve`, which is to end at once.
fn refused(world: &World, mut program: Command) -> String {
    let Output { status, stderr, .. } =
        program.arg("serve").env_clear().envs(variables(world)).output().unwrap();
    let said = String::from_utf8(stderr).unwrap();
    assert!(!status.success(), "{said}");
    said
}

fn ringfence() -> Command {
    Command::new(env!("CARGO_BIN_EXE_ringfence"))
}

#[tokio::test]
async fn a_second_service_on_the_same_database_is_refused_with_the_remedy() {
    let world = World::new(EngineKind::Valkey).await;
    let said = refused(&world, ringfence());
    assert!(said.contains("is in use by another ringfence: stop that one, or name"), "{said}");
    assert_eq!(world.create("acme").await.body["status"], "active", "the first one goes on");
}

/// Root may write to any file, unless it gives up the right to.
fn without_rights_of_root(path: &Path) -> Command {
    if fs::metadata(path).unwrap().uid() != 0 {
        return ringfence();
    }
    let mut program = Command::new("/usr/bin/setpriv");
    program.args(["--bounding-set=-dac_override", env!("CARGO_BIN_EXE_ringfence")]);
    program
}

#[tokio::test]
async fn a_database_that_cannot_be_written_to_is_refused() {
    let mut world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    world.stop_service().await;
    let database = world.config.database.clone();
    fs::set_permissions(&database, fs::Permissions::from_mode(0o400)).unwrap();
    let said = refused(&world, without_rights_of_root(&database));
    let path = database.display();
    assert!(said.contains(&format!("cannot open {path}: Permission denied")), "{said}");

    fs::set_permissions(&database, fs::Permissions::from_mode(0o600)).unwrap();
    world.start_service().await;
    assert_eq!(world.get("/tenants/acme").await.body["status"], "active");
}

#[tokio::test]
async fn a_damaged_database_is_refused_with_the_remedy_and_left_as_it_is() {
    let mut world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    world.stop_service().await;
    let database = world.config.database.clone();
    let whole = fs::read(&database).unwrap();
    for (what, damage) in [("header", 0..100), ("schema", 100..4_096), ("length", 0..whole.len())] {
        let mut bytes = whole.clone();
        if what == "length" {
            bytes.truncate(5_000);
        } else {
            bytes[damage].fill(0x5a);
        }
        fs::write(&database, &bytes).unwrap();
        let said = refused(&world, ringfence());
        assert!(said.contains("is damaged or no database"), "{what}: {said}");
        assert!(said.contains("restore a backup"), "{what}: {said}");
        assert_eq!(fs::read(&database).unwrap(), bytes, "{what}");
    }
    fs::write(&database, &whole).unwrap();
    world.start_service().await;
    assert_eq!(world.get("/tenants/acme").await.body["status"], "active");
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused_with_the_remedy() {
    let mut world = World::new(EngineKind::Valkey).await;
    world.stop_service().await;
    execute(
        &world.config.database,
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9999, 'from the future', 1, x'00', 0)",
    )
    .await
    .unwrap();
    let said = refused(&world, ringfence());
    assert!(said.contains("written by a newer ringfence (schema 9999"), "{said}");
    assert!(said.contains("run that version, or restore a backup"), "{said}");
}
