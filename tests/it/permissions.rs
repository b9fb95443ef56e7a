//! The policies that the Terraform module hands out allow what is called, and nothing else.

mod asked;
mod policy;

use std::{collections::BTreeSet, fs, sync::Arc};

use reqwest::Method;
use ringfence::{
    clock::SystemEntropy,
    cloud::AwsAccess,
    config::{Config, SimulatorCache},
    import::{ImportRequest, import},
    service::Surroundings,
};
use ringfence_acl::EngineKind;
use ringfence_simulator::{CallRecord, Fault, When};
use serde_json::json;

use self::{
    asked::{Asked, elasticache, secret},
    policy::Policy,
};
use crate::world::World;

/// The policy of the service for what the tests run against.
fn policy(describe_cache: &str) -> Policy {
    let cache = elasticache("replicationgroup", "cache-main");
    let users = vec![elasticache("user", "rf-*"), elasticache("user", "legacy-*")];
    let iam_users =
        vec![cache.clone(), elasticache("user", "rf-*---iam"), elasticache("user", "legacy-*")];
    let group_and_users = [vec![elasticache("usergroup", "ringfence")], users.clone()].concat();
    let values = [
        ("partition", "aws".to_owned()),
        ("region", "us-east-1".to_owned()),
        ("account", "000000000000".to_owned()),
        ("secret_prefix", "ringfence/".to_owned()),
        ("user_arns", json!(users).to_string()),
        ("group_and_user_arns", json!(group_and_users).to_string()),
        ("connect_arns", json!(iam_users).to_string()),
        ("describe_cache", describe_cache.to_owned()),
        ("cache_arn", cache),
    ];
    Policy::render("ringfence.json.tftpl", &values)
}

fn tenant_policy(file: &str, tenant: &str) -> Policy {
    let values = [
        ("partition", "aws".to_owned()),
        ("region", "us-east-1".to_owned()),
        ("account", "000000000000".to_owned()),
        ("user_id_prefix", "rf-".to_owned()),
        ("secret_prefix", "ringfence/".to_owned()),
        ("tenant", tenant.to_owned()),
        ("cache_arn", elasticache("replicationgroup", "cache-main")),
    ];
    Policy::render(file, &values)
}

/// Every kind of call that there is: tenants, services and sessions of each way to authenticate are
/// made, changed, rotated, suspended, attested, swept and removed, with a lost answer on the way.
async fn live(world: &World) {
    let lost = Fault::after("CreateUser").dropped().times(1);
    world.control().add_fault(lost);
    let acme = json!({ "name": "acme", "users": [{ "name": "reports", "profile": "read-only" }] });
    assert_eq!(world.create_as(acme).await.status, 201);
    assert_eq!(world.create_as(json!({ "name": "globex", "auth": "iam" })).await.status, 201);
    let search = world.send(Method::POST, "/services", json!({ "name": "search" })).await;
    assert_eq!(search.status, 201, "{search:?}");
    let profile = json!({ "profile": "queue" });
    assert_eq!(world.send(Method::PATCH, "/tenants/acme", profile).await.status, 200);
    assert_eq!(world.get("/tenants/acme/credentials").await.status, 200);
    assert_eq!(world.attest("acme").await.body["finding"]["verdict"], "isolated");

    for suspended in [true, false] {
        let patch = json!({ "suspended": suspended });
        assert_eq!(world.send(Method::PATCH, "/tenants/acme", patch).await.status, 200);
    }
    let swept = world.send(Method::POST, "/drift/sweeps", json!({})).await;
    assert_eq!(swept.status, 202, "{swept:?}");

    let overlap = json!({ "retire_when": "manual" });
    let rotation = world.send(Method::POST, "/tenants/acme/rotations", overlap).await;
    let path = format!("/tenants/acme/rotations/{}", rotation.body["id"].as_str().unwrap());
    assert_eq!(world.get(&path).await.status, 200, "this asks who has read the old password");
    world.send(Method::POST, &format!("{path}/retire"), json!({})).await;
    world.until(&path, |rotation| rotation.body["phase"] == "completed").await;
    let emergency = json!({ "mode": "emergency", "reason": "a leak" });
    let cut = world.send(Method::POST, "/tenants/acme/rotations", emergency).await;
    assert_eq!(cut.body["phase"], "completed", "{cut:?}");

    assert_eq!(world.delete("acme").await.status, 204);
    let again = json!({ "name": "acme", "inherit_keys": true });
    assert_eq!(world.create_as(again).await.status, 201, "its secret is restored");
    assert_eq!(world.delete("globex").await.status, 204);
}

