//! Accounts and Regions, and the way from one account into another.

use aws_sdk_elasticache::operation::create_user::builders::CreateUserFluentBuilder;
use ringfence_simulator::Role;

use crate::bench::{ACCESS, ACCOUNT, Bench, PASSWORD, REGION, assert_refused, elasticache_at};
use crate::boto3::run;

#[tokio::test]
async fn each_place_has_its_own_users_and_quotas() {
    let bench = Bench::new().await;
    bench.control.change_settings(|settings| settings.quotas.users = 1);
    let url = bench.simulator.url();
    for (region, account) in
        [(REGION, ACCOUNT), ("eu-central-1", ACCOUNT), (REGION, "210987654321")]
    {
        let client = elasticache_at(&url, region, account);
        let user = |id: &str| -> CreateUserFluentBuilder {
            let user = client.create_user().user_id(id).user_name(id).engine("valkey");
            user.access_string(ACCESS).passwords(PASSWORD)
        };
        let arn = format!("arn:aws:elasticache:{region}:{account}:user:acme");
        assert_eq!(user("acme").send().await.unwrap().arn(), Some(arn.as_str()));
        let refused = user("globex").send().await.unwrap_err();
        assert_refused(&refused, "UserQuotaExceeded", 400);
    }
}

#[tokio::test]
async fn a_role_leads_into_its_account() {
    let bench = Bench::new().await;
    let roles = [("open", None), ("closed", Some("a-word".to_owned()))];
    bench.control.change_settings(|settings| {
        settings.roles.extend(roles.map(|(name, external_id)| {
            (format!("arn:aws:iam::210987654321:role/teams/{name}"), Role { external_id })
        }));
    });
    run(&bench, "sts_test.py").await;
}
