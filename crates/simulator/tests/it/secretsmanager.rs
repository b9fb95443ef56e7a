//! Secrets Manager through the AWS SDK for Rust: every operation, as the SDK's types see it.

use aws_sdk_secretsmanager::operation::list_secrets::ListSecretsOutput;
use aws_sdk_secretsmanager::primitives::{Blob, DateTime};
use aws_sdk_secretsmanager::types::{
    Filter, FilterNameStringType, RotationRulesType, SortOrderType, Tag,
};

use crate::secretsmanager_client::{SecretsBench, token};

fn tag(key: &str, value: &str) -> Tag {
    Tag::builder().key(key).value(value).build()
}

#[tokio::test]
async fn a_secret_is_made_and_read() {
    let bench = SecretsBench::new().await;
    let created = bench.create("tenants/acme", "first").await;
    let arn = created.arn().unwrap();
    assert!(arn.starts_with("arn:aws:secretsmanager:eu-central-1:"), "{arn}");
    assert_eq!(created.version_id(), Some(token(1).as_str()));

    for id in ["tenants/acme", arn, &arn[..arn.len() - 7]] {
        let read = bench.client.get_secret_value().secret_id(id).send().await.unwrap();
        assert_eq!(read.secret_string(), Some("first"));
        assert_eq!(read.version_stages(), ["AWSCURRENT"]);
        assert_eq!(read.arn(), Some(arn));
        let age = bench.now().as_second() - read.created_date().unwrap().secs();
        assert!((0..60).contains(&age), "{age}");
    }
}

#[tokio::test]
async fn bytes_come_back_as_they_went() {
    let bench = SecretsBench::new().await;
    let bytes: Vec<u8> = (0..=255).collect();
    let create = bench.client.create_secret().name("blob");
    create.secret_binary(Blob::new(bytes.clone())).send().await.unwrap();
    let read = bench.client.get_secret_value().secret_id("blob").send().await.unwrap();
    assert_eq!(read.secret_binary().unwrap().as_ref(), bytes);
    assert_eq!(read.secret_string(), None);
}

#[tokio::test]
async fn the_sdk_fills_in_a_token() {
    let bench = SecretsBench::new().await;
    let create = bench.client.create_secret().name("orders").secret_string("first");
    let created = create.send().await.unwrap();
    assert_eq!(created.version_id().unwrap().len(), 36);
    let put = bench.client.put_secret_value().secret_id("orders").secret_string("second");
    let put = put.send().await.unwrap();
    assert_ne!(put.version_id(), created.version_id());
}

/// The way in which a password is changed: pending, then current, the old one previous.
#[tokio::test]
async fn a_rotation_goes_through_its_stages() {
    let bench = SecretsBench::new().await;
    bench.create("orders", "first").await;
    let put = bench.put("orders", 2, "second").version_stages("AWSPENDING");
    assert_eq!(put.send().await.unwrap().version_stages(), ["AWSPENDING"]);
    assert_eq!(bench.read("orders").await, "first");

    bench
        .client
        .update_secret_version_stage()
        .secret_id("orders")
        .version_stage("AWSCURRENT")
        .move_to_version_id(token(2))
        .remove_from_version_id(token(1))
        .send()
        .await
        .unwrap();
    assert_eq!(bench.read("orders").await, "second");
    let get = bench.client.get_secret_value().secret_id("orders");
    let previous = get.version_stage("AWSPREVIOUS").send().await.unwrap();
    assert_eq!(previous.secret_string(), Some("first"));

    let described = bench.client.describe_secret().secret_id("orders").send().await.unwrap();
    let stages = described.version_ids_to_stages().unwrap();
    assert_eq!(stages[&token(1)], ["AWSPREVIOUS"]);
    assert_eq!(stages[&token(2)], ["AWSCURRENT", "AWSPENDING"]);
}