/// The module's own base has a member whose tags the policy does not let the service read.
const SOMEBODY_ELSES: &str = "tenants-superadmin";

/// An import asks for its tags, is refused as IAM refuses, and goes on.
async fn import_beside_somebody_elses_user(world: &mut World) {
    let user = world.elasticache().create_user().user_id(SOMEBODY_ELSES).user_name("superadmin");
    let user = user.engine("valkey").access_string("on ~* &* +@all");
    user.passwords("0123456789abcdef0123").send().await.unwrap();
    let change = world.elasticache().modify_user_group().user_group_id(SimulatorCache::USER_GROUP);
    change.user_ids_to_add(SOMEBODY_ELSES).send().await.unwrap();
    assert_eq!(world.delete("acme").await.status, 204);
    assert_eq!(world.remove("/services/search").await.status, 204);
    world.stop_service().await;

    let denied = Fault::before("ListTagsForResource").error("AccessDenied", 403);
    world.control().add_fault(denied);
    let surroundings = Surroundings {
        clock: Arc::new(world.clock.clone()),
        entropy: Arc::new(SystemEntropy::default()),
    };
    let aws = AwsAccess::Simulator { url: world.simulator.url() };
    let request = ImportRequest::default();
    let told = Box::pin(import(&world.config, &aws, &surroundings, &request)).await.unwrap();
    assert_eq!((told.n_imported(), told.n_refused()), (0, 0), "{told:?}");
    world.control().clear_faults();
}

/// Whether the test itself has made a call, or IAM has refused it.
fn is_about_somebody_else(call: &CallRecord) -> bool {
    let is_refused = call.operation == "ListTagsForResource" && call.fault == Some(When::Before);
    is_refused || call.parameters.to_string().contains(SOMEBODY_ELSES)
}

#[tokio::test]
async fn a_whole_life_is_allowed_and_every_permission_is_made_use_of() {
    let mut world = World::with_iam(EngineKind::Valkey, |_| {}).await;
    live(&world).await;
    import_beside_somebody_elses_user(&mut world).await;
    let calls = world.control().calls();
    let mut asked: BTreeSet<Asked> =
        calls.iter().filter(|call| !is_about_somebody_else(call)).flat_map(Asked::by).collect();
    // No call: what checks the token asks IAM for this.
    let cache = elasticache("replicationgroup", "cache-main");
    for user in ["rf-globex---iam", "legacy-hooli"] {
        let login = [cache.clone(), elasticache("user", user)];
        asked.insert(Asked::new("elasticache:Connect", login));
    }

    let policy = policy("DescribeReplicationGroups");
    let denied: Vec<&Asked> = asked.iter().filter(|asked| !policy.allows(asked)).collect();
    assert!(denied.is_empty(), "the policy does not allow {denied:#?}");
    let in_use: BTreeSet<String> = asked.iter().map(|asked| asked.action.clone()).collect();
    let idle: Vec<String> = policy.actions().difference(&in_use).cloned().collect();
    assert!(idle.is_empty(), "nobody makes use of {idle:?}");
}

/// The list of calls is the other witness: it also has what a life does not need.
#[test]
fn all_calls_that_there_are_can_be_allowed_and_no_others() {
    let calls = fs::read_to_string("src/cloud/calls.rs").unwrap();
    let service = |calls: &str, service: &str| -> Vec<String> {
        let (_, list) = calls.split_once(&format!("calls! {{ {service}")).unwrap();
        let (list, _) = list.split_once("\n}").unwrap();
        let begins = |line: &&str| line.starts_with("    ") && !line.starts_with("     ");
        let names = list.lines().filter(begins);
        names.map(|line| line.split_whitespace().next().unwrap().to_owned()).collect()
    };
    let mut sent: BTreeSet<String> = BTreeSet::new();
    for (sdk, prefix) in
        [("aws_sdk_elasticache", "elasticache"), ("aws_sdk_secretsmanager", "secretsmanager")]
    {
        sent.extend(service(&calls, sdk).iter().map(|name| format!("{prefix}:{name}")));
    }
    assert!(sent.len() > 15, "the list was not found: {sent:?}");
    // Tags come with what is made, and a login by IAM is no call.
    let without_call =
        ["elasticache:AddTagsToResource", "elasticache:Connect", "secretsmanager:TagResource"];
    sent.extend(without_call.map(ToOwned::to_owned));
    let of_each_kind = ["DescribeReplicationGroups", "DescribeServerlessCaches"];
    let allowed: BTreeSet<String> =
        of_each_kind.iter().flat_map(|describe| policy(describe).actions()).collect();
    assert_eq!(allowed, sent);
}

