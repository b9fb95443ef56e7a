//! `ringfence import`: a store that was lost, and fleets that other tools made.

mod drift;
mod orphans;
mod suspended;

use std::{fs, path::PathBuf, sync::Arc};

use reqwest::Method;
use ringfence::{
    clock::SystemEntropy,
    cloud::AwsAccess,
    config::{Config, SimulatorCache},
    domain::ProfileName,
    import::{ImportError, ImportReport, ImportRequest, Outcome, import},
    service::Surroundings,
    store::OpenError,
};
use ringfence_acl::EngineKind;
use ringfence_simulator::Fault;
use serde_json::{Value, json};

use crate::world::{TenantLogin, World, on_both_engines};

async fn run(world: &World, request: &ImportRequest) -> Result<ImportReport, ImportError> {
    let surroundings = Surroundings {
        clock: Arc::new(world.clock.clone()),
        entropy: Arc::new(SystemEntropy::default()),
    };
    let aws = AwsAccess::Simulator { url: world.simulator.url() };
    Box::pin(import(&world.config, &aws, &surroundings, request)).await
}

async fn apply(world: &World, request: &ImportRequest) -> ImportReport {
    let request = ImportRequest { apply: true, ..request.clone() };
    run(world, &request).await.unwrap()
}

fn outcome<'a>(report: &'a ImportReport, tenant: &str) -> &'a Outcome {
    let found = report.tenants.iter().find(|found| found.tenant == tenant);
    &found.unwrap_or_else(|| panic!("{tenant} is not in {report:?}")).outcome
}

fn refusal<'a>(report: &'a ImportReport, tenant: &str) -> &'a str {
    match outcome(report, tenant) {
        Outcome::Refused { why } => why,
        other => panic!("{tenant}: {other:?}"),
    }
}

/// The files of the database.
fn files(world: &World) -> Vec<PathBuf> {
    let base = world.config.database.to_str().unwrap();
    ["", "-wal", "-shm", ".lock"].map(|suffix| PathBuf::from(format!("{base}{suffix}"))).into()
}

async fn lose_the_store(world: &mut World) {
    world.stop_service().await;
    for file in files(world) {
        let _absent = fs::remove_file(file);
    }
}

/// The calls since the log was cleared that change something.
fn changes(world: &World) -> Vec<String> {
    let reads = ["Describe", "List", "Get"];
    let calls = world.control().calls().into_iter().map(|call| call.operation);
    calls.filter(|operation| !reads.iter().any(|read| operation.starts_with(read))).collect()
}

async fn until_active(world: &World, path: &str) -> Value {
    world.until(path, |tenant| tenant.body["status"] == "active").await.body
}

/// Replaces a tenant's password, and waits until the old one is gone.
async fn rotate(world: &World, tenant: &str) {
    let path = format!("/tenants/{tenant}/rotations");
    let rotation = json!({ "mode": "emergency", "reason": "INC-1" });
    let rotation = world.send(Method::POST, &path, rotation).await;
    assert_eq!(rotation.body["phase"], "completed", "{rotation:?}");
}

/// What a tenant is, without what only the lost store knew.
fn identity(view: &Value) -> Value {
    let user = |user: &Value| {
        json!([
            user["name"],
            user["user_id"],
            user["username"],
            user["profile"],
            user["secret_name"]
        ])
    };
    let users: Vec<Value> = view["users"].as_array().unwrap().iter().map(user).collect();
    json!([view["name"], view["cache"], view["profile"], view["key_pattern"], view["auth"], users])
}

