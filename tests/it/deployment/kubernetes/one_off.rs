//! The pod that runs one command on the database.

use std::{
    collections::BTreeSet,
    fs,
    io::Write as _,
    process::{Command, Stdio},
};

use clap::Parser as _;
use ringfence::cli::Cli;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{at, manifest, pod, read};

/// What jq makes of the set.
fn one_off(command: &str) -> Value {
    let mut jq = Command::new("jq");
    jq.args(["--arg", "command", command, "--from-file", "deploy/kubernetes/one-off.jq"]);
    let mut jq = jq
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("there is no jq: `make engines` installs it");
    let set = manifest("StatefulSet").to_string();
    jq.stdin.take().unwrap().write_all(set.as_bytes()).unwrap();
    let output = jq.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_command_runs_on_the_database_of_the_service_with_no_more_rights_than_it() {
    let made = one_off("restore --force /var/lib/ringfence/copy.db");
    let directory = TempDir::new().unwrap();
    // JSON is YAML.
    fs::write(directory.path().join("pod.yaml"), made.to_string()).unwrap();
    let (_, faults) = read(directory.path());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let (made, of_service) = (at(&made, "/spec"), pod());
    assert_eq!(made["restartPolicy"], "Never");
    for same in ["/securityContext", "/containers/0/securityContext", "/containers/0/image"] {
        assert_eq!(at(made, same), at(&of_service, same), "{same}");
    }
    let container = at(made, "/containers/0");
    assert!(container.as_object().unwrap().keys().all(|key| !key.ends_with("Probe")));
    let arguments: Vec<String> = serde_json::from_value(container["args"].clone()).unwrap();
    Cli::try_parse_from([vec!["ringfence".to_owned()], arguments].concat()).unwrap();
    let names = |list: &Value| -> BTreeSet<String> {
        let items = list.as_array().unwrap().iter();
        items.map(|item| item["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&container["volumeMounts"]), names(&made["volumes"]), "all is there");
    let volumes = made["volumes"].as_array().unwrap();
    let claim = json!({ "claimName": "database-ringfence-0" });
    assert!(volumes.iter().any(|volume| volume["persistentVolumeClaim"] == claim));
}
