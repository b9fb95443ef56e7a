//! What has to hold in the end, read from AWS's and the engines' state.

use std::collections::{BTreeMap, BTreeSet};

use ringfence::config::SimulatorCache;
use serde_json::json;

use super::{
    Soak,
    deed::{PROFILES, RESTLESS},
    wanted::User,
};
use crate::world::{AwsState, TenantLogin, code, consumer::read_secret};

/// Members that nobody touches.
const FOREIGN: [&str; 3] = ["foreign-a", "foreign-b", "foreign-c"];
/// What a tenant's name is replaced by, to compare rights.
const ANYBODY: &str = "anybody";

impl Soak {
    /// Puts users of others into the group, and answers what AWS holds then.
    pub(super) async fn begin(&self) -> AwsState {
        let elasticache = self.world.elasticache();
        for id in FOREIGN.into_iter().chain([RESTLESS]) {
            let user = elasticache.create_user().user_id(id).user_name(id).engine("valkey");
            let user = user.access_string("on ~x:* resetchannels -@all +get");
            user.passwords("0123456789abcdef0123").send().await.unwrap();
        }
        let change = elasticache.modify_user_group().user_group_id(SimulatorCache::USER_GROUP);
        let ids = FOREIGN.map(str::to_owned).to_vec();
        change.set_user_ids_to_add(Some(ids)).send().await.unwrap();
        self.world.control().change_settings(|settings| {
            settings.quotas.users_per_group = super::QUOTA as usize;
            settings.quotas.users = 2 * super::QUOTA as usize;
        });
        self.world.aws().await
    }

    /// Who is kept out is in no group and unknown to the engines; all others are as they are to be.
    pub(super) async fn assert_kept_out(&self) {
        let aws = self.world.aws().await;
        let wanted = self.wanted.users();
        let (out, let_in): (Vec<User>, Vec<User>) =
            wanted.into_iter().partition(|user| user.suspended);
        let ids: BTreeSet<&str> = let_in.iter().map(|user| user.id.as_str()).collect();
        assert_eq!(ours(&aws.member_ids()), ids, "each that is not suspended is in the group");
        for user in out {
            let tenant = self.world.get(&format!("/tenants/{}", user.tenant)).await;
            assert_eq!(tenant.body["status"], "suspended", "{tenant:?}");
        }
        self.assert_engines_know(&let_in).await;
    }

    /// Checks everything that is promised, of `before` that it is untouched.
    pub(super) async fn assert_invariants(&self, before: &AwsState) {
        let aws = self.world.aws().await;
        let wanted = self.wanted.users();
        let ids: BTreeSet<&str> = wanted.iter().map(|user| user.id.as_str()).collect();
        assert_eq!(ours(&aws.user_ids()), ids, "no user is missing or left over");
        assert_eq!(ours(&aws.member_ids()), ids, "each is in the group");
        let secrets: BTreeSet<&str> = wanted.iter().map(|user| user.secret.as_str()).collect();
        assert_eq!(aws.living_secrets(), secrets, "no secret is missing or left over");
        for id in FOREIGN {
            assert!(aws.member_ids().contains(id), "{id}");
            assert_eq!(aws.access_string(id), before.access_string(id));
            assert_eq!(aws.password_count(id), 1);
        }
        for name in self.wanted.names() {
            let tenant = self.world.get(&format!("/tenants/{name}")).await;
            assert_eq!(tenant.body["status"], "active", "{tenant:?}");
        }
        for user in &wanted {
            assert_eq!(aws.password_count(&user.id), 1, "{}", user.id);
            assert!(aws.is_settled(&user.id), "{}", user.id);
            self.assert_fenced(user).await;
        }
        self.assert_engines_know(&wanted).await;
        self.assert_rights(&aws, &wanted).await;
    }

    /// What `AWSCURRENT` holds logs in, and leads nowhere else.
    async fn assert_fenced(&self, user: &User) {
        let secrets = self.world.secrets_manager();
        let url = read_secret(&secrets, &user.secret, "AWSCURRENT").await.unwrap();
        let mut login = TenantLogin::with_url(&url).await.unwrap();
        let refused = login.run(&["GET", "other:x"]).await.unwrap_err();
        assert_eq!(code(&refused), "NOPERM", "{}", user.name);
    }

    /// Each node knows each user with one password, and nobody else with a tenant's name.
    async fn assert_engines_know(&self, wanted: &[User]) {
        let names: BTreeSet<&str> = wanted.iter().map(|user| user.name.as_str()).collect();
        for node in self.world.nodes().await {
            let users = self.world.control().engine_users(node.address).await.unwrap();
            let mut found = BTreeSet::new();
            for user in &users {
                let words: Vec<&str> = user.split(' ').collect();
                // The tenants of a run begin with a letter that nobody else's name begins with.
                if words[1].starts_with('q') {
                    found.insert(words[1]);
                    assert_eq!(words.iter().filter(|word| word.starts_with('#')).count(), 1);
                    assert_eq!(words[2], "on", "{user}");
                }
            }
            assert_eq!(found, names, "{}", node.address);
        }
    }

    /// Each user may do what a tenant may that nothing has ever happened to.
    async fn assert_rights(&self, aws: &AwsState, wanted: &[User]) {
        let mut rights = BTreeMap::new();
        for profile in PROFILES {
            let name = format!("pristine-{profile}");
            let body = json!({ "name": name, "profile": profile });
            let created = self.world.create_as(body).await;
            assert_eq!(created.body["status"], "active", "{created:?}");
            let aws = self.world.aws().await;
            let access = aws.access_string(&format!("rf-{name}")).replace(&name, ANYBODY);
            rights.insert(profile, access);
        }
        for user in wanted {
            let found = aws.access_string(&user.id).replace(&user.tenant, ANYBODY);
            assert_eq!(found, rights[user.profile], "{}", user.id);
        }
    }
}

fn ours<'a>(ids: &BTreeSet<&'a str>) -> BTreeSet<&'a str> {
    ids.iter().copied().filter(|id| id.starts_with("rf-")).collect()
}