on_both_engines! {
    /// The database is deleted, and made again from AWS alone, without a change there.
    async fn a_lost_store_is_made_again_from_aws(kind) {
        let mut world = World::with_iam(kind, |_| {}).await;
        let acme = json!({ "name": "acme", "users": [{ "name": "reports", "profile": "read-only" }] });
        let bodies = [
            ("/tenants", acme),
            ("/tenants", json!({ "name": "initech", "profile": "queue" })),
            ("/tenants", json!({ "name": "globex", "auth": "iam" })),
            ("/services", json!({ "name": "search", "profile": "pubsub" })),
        ];
        let mut paths = Vec::new();
        for (collection, body) in &bodies {
            let made = world.send(Method::POST, collection, body.clone()).await;
            assert_eq!(made.status, 201, "{made:?}");
            paths.push(format!("{collection}/{}", body["name"].as_str().unwrap()));
        }
        let emergency = json!({ "mode": "emergency", "reason": "a leak" });
        let rotated = world.send(Method::POST, "/tenants/acme/rotations", emergency).await;
        assert_eq!(rotated.body["phase"], "completed", "{rotated:?}");
        let mut before = Vec::new();
        for path in &paths {
            before.push(identity(&world.get(path).await.body));
        }
        let url = world.get("/tenants/acme/credentials").await.body["url"].clone();

        lose_the_store(&mut world).await;
        let aws = world.aws().await.shape();
        world.control().clear_calls();
        let told = run(&world, &ImportRequest::default()).await.unwrap();
        assert_eq!((told.n_imported(), told.n_refused(), told.applied), (4, 0, false), "{told:?}");
        assert!(!files(&world).iter().any(|file| file.exists()), "telling makes no database");
        let done = apply(&world, &ImportRequest::default()).await;
        assert_eq!((done.n_imported(), done.n_refused()), (4, 0), "{done:?}");
        let again = apply(&world, &ImportRequest::default()).await;
        assert_eq!((again.n_imported(), again.n_refused()), (0, 0), "{again:?}");

        world.start_service().await;
        for (path, before) in paths.iter().zip(&before) {
            assert_eq!(identity(&until_active(&world, path).await), *before);
        }
        for (collection, body) in bodies {
            let again = world.send(Method::POST, collection, body).await;
            assert_eq!(again.status, 200, "asked for again, it is the same one: {again:?}");
        }
        assert_eq!(changes(&world), Vec::<String>::new());
        assert_eq!(world.aws().await.shape(), aws);
        assert_eq!(world.get("/tenants/acme/credentials").await.body["url"], url);
        world.login("acme").await.set("acme:x", "1").await.unwrap();
        world.login_by_iam("globex").await.unwrap().set("globex:x", "1").await.unwrap();
        // And it is theirs to be changed and removed.
        let rotated = json!({ "mode": "emergency", "reason": "after an import" });
        let rotated = world.send(Method::POST, "/tenants/acme/rotations", rotated).await;
        assert_eq!(rotated.body["phase"], "completed", "{rotated:?}");
        assert_eq!(world.delete("acme").await.status, 204);
    }
}

/// A user as another tool makes it, in the group, with its password in a secret of that tool.
async fn legacy(world: &World, tenant: &str, access_string: &str, kind: EngineKind) {
    let id = format!("legacy-{tenant}-user");
    let password = format!("legacy-password-of-{tenant}");
    let user = world.elasticache().create_user().user_id(&id).user_name(format!("{tenant}_app"));
    let user = user.engine(kind.to_string()).access_string(access_string);
    user.passwords(&password).send().await.unwrap();
    let change = world.elasticache().modify_user_group();
    let change = change.user_group_id(SimulatorCache::USER_GROUP);
    change.user_ids_to_add(&id).send().await.unwrap();
    let secret = world.secrets_manager().create_secret().name(format!("legacy/{tenant}"));
    secret.secret_string(password).send().await.unwrap();
}

fn of_other_tools() -> ImportRequest {
    ImportRequest {
        names: vec!["legacy-{tenant}-user".parse().unwrap()],
        password_secret: Some("legacy/{tenant}".parse().unwrap()),
        ..ImportRequest::default()
    }
}