/// A rotation by AWS, with the test in the place of the Lambda function.
#[tokio::test]
async fn aws_rotation_is_switched_on_played_and_switched_off() {
    let bench = SecretsBench::new().await;
    bench.create("orders", "first").await;
    let lambda = "arn:aws:lambda:eu-central-1:123456789012:function:rotate";
    let rules = RotationRulesType::builder().automatically_after_days(30).build();
    let rotate = bench.client.rotate_secret().secret_id("orders").client_request_token(token(2));
    let rotate = rotate.rotation_lambda_arn(lambda).rotation_rules(rules.clone());
    assert_eq!(rotate.clone().send().await.unwrap().version_id(), Some(token(2).as_str()));
    let again = rotate.send().await.unwrap_err();
    assert!(again.as_service_error().unwrap().is_invalid_request_exception());

    bench.put("orders", 2, "second").version_stages("AWSPENDING").send().await.unwrap();
    let finish = bench.client.update_secret_version_stage().secret_id("orders");
    let finish = finish.version_stage("AWSCURRENT").move_to_version_id(token(2));
    finish.remove_from_version_id(token(1)).send().await.unwrap();
    assert_eq!(bench.read("orders").await, "second");
    let describe = || bench.client.describe_secret().secret_id("orders").send();
    let described = describe().await.unwrap();
    assert_eq!(described.rotation_enabled(), Some(true));
    assert_eq!(described.rotation_lambda_arn(), Some(lambda));
    assert_eq!(described.rotation_rules(), Some(&rules));
    assert_eq!(described.last_rotated_date(), described.last_changed_date());
    let next = described.next_rotation_date().unwrap().secs();
    assert_eq!((next + 1) % 86_400, 0, "the last second of a day");

    bench.client.cancel_rotate_secret().secret_id("orders").send().await.unwrap();
    let described = describe().await.unwrap();
    assert_eq!(described.rotation_enabled(), Some(false));
    assert_eq!(described.next_rotation_date(), None);
}

#[tokio::test]
async fn a_put_is_current_at_once_and_can_be_repeated() {
    let bench = SecretsBench::new().await;
    bench.create("orders", "first").await;
    for _ in 0..2 {
        let put = bench.put("orders", 2, "second").send().await.unwrap();
        assert_eq!(put.version_id(), Some(token(2).as_str()));
        assert_eq!(put.version_stages(), ["AWSCURRENT"]);
    }
    let list = bench.client.list_secret_version_ids().secret_id("orders");
    assert_eq!(list.include_deprecated(true).send().await.unwrap().versions().len(), 2);
}

#[tokio::test]
async fn versions_are_listed_in_pages() {
    let bench = SecretsBench::new().await;
    bench.create("orders", "first").await;
    for number in 2..=5 {
        bench.put("orders", number, "later").send().await.unwrap();
    }
    let list = bench.client.list_secret_version_ids().secret_id("orders");
    let labelled = list.clone().send().await.unwrap();
    assert_eq!(labelled.versions().len(), 2, "current and previous");
    assert_eq!(labelled.versions()[0].kms_key_ids(), ["DefaultEncryptionKey"]);

    let pages = list.include_deprecated(true).into_paginator().page_size(2).send();
    let pages = pages.collect::<Result<Vec<_>, _>>().await.unwrap();
    let sizes: Vec<usize> = pages.iter().map(|page| page.versions().len()).collect();
    assert_eq!(sizes, [2, 2, 1]);
}

#[tokio::test]
async fn metadata_is_described_and_updated() {
    let bench = SecretsBench::new().await;
    let create = bench.client.create_secret().name("orders").description("a cache");
    create.tags(tag("team", "shop")).send().await.unwrap();
    let describe = || bench.client.describe_secret().secret_id("orders").send();
    let described = describe().await.unwrap();
    assert_eq!(described.description(), Some("a cache"));
    assert_eq!(described.tags(), [tag("team", "shop")]);
    assert_eq!(described.version_ids_to_stages(), None, "there is no value yet");
    assert_eq!(described.last_accessed_date(), None);
    assert_eq!(described.deleted_date(), None);

    let update = bench.client.update_secret().secret_id("orders").description("the cache");
    let updated = update.secret_string("first").send().await.unwrap();
    assert!(updated.version_id().is_some());
    assert_eq!(bench.read("orders").await, "first");
    let described = describe().await.unwrap();
    assert_eq!(described.description(), Some("the cache"));
    let accessed = described.last_accessed_date().unwrap();
    assert_eq!(accessed.secs() % 86_400, 0, "the day, without the time");
    assert_eq!(accessed.subsec_nanos(), 0);
}

