//! How AWS is reached for one cache, as it is written in a configuration.

use ringfence::config::CacheAccess;

use super::{ONE_CACHE, load, refusal};

const ROLE: &str = "arn:aws-us-gov:iam::111122223333:role/teams/ringfence";

#[test]
fn a_cache_is_reached_in_its_own_way_or_in_that_of_all() {
    let own = format!(
        "{ONE_CACHE}region = 'us-gov-west-1'\nassume_role = '{ROLE}'\nexternal_id = 'a:word/9'\n\
         elasticache_endpoint = 'https://elasticache.example'\n\
         secrets_manager_endpoint = 'https://secrets.example'"
    );
    let text = |text: &str| Some(text.to_owned());
    let access = CacheAccess {
        region: text("us-gov-west-1"),
        assume_role: text(ROLE),
        external_id: text("a:word/9"),
        elasticache_endpoint: text("https://elasticache.example"),
        secrets_manager_endpoint: text("https://secrets.example"),
    };
    assert_eq!(load(&own, &[]).unwrap().caches[0].access, access);
    assert_eq!(load(ONE_CACHE, &[]).unwrap().caches[0].access, CacheAccess::default());
}

#[test]
fn a_user_group_may_be_called_as_one_elsewhere() {
    let other = "[[caches]]\nname = 'other'\nuser_group = 'ringfence'\nserverless_cache = 'x'";
    let load = |aws: &str, other_has: &str| {
        load(&format!("{aws}\n{other}\n{other_has}\n{ONE_CACHE}"), &[]).map(|_| ())
    };
    load("aws.region = 'eu-central-1'", "region = 'eu-west-1'").unwrap();
    load("", &format!("assume_role = '{ROLE}'")).unwrap();
    for (aws, maybe_here) in [
        ("aws.region = 'eu-west-1'", "region = 'eu-west-1'"),
        // Nobody says that the other cache is not there too.
        ("", "region = 'eu-west-1'"),
        ("", "elasticache_endpoint = 'http://127.0.0.1:4566'"),
        ("", "secrets_manager_endpoint = 'http://127.0.0.1:4566'"),
    ] {
        let same = load(aws, maybe_here).unwrap_err().to_string();
        assert!(same.starts_with("caches[1].user_group"), "{same}");
    }
}

#[test]
fn a_way_that_cannot_be_gone_is_refused() {
    let cache = "[[caches]]\nname = 'other'\nuser_group = 'other'\nserverless_cache = 'x'";
    for (fault, told) in [
        ("region = 'Frankfurt'", "the name of an AWS region"),
        ("assume_role = 'ringfence'", "no ARN of a role, such as arn:aws:iam::111122223333:role/"),
        ("assume_role = 'arn:aws:iam::111122223333:user/ringfence'", "no ARN of a role"),
        ("assume_role = 'arn:aws:iam::1111:role/ringfence'", "no ARN of a role"),
        ("assume_role = 'arn:aws:iam::111122223333:role/'", "no ARN of a role"),
        ("external_id = 'no role'", "letters, digits and _+=,.@:/-"),
        ("external_id = 'no-role'", "has external_id and no assume_role"),
        ("elasticache_endpoint = '127.0.0.1:4566'", "no URL of an endpoint"),
        ("secrets_manager_endpoint = 'ftp://x'", "no URL of an endpoint"),
    ] {
        let refusal = refusal(&format!("{cache}\n{fault}"));
        assert!(refusal.contains("caches[0]"), "{fault}: {refusal}");
        assert!(refusal.contains(told), "{fault}: {refusal}");
    }
}