on_both_engines! {
    async fn a_fleet_of_another_tool_moves_in_with_its_passwords(kind) {
        let mut world = World::new(kind).await;
        world.create("sample").await;
        let rights = world.aws().await.access_string("rf-sample").replace("sample:", "acme:");
        legacy(&world, "acme", &rights, kind).await;
        legacy(&world, "hooli", "on ~hooli:* resetchannels -@all +get", kind).await;
        world.stop_service().await;

        world.control().clear_calls();
        let before = (world.aws().await.shape(), fs::read(&world.config.database).unwrap());
        let told = run(&world, &of_other_tools()).await.unwrap();
        assert!(matches!(outcome(&told, "acme"), Outcome::Imported { .. }), "{told:?}");
        assert_eq!(*outcome(&told, "sample"), Outcome::AlreadyThere);
        assert!(refusal(&told, "hooli").contains("--profile"), "{told:?}");
        assert_eq!((world.aws().await.shape(), fs::read(&world.config.database).unwrap()), before);
        assert_eq!(changes(&world), Vec::<String>::new());

        let all = ImportRequest {
            instead: Some(ProfileName::parse("read-only").unwrap()),
            ..of_other_tools()
        };
        let done = apply(&world, &all).await;
        assert_eq!((done.n_imported(), done.n_refused()), (2, 0), "{done:?}");
        assert_eq!(
            changes(&world),
            ["CreateSecret", "AddTagsToResource", "CreateSecret", "AddTagsToResource"]
        );
        world.start_service().await;
        let acme = until_active(&world, "/tenants/acme").await;
        assert_eq!((&acme["user_id"], &acme["username"]), (&json!("legacy-acme-user"), &json!("acme_app")));
        let hooli = until_active(&world, "/tenants/hooli").await;
        assert_eq!(hooli["profile"], "read-only");
        assert!(!changes(&world).contains(&"CreateUser".to_owned()));
        // Clients go on with what they have, and are handed the same.
        let old = "legacy-password-of-acme";
        TenantLogin::with_password(world.engine_address(), "acme_app", old).await.unwrap();
        world.login("acme").await.set("acme:x", "1").await.unwrap();
        let rotation = json!({ "mode": "emergency", "reason": "it was in the other tool" });
        let rotated = world.send(Method::POST, "/tenants/acme/rotations", rotation).await;
        assert_eq!(rotated.body["phase"], "completed", "{rotated:?}");
        assert_eq!(world.delete("acme").await.status, 204);
        assert!(!world.aws().await.user_ids().contains("legacy-acme-user"));
    }
}

/// Each rule, with what to do about it.
#[tokio::test]
async fn what_cannot_be_imported_is_refused_with_the_way_out() {
    let kind = EngineKind::Valkey;
    let mut world = World::new(kind).await;
    world.create("sample").await;
    let rights = |prefix: &str, text: &str| text.replace("sample:", prefix);
    let sample = world.aws().await.access_string("rf-sample").to_owned();
    legacy(&world, "under-score", &rights("under_score:", &sample), kind).await;
    legacy(&world, "inside", &rights("sample:inside:", &sample), kind).await;
    legacy(&world, "twofold", "on ~a:* ~b:* resetchannels -@all +get", kind).await;
    legacy(&world, "greedy", "on ~* resetchannels -@all +get", kind).await;
    legacy(&world, "secretive", &rights("secretive:", &sample), kind).await;
    let secret = world.secrets_manager().delete_secret().secret_id("legacy/secretive");
    secret.send().await.unwrap();
    legacy(&world, "bad--name", &rights("bad:", &sample), kind).await;
    world.stop_service().await;

    let report = apply(&world, &of_other_tools()).await;
    for (tenant, way_out) in [
        ("inside", "overlap"),
        ("twofold", "Narrow its access string"),
        ("greedy", "Narrow its access string"),
        ("secretive", "restore it"),
        ("bad--name", "another name"),
    ] {
        let why = refusal(&report, tenant);
        assert!(why.contains(way_out), "{tenant}: {why}");
    }
    assert!(matches!(outcome(&report, "under-score"), Outcome::Imported { .. }));
    let without_secrets = ImportRequest { password_secret: None, ..of_other_tools() };
    let report = apply(&world, &without_secrets).await;
    assert!(refusal(&report, "secretive").contains("--password-secret"));
}

/// A backup is put back that is older than a user. What is in the store is not for deletion.
#[tokio::test]
async fn users_that_a_restored_store_does_not_know_are_told_and_their_tenant_is_left_alone() {
    let mut world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    world.stop_service().await;
    let backup = world.config.database.with_extension("backup");
    fs::copy(&world.config.database, &backup).unwrap();
    world.start_service().await;
    let reports = json!({ "profile": "read-only" });
    let added = world.send(Method::PUT, "/tenants/acme/users/reports", reports).await;
    assert!(matches!(added.status, 200 | 201), "{added:?}");
    lose_the_store(&mut world).await;
    fs::copy(&backup, &world.config.database).unwrap();

    let report = apply(&world, &ImportRequest::default()).await;
    let why = refusal(&report, "acme");
    assert!(why.contains("without rf-acme--reports, and stays as it is"), "{why}");
    world.start_service().await;
    until_active(&world, "/tenants/acme").await;
}