#[tokio::test]
async fn tags_are_put_on_and_taken_off() {
    let bench = SecretsBench::new().await;
    bench.create("orders", "first").await;
    let tag_resource = bench.client.tag_resource().secret_id("orders");
    tag_resource.tags(tag("team", "shop")).tags(tag("tier", "gold")).send().await.unwrap();
    bench.client.untag_resource().secret_id("orders").tag_keys("team").send().await.unwrap();
    let described = bench.client.describe_secret().secret_id("orders").send().await.unwrap();
    assert_eq!(described.tags(), [tag("tier", "gold")]);
}

#[tokio::test]
async fn secrets_are_listed_filtered_and_in_pages() {
    let bench = SecretsBench::new().await;
    for name in ["shop/a", "shop/b", "shop/c", "audit"] {
        bench.create(name, "value").await;
    }
    let filter = Filter::builder().key(FilterNameStringType::Name).values("shop/").build();
    let list = bench.client.list_secrets().filters(filter).sort_order(SortOrderType::Desc);
    let pages = list.into_paginator().page_size(2).send();
    let pages = pages.collect::<Result<Vec<_>, _>>().await.unwrap();
    let secrets: Vec<_> = pages.iter().flat_map(ListSecretsOutput::secret_list).collect();
    let names: Vec<_> = secrets.iter().filter_map(|secret| secret.name()).collect();
    assert_eq!(names, ["shop/c", "shop/b", "shop/a"]);
    assert_eq!(secrets[0].secret_versions_to_stages().unwrap()[&token(1)], ["AWSCURRENT"]);
}

#[tokio::test]
async fn a_deleted_secret_can_be_restored_until_its_window_ends() {
    let bench = SecretsBench::new().await;
    let created = bench.create("orders", "first").await;
    let delete = bench.client.delete_secret().secret_id("orders").recovery_window_in_days(7);
    let deleted = delete.send().await.unwrap();
    let days = (deleted.deletion_date().unwrap().secs() - bench.now().as_second()) / 86_400;
    assert!((6..=7).contains(&days), "{days}");
    assert_eq!(bench.client.list_secrets().send().await.unwrap().secret_list(), []);
    let list = bench.client.list_secrets().include_planned_deletion(true);
    let listed = list.send().await.unwrap();
    assert_eq!(listed.secret_list()[0].deleted_date(), deleted.deletion_date());

    bench.advance_days(6).await;
    let restored = bench.client.restore_secret().secret_id("orders").send().await.unwrap();
    assert_eq!(restored.arn(), created.arn());
    assert_eq!(bench.read("orders").await, "first");

    bench.client.delete_secret().secret_id("orders").send().await.unwrap();
    bench.advance_days(30).await;
    let gone = bench.client.describe_secret().secret_id("orders").send().await.unwrap_err();
    assert!(gone.as_service_error().unwrap().is_resource_not_found_exception());
    let again = bench.create("orders", "second").await;
    assert_ne!(again.arn(), created.arn());
}

#[tokio::test]
async fn a_forced_deletion_frees_the_name() {
    let bench = SecretsBench::new().await;
    bench.create("orders", "first").await;
    for _ in 0..2 {
        let delete = bench.client.delete_secret().secret_id("orders");
        let deleted = delete.force_delete_without_recovery(true).send().await.unwrap();
        assert!(deleted.deletion_date() <= Some(&DateTime::from_secs(bench.now().as_second() + 1)));
    }
    bench.create("orders", "second").await;
    assert_eq!(bench.read("orders").await, "second");
}

#[tokio::test]
async fn passwords_obey_the_exclusions() {
    let bench = SecretsBench::new().await;
    let password = bench.client.get_random_password().password_length(64);
    let password = password.exclude_characters("/@\"'\\,").exclude_numbers(true).send().await;
    let password = password.unwrap().random_password().unwrap().to_owned();
    assert_eq!(password.len(), 64);
    assert!(!password.contains(|c: char| c.is_ascii_digit() || "/@\"'\\,".contains(c)));
}

#[tokio::test]
async fn what_was_kept_is_there_after_a_restart() {
    let bench = SecretsBench::new().await;
    bench.create("orders", "first").await;
    bench.put("orders", 2, "second").send().await.unwrap();
    let bench = bench.restart().await;
    assert_eq!(bench.read("orders").await, "second");
    let dump = bench.bench.control.dump().await.to_string();
    assert!(!dump.contains("second"), "the dump shows a value");
}
