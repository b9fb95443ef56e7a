//! The Terraform files: formatted, readable, and saying what the documentation says of them.
//!
//! Terraform itself is not needed: its formatter and its parser come from npm as WebAssembly. What needs the
//! provider (`terraform validate`) is not done here.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

const MODULE: &str = "deploy/terraform";

/// A Terraform file.
struct File {
    path: PathBuf,
    is_formatted: bool,
    content: Value,
}

fn files() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    collect(&root.join(MODULE), &mut paths);
    assert!(paths.len() > 10, "the files were not found: {paths:?}");
    let clients = root.join("target/clients");
    let mut reader = Command::new(clients.join("node"));
    reader.arg(root.join("tests/clients/node/hcl.js")).args(&paths);
    let output = reader.env("NODE_PATH", clients.join("node_modules")).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "a file cannot be read (or `make engines` was not run): {said}"
    );
    let read: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let file = |value: Value| File {
        path: Path::new(value["file"].as_str().unwrap()).strip_prefix(root).unwrap().to_owned(),
        is_formatted: value["is_formatted"] == true,
        content: value["content"].clone(),
    };
    read.into_iter().map(file).collect()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with(".terraform") {
            collect(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "tf") {
            paths.push(path);
        }
    }
}

/// All blocks of one kind in the files of a folder, by their names.
fn blocks(files: &[File], folder: &str, kind: &[&str]) -> Vec<(String, Value)> {
    let here = files.iter().filter(|file| file.path.parent() == Some(Path::new(folder)));
    let of_kind =
        here.filter_map(|file| kind.iter().try_fold(&file.content, |at, key| at.get(key)));
    let named = of_kind.filter_map(Value::as_object).flatten();
    named.map(|(name, block)| (name.clone(), block[0].clone())).collect()
}

#[test]
fn every_file_is_formatted_as_terraform_does() {
    let files = files();
    let unformatted: Vec<_> = files.iter().filter(|file| !file.is_formatted).collect();
    let paths: Vec<_> = unformatted.iter().map(|file| file.path.display()).collect();
    assert!(paths.is_empty(), "run `terraform fmt -recursive deploy`: {paths:?}");
}

#[test]
fn terraform_leaves_the_members_of_the_group_alone() {
    let groups = blocks(&files(), MODULE, &["resource", "aws_elasticache_user_group"]);
    let [(_, group)] = groups.as_slice() else { panic!("{groups:?}") };
    assert_eq!(group["lifecycle"][0]["ignore_changes"][0], "${user_ids}", "{group}");
}

#[test]
fn the_cache_is_encrypted_and_keeps_tenants_from_each_others_channels() {
    let files = files();
    let caches = blocks(&files, MODULE, &["resource", "aws_elasticache_replication_group"]);
    let cache = &caches[0].1;
    assert_eq!(cache["transit_encryption_enabled"], true);
    assert_eq!(cache["transit_encryption_mode"], "required");
    assert_eq!(cache["at_rest_encryption_enabled"], true);
    let groups = blocks(&files, MODULE, &["resource", "aws_elasticache_parameter_group"]);
    let parameters = groups[0].1["parameter"].as_array().unwrap();
    let pubsub = parameters.iter().find(|parameter| parameter["name"] == "acl-pubsub-default");
    assert_eq!(pubsub.unwrap()["value"], "resetchannels");
}

#[test]
fn nobody_logs_in_as_the_default_user_that_redis_wants() {
    let users = blocks(&files(), MODULE, &["resource", "aws_elasticache_user"]);
    let default = &users.iter().find(|(name, _)| name == "default").unwrap().1;
    assert_eq!(default["user_name"], "default");
    assert_eq!(default["access_string"], "off -@all");
    for (name, user) in &users {
        assert!(user.get("no_password_required").is_none(), "{name}");
        // A password in Terraform's state can be read by whoever reads the state.
        let by_iam = user["authentication_mode"][0]["type"] == "iam";
        assert!(by_iam || name == "default", "{name}");
    }
}

#[test]
fn every_variable_and_output_is_described() {
    let files = files();
    let folders: BTreeSet<_> = files.iter().filter_map(|file| file.path.parent()).collect();
    for folder in folders {
        for kind in ["variable", "output"] {
            for (name, block) in blocks(&files, folder.to_str().unwrap(), &[kind]) {
                assert!(block["description"].is_string(), "{}: {kind} {name}", folder.display());
            }
        }
    }
}

#[test]
fn the_example_gives_the_module_what_it_knows() {
    let files = files();
    let example = format!("{MODULE}/examples/ecs");
    let modules = blocks(&files, &example, &["module"]);
    let variables: BTreeSet<String> =
        blocks(&files, MODULE, &["variable"]).into_iter().map(|(name, _)| name).collect();
    let given = modules[0].1.as_object().unwrap().keys();
    for name in given.filter(|name| *name != "source") {
        assert!(variables.contains(name), "the module has no variable {name}");
    }
}
