//! What a consumer does, mostly one of the tenant `acme`: it reads the secret and logs in.

use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;
use serde_json::Value;

use super::{TenantLogin, World};

const SECRET: &str = "ringfence/acme";

/// What a version of the tenant's secret says, read as a consumer does; nothing if no version
/// carries the label.
pub(crate) async fn read(secrets: &aws_sdk_secretsmanager::Client, label: &str) -> Option<String> {
    read_secret(secrets, SECRET, label).await
}

/// The same of any secret of a tenant's user.
pub(crate) async fn read_secret(
    secrets: &aws_sdk_secretsmanager::Client,
    name: &str,
    label: &str,
) -> Option<String> {
    loop {
        let call = secrets.get_secret_value().secret_id(name).version_stage(label);
        match call.send().await {
            Ok(answer) => return Some(url_in(answer.secret_string().unwrap())),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(GetSecretValueError::is_resource_not_found_exception) =>
            {
                return None;
            }
            // The weather strikes consumers as well, and they ask again.
            Err(_) => {}
        }
    }
}

fn url_in(secret: &str) -> String {
    let value: Value = serde_json::from_str(secret).unwrap();
    let member = |name: &str| value[name].as_str().unwrap().to_owned();
    let (host, port) = (member("host"), value["port"].as_u64().unwrap());
    format!("redis://{}:{}@{host}:{port}", member("username"), member("password"))
}

pub(crate) async fn works(url: &str) -> bool {
    TenantLogin::with_url(url).await.is_ok()
}

/// Invariant: some password that `AWSCURRENT` or `AWSPREVIOUS` holds can log in.
pub(crate) async fn assert_nobody_is_locked_out(world: &World, at: &str) {
    assert!(
        somebody_gets_in(world, at).await,
        "{at}: neither AWSCURRENT nor AWSPREVIOUS can log in"
    );
}

/// The same for a user that is taken out of the group for a moment: the invariant is of members.
pub(crate) async fn assert_no_member_is_locked_out(world: &World, user: &str, at: &str) {
    let standing = async || {
        let calls = world.control().calls();
        let changes = calls.iter().filter(|call| call.operation == "ModifyUserGroup").count();
        (changes, world.aws().await.member_ids().contains(user))
    };
    let before = standing().await;
    let gets_in = somebody_gets_in(world, at).await;
    let stayed = before.1 && standing().await == before;
    assert!(gets_in || !stayed, "{at}: neither AWSCURRENT nor AWSPREVIOUS can log in");
}

async fn somebody_gets_in(world: &World, at: &str) -> bool {
    let secrets = world.secrets_manager();
    let current = read(&secrets, "AWSCURRENT").await.expect(at);
    if works(&current).await {
        return true;
    }
    let previous = read(&secrets, "AWSPREVIOUS").await.unwrap_or_else(|| panic!("{at}"));
    works(&previous).await
}
