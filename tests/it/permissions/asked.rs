//! What a call needs to be allowed.
//!
//! Actions and the resources that they are about:
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticache.html> and
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html>.

use std::collections::BTreeSet;

use ringfence_simulator::{CallRecord, Service};
use serde_json::Value;

/// An action on some things.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Asked {
    pub(super) action: String,
    pub(super) resources: Vec<String>,
    /// What the request says about itself that policies can ask for.
    pub(super) flags: BTreeSet<String>,
}

impl Asked {
    pub(super) fn new(action: &str, resources: impl IntoIterator<Item = String>) -> Self {
        let resources = resources.into_iter().collect();
        Self { action: action.to_owned(), resources, flags: BTreeSet::new() }
    }

    /// What a call needs: the action of its name, and another if it brings tags.
    pub(super) fn by(call: &CallRecord) -> Vec<Self> {
        match call.service {
            Service::ElastiCache => by_elasticache(call),
            Service::SecretsManager => by_secrets_manager(call),
            Service::Sts => panic!("nobody assumes a role here: {call:?}"),
        }
    }
}

/// A thing in ElastiCache; ids are in lower case there.
pub(super) fn elasticache(kind: &str, id: &str) -> String {
    format!("arn:aws:elasticache:us-east-1:000000000000:{kind}:{id}")
}

/// A secret. Secrets Manager adds a hyphen and six characters to its name.
pub(super) fn secret(name: &str) -> String {
    format!("arn:aws:secretsmanager:us-east-1:000000000000:secret:{name}-a1B2c3")
}

fn by_elasticache(call: &CallRecord) -> Vec<Asked> {
    let fields = call.parameters.as_object().unwrap();
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    let all = |prefix: &'static str| {
        let listed = fields.iter().filter(move |(name, _)| name.starts_with(prefix));
        listed.filter_map(|(_, value)| value.as_str())
    };
    let one = |kind: &str, name: &str| elasticache(kind, text(name).unwrap_or("*"));
    let resources = match call.operation.as_str() {
        "DescribeUsers" | "CreateUser" | "ModifyUser" | "DeleteUser" => vec![one("user", "UserId")],
        "DescribeUserGroups" => vec![one("usergroup", "UserGroupId")],
        "ModifyUserGroup" => {
            let users = all("UserIdsToAdd.").chain(all("UserIdsToRemove."));
            let users = users.map(|id| elasticache("user", id));
            users.chain([one("usergroup", "UserGroupId")]).collect()
        }
        "AddTagsToResource" | "ListTagsForResource" => {
            vec![text("ResourceName").unwrap().to_owned()]
        }
        "DescribeReplicationGroups" => vec![one("replicationgroup", "ReplicationGroupId")],
        other => panic!("say here what {other} is about"),
    };
    let mut needed =
        vec![Asked::new(&format!("elasticache:{}", call.operation), resources.clone())];
    if all("Tags.").next().is_some() && call.operation != "AddTagsToResource" {
        needed.push(Asked::new("elasticache:AddTagsToResource", resources));
    }
    needed
}

fn by_secrets_manager(call: &CallRecord) -> Vec<Asked> {
    let parameters = &call.parameters;
    if call.operation == "ListSecrets" {
        // It is about no secret in particular.
        return vec![Asked::new("secretsmanager:ListSecrets", ["*".to_owned()])];
    }
    let name = parameters["SecretId"].as_str().or(parameters["Name"].as_str()).unwrap();
    let mut asked = Asked::new(&format!("secretsmanager:{}", call.operation), [secret(name)]);
    if parameters["ForceDeleteWithoutRecovery"] == true {
        asked.flags.insert("secretsmanager:ForceDeleteWithoutRecovery".to_owned());
    }
    let tags = parameters["Tags"].is_array() && call.operation != "TagResource";
    let tagging = tags.then(|| Asked::new("secretsmanager:TagResource", [secret(name)]));
    std::iter::once(asked).chain(tagging).collect()
}
