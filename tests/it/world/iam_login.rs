//! Logging in to the engine as a tenant that authenticates by IAM.

use redis::RedisResult;
use ringfence::{
    clock::{Clock as _, SystemClock},
    cloud::{AwsAccess, CallMetrics, Cloud, CloudSettings},
    domain::{CacheTarget, UserId},
};
use ringfence_simulator::AccessKey;

use super::{TenantLogin, World};

/// What the service signs with in front of a simulator.
pub(super) fn key() -> AccessKey {
    let key = AwsAccess::SIMULATOR_KEY;
    AccessKey { id: key.to_owned(), secret: key.to_owned() }
}

impl World {
    /// Logs in with a token that is made from what the service hands out.
    pub(crate) async fn login_by_iam(&self, name: &str) -> RedisResult<TenantLogin> {
        let answer = self.get(&format!("/tenants/{name}/credentials?auth=iam")).await;
        let said = |member: &str| answer.body["iam"][member].as_str().unwrap().to_owned();
        let aws = AwsAccess::Simulator { url: self.simulator.url() };
        let settings = CloudSettings { region: Some(said("region")), ..CloudSettings::default() };
        let cloud = Cloud::connect(&aws, &settings, &CallMetrics::default()).await.unwrap();
        let cache = CacheTarget::ReplicationGroup(said("cache_name"));
        let user = UserId::new(&said("user_id"));
        let token = cloud.connect_token(&cache, &user, SystemClock.now()).await.unwrap();
        TenantLogin::with_password(self.engine_address(), user.as_str(), token.expose()).await
    }
}
