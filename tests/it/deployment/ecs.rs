//! The requests for ECS: what AWS's own description of its API says of them, and what we say of them.

use std::{fs, process::Command};

use ringfence::config::Config;
use serde_json::{Value, json};

use super::{accepted, at, container::Image, seconds, variables_of};

const TASK: &str = "deploy/ecs/task-definition.json";
const SERVICE: &str = "deploy/ecs/service.json";

fn read(file: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

fn container() -> Value {
    at(&read(TASK), "/containerDefinitions/0").clone()
}

pub(super) fn configuration() -> Config {
    accepted(None, &variables_of(&container(), "environment"))
}

#[test]
fn the_requests_are_what_aws_describes() {
    let checked = Command::new("target/venv/bin/python")
        .arg("tests/clients/python/aws_requests.py")
        .args(["ecs", "RegisterTaskDefinition", TASK, "ecs", "CreateService", SERVICE])
        .output()
        .unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}

#[test]
fn the_task_may_do_no_more_than_it_has_to() {
    let container = container();
    let image = Image::read();
    assert_eq!(container["user"], image.only("USER"));
    for (pointer, expected) in [
        ("/readonlyRootFilesystem", json!(true)),
        ("/privileged", json!(false)),
        ("/linuxParameters/capabilities/drop", json!(["ALL"])),
        ("/dockerSecurityOptions", json!(["no-new-privileges"])),
        ("/mountPoints/0/containerPath", json!(image.volume())),
    ] {
        assert_eq!(*at(&container, pointer), expected, "{pointer}");
    }
    assert_eq!(container["mountPoints"].as_array().unwrap().len(), 1);
}

#[test]
fn a_deployment_ends_the_old_task_before_it_begins_the_new_one() {
    let service = read(SERVICE);
    assert_eq!(service["desiredCount"], 1);
    assert_eq!(*at(&service, "/deploymentConfiguration/minimumHealthyPercent"), 0);
    assert_eq!(*at(&service, "/deploymentConfiguration/maximumPercent"), 100);
    assert_eq!(service["taskDefinition"], read(TASK)["family"]);
}

#[test]
fn the_variables_are_settings_and_fit_the_rest_of_the_task() {
    let container = container();
    let config = configuration();
    assert_eq!(*at(&container, "/portMappings/0/containerPort"), config.listen.port());
    assert!(seconds(&container["stopTimeout"]) > config.shutdown_grace);
    let check = [vec!["CMD".to_owned()], Image::read().command("HEALTHCHECK")].concat();
    assert_eq!(*at(&container, "/healthCheck/command"), json!(check));
}
