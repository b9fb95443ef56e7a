//! How the example in Terraform gives the container its configuration: as variables, because the image has no
//! shell that could write a file.

use std::{collections::BTreeMap, fs};

use ringfence::config::Config;
use serde_json::json;

use super::container::Image;

#[test]
fn the_variables_of_the_module_are_settings_and_say_what_its_file_says() {
    let outputs = fs::read_to_string("deploy/terraform/outputs.tf").unwrap();
    let values = BTreeMap::from([
        ("local.configuration.listen", "0.0.0.0:8080"),
        ("local.configuration.auth_mode", "bearer"),
        ("local.configuration.database", "/var/lib/ringfence/ringfence.db"),
        ("local.configuration.user_id_prefix", "rf-"),
        ("local.configuration.secret_prefix", "ringfence/"),
        ("local.configuration.region", "eu-central-1"),
        ("local.configuration.cache", "tenants"),
        ("local.configuration.replication_group", "tenants"),
        ("local.configuration.user_group", "tenants"),
        ("local.configuration.engine", "valkey"),
        ("local.configuration.engine_version", "8.1"),
        ("local.configuration.user_quota", "100"),
    ]);
    let pairs = outputs.lines().filter_map(|line| line.trim().split_once(" = "));
    let given: BTreeMap<String, String> = pairs
        .map(|(name, value)| (name.trim(), value))
        .filter(|(name, _)| name.starts_with("RINGFENCE_"))
        .map(|(name, value)| (name.to_owned(), values[value].to_owned()))
        .collect();
    assert_eq!(given.len(), values.len(), "{given:?}");
    let config = Config::load(None, given.clone()).unwrap();
    assert_eq!(config.caches[0].name.as_str(), "tenants");
    let file = fs::read_to_string("deploy/terraform/templates/ringfence.toml.tftpl").unwrap();
    assert_eq!(file.matches("${").count(), given.len(), "both say the same");
}

#[test]
fn the_example_asks_about_health_as_the_image_does() {
    let example = fs::read_to_string("deploy/terraform/examples/ecs/main.tf").unwrap();
    let check = [vec!["CMD".to_owned()], Image::read().command("HEALTHCHECK")].concat();
    let check = json!(check).to_string().replace(',', ", ");
    assert!(example.contains(&format!("healthCheck = {{ command = {check},")), "{check}");
}

/// What a variable is if nobody says otherwise.
fn default_of(variable: &str) -> String {
    let text = fs::read_to_string("deploy/terraform/variables.tf").unwrap();
    let block = text.split("\nvariable ").find(|it| it.starts_with(&format!("{variable:?}")));
    let line = block.unwrap().lines().find_map(|line| line.trim().strip_prefix("default "));
    line.unwrap().trim_start_matches([' ', '=']).trim_matches('"').to_owned()
}

#[test]
fn by_its_defaults_a_container_is_reached_and_asks_who_calls() {
    let (listen, mode) = (default_of("listen"), default_of("auth_mode"));
    let given = [
        ("RINGFENCE_LISTEN", listen.as_str()),
        ("RINGFENCE_AUTH__MODE", &mode),
        ("RINGFENCE_CACHES__0__NAME", "tenants"),
        ("RINGFENCE_CACHES__0__USER_GROUP", "tenants"),
        ("RINGFENCE_CACHES__0__REPLICATION_GROUP", "tenants"),
    ];
    let config =
        Config::load(None, given.map(|(name, value)| (name.into(), value.into()))).unwrap();
    assert!(!config.listen.ip().is_loopback(), "{listen}");
}