#[tokio::test]
async fn who_alone_is_in_no_group_is_put_back_only_if_that_is_asked_for() {
    let mut world = World::new(EngineKind::Valkey).await;
    let reports = json!([{ "name": "reports", "profile": "read-only" }]);
    world.create_as(json!({ "name": "acme", "users": reports })).await;
    lose_the_store(&mut world).await;
    let change = world.elasticache().modify_user_group();
    let change = change.user_group_id(SimulatorCache::USER_GROUP).user_ids_to_remove("rf-acme");
    change.send().await.unwrap();
    let report = apply(&world, &ImportRequest::default()).await;
    assert!(refusal(&report, "acme").contains("--rejoin"), "{report:?}");
    let request = ImportRequest { rejoin: true, ..ImportRequest::default() };
    let report = apply(&world, &request).await;
    assert_eq!(report.n_imported(), 1, "{report:?}");
    world.start_service().await;
    until_active(&world, "/tenants/acme").await;
    assert!(world.aws().await.member_ids().contains("rf-acme"));
}

#[tokio::test]
async fn a_session_that_nobody_remembers_ends_at_once() {
    let mut world = World::new(EngineKind::Valkey).await;
    let opened = json!({ "reason": "a stuck queue", "ttl_seconds": 3600 });
    let opened = world.send(Method::POST, "/break-glass", opened).await;
    assert_eq!(opened.status, 201, "{opened:?}");
    lose_the_store(&mut world).await;
    let report = apply(&world, &ImportRequest::default()).await;
    assert_eq!(report.n_imported(), 1, "{report:?}");
    world.start_service().await;
    let mut looks = tokio::time::interval(std::time::Duration::from_millis(5));
    while world.aws().await.user_ids().iter().any(|id| id.starts_with("rf-break-glass-")) {
        looks.tick().await;
    }
}

#[tokio::test]
async fn an_import_that_is_cut_off_goes_on_when_it_is_run_again() {
    let kind = EngineKind::Valkey;
    let mut world = World::new(kind).await;
    world.create("sample").await;
    let rights = world.aws().await.access_string("rf-sample").replace("sample:", "acme:");
    legacy(&world, "acme", &rights, kind).await;
    world.stop_service().await;
    let request = ImportRequest { apply: true, ..of_other_tools() };
    for fault in [Fault::before("AddTagsToResource"), Fault::after("AddTagsToResource")] {
        world.control().add_fault(fault.error("AccessDenied", 403).times(1));
        run(&world, &request).await.expect_err("it is cut off");
    }
    let done = run(&world, &request).await.unwrap();
    assert!(matches!(outcome(&done, "acme"), Outcome::Imported { .. }), "{done:?}");
    world.start_service().await;
    until_active(&world, "/tenants/acme").await;
}

#[tokio::test]
async fn what_another_installation_made_is_left_to_it() {
    let mut world = World::new(EngineKind::Valkey).await;
    world.create("acme").await;
    lose_the_store(&mut world).await;
    // The service was started once without its database.
    world.start_service().await;
    world.stop_service().await;
    let report = apply(&world, &ImportRequest::default()).await;
    assert!(refusal(&report, "acme").contains("belongs to the installation"), "{report:?}");
}

#[tokio::test]
async fn nothing_is_imported_beside_a_running_service() {
    let world = World::new(EngineKind::Valkey).await;
    for apply in [false, true] {
        let request = ImportRequest { apply, ..ImportRequest::default() };
        let refused = run(&world, &request).await.expect_err("it has one writer");
        assert!(matches!(refused, ImportError::Open(OpenError::InUse { .. })), "{refused:?}");
    }
}

#[tokio::test]
async fn a_profile_that_is_not_configured_is_refused_before_anything_is_read() {
    let world = World::new(EngineKind::Valkey).await;
    world.control().clear_calls();
    let instead = Some(ProfileName::parse("sessions").unwrap());
    let request = ImportRequest { instead, ..ImportRequest::default() };
    let config: &Config = &world.config;
    assert!(config.profiles.is_empty());
    let refused = run(&world, &request).await.expect_err("there is none");
    assert!(matches!(refused, ImportError::UnknownProfile { .. }), "{refused:?}");
}