#[test]
fn the_service_reaches_nothing_that_is_not_its_own() {
    let policy = policy("DescribeReplicationGroups");
    let may = |action: &str, resource: String| policy.allows(&Asked::new(action, [resource]));
    assert!(!may("elasticache:ModifyUser", elasticache("user", "tenants-superadmin")));
    assert!(!may("elasticache:DeleteUser", elasticache("user", "default")));
    assert!(!may("elasticache:ModifyUserGroup", elasticache("usergroup", "another")));
    assert!(!may("elasticache:Connect", elasticache("user", "rf-acme")));
    assert!(!may("secretsmanager:GetSecretValue", secret("payroll")));
    let member = [elasticache("usergroup", "ringfence"), elasticache("user", "tenants-superadmin")];
    assert!(!policy.allows(&Asked::new("elasticache:ModifyUserGroup", member)));

    let mut removal = Asked::new("secretsmanager:DeleteSecret", [secret("ringfence/acme")]);
    assert!(policy.allows(&removal));
    removal.flags.insert("secretsmanager:ForceDeleteWithoutRecovery".to_owned());
    assert!(!policy.allows(&removal), "what is gone at once cannot be restored");
}

#[test]
fn an_application_reads_its_own_password_and_no_others() {
    let policy = tenant_policy("tenant-password.json.tftpl", "acme");
    let may = |action: &str, name: &str| policy.allows(&Asked::new(action, [secret(name)]));
    assert!(may("secretsmanager:GetSecretValue", "ringfence/acme"));
    assert!(may("secretsmanager:DescribeSecret", "ringfence/acme"));
    for other in ["ringfence/acme-eu", "ringfence/acme-abcdef", "ringfence/acme/reports", "acme"] {
        assert!(!may("secretsmanager:GetSecretValue", other), "{other}");
    }
    assert!(!may("secretsmanager:PutSecretValue", "ringfence/acme"));
    let of_one_user = tenant_policy("tenant-password.json.tftpl", "acme/reports");
    let read = |name| Asked::new("secretsmanager:GetSecretValue", [secret(name)]);
    assert!(of_one_user.allows(&read("ringfence/acme/reports")));
    assert!(!of_one_user.allows(&read("ringfence/acme")));
}

#[test]
fn an_application_logs_in_as_its_own_user_of_iam_and_no_other() {
    let policy = tenant_policy("tenant-iam.json.tftpl", "acme");
    let cache = elasticache("replicationgroup", "cache-main");
    let connect =
        |user| Asked::new("elasticache:Connect", [cache.clone(), elasticache("user", user)]);
    assert!(policy.allows(&connect("rf-acme---iam")));
    for other in ["rf-globex---iam", "rf-acme-eu---iam", "tenants-superadmin"] {
        assert!(!policy.allows(&connect(other)), "{other}");
    }
}

#[test]
fn roles_of_other_accounts_are_assumed_by_name_only() {
    let role = "arn:aws:iam::210987654321:role/ringfence";
    let policy =
        Policy::render("assume-role.json.tftpl", &[("role_arns", json!([role]).to_string())]);
    let assume = |arn: &str| Asked::new("sts:AssumeRole", [arn.to_owned()]);
    assert!(policy.allows(&assume(role)) && !policy.allows(&assume(&format!("{role}-admin"))));
}

/// The module's configuration names what the module makes, and is one that the service accepts.
#[test]
fn the_configuration_of_the_module_is_accepted() {
    let mut text = fs::read_to_string("deploy/terraform/templates/ringfence.toml.tftpl").unwrap();
    for (name, value) in [
        ("listen", "0.0.0.0:8080"),
        ("auth_mode", "bearer"),
        ("database", "/var/lib/ringfence/ringfence.db"),
        ("user_id_prefix", "rf-"),
        ("secret_prefix", "ringfence/"),
        ("region", "eu-central-1"),
        ("cache", "tenants"),
        ("replication_group", "tenants"),
        ("user_group", "tenants"),
        ("engine", "valkey"),
        ("engine_version", "8.1"),
        ("user_quota", "100"),
    ] {
        text = text.replace(&format!("${{{name}}}"), value);
    }
    assert!(!text.contains("${"), "{text}");
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ringfence.toml");
    fs::write(&path, text).unwrap();
    let config = Config::load(Some(&path), []).unwrap();
    assert_eq!(config.caches[0].user_quota.get(), 100);
    let defaults = Config::default();
    assert_eq!(config.user_id_prefix, defaults.user_id_prefix, "the module's defaults are ours");
    assert_eq!(config.secret_prefix, defaults.secret_prefix);
}
