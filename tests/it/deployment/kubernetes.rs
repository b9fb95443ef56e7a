//! The manifests: what Kubernetes' own schemas say of them, and what we say of them.

mod one_off;
mod tls;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use ringfence::config::Config;
use serde_json::{Value, json};

use super::{accepted, at, container::Image, is_served, seconds};

const FOLDER: &str = "deploy/kubernetes";

/// What is in the manifests of a folder, by its kind, and what the schemas of each version find wrong with it.
fn read(folder: &Path) -> (BTreeMap<String, Value>, Vec<String>) {
    let (mut documents, mut faults) = (BTreeMap::new(), Vec::new());
    let schemas =
        fs::read_dir("target/linters/kubernetes").expect("`make engines` has not been run");
    let schemas = schemas.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let manifests = manifests(folder);
    for version in schemas {
        let clients = Path::new("target/clients");
        let mut reader = Command::new(clients.join("node"));
        reader.arg("tests/clients/node/kubernetes.js").arg(&version).args(&manifests);
        let output = reader.env("NODE_PATH", clients.join("node_modules")).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let read: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
        for document in read {
            let kind = document["content"]["kind"].as_str().unwrap().to_owned();
            // These are read by kubectl itself.
            let is_for_kubectl = ["Kustomization", "Component"].contains(&kind.as_str());
            if !is_for_kubectl && document["faults"] != json!([]) {
                faults.push(format!("{}: {document:#}", version.display()));
            }
            documents.insert(kind, document["content"].clone());
        }
    }
    (documents, faults)
}

fn manifests(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|it| it == "yaml")).collect()
}

pub(super) fn manifest(kind: &str) -> Value {
    read(Path::new(FOLDER)).0.remove(kind).unwrap_or_else(|| panic!("no {kind}"))
}

fn pod() -> Value {
    at(&manifest("StatefulSet"), "/spec/template/spec").clone()
}

pub(super) fn configuration() -> Config {
    accepted(Some(Path::new("deploy/kubernetes/ringfence.toml")), &BTreeMap::new())
}

#[test]
fn every_manifest_is_what_the_oldest_and_the_newest_kubernetes_know() {
    let (documents, faults) = read(Path::new(FOLDER));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert_eq!(documents.len(), 6, "{:?}", documents.keys());
}

#[test]
fn the_kustomization_names_every_manifest() {
    let kustomization = manifest("Kustomization");
    let listed: BTreeSet<String> =
        serde_json::from_value(kustomization["resources"].clone()).unwrap();
    let files = manifests(Path::new(FOLDER)).into_iter();
    let found = files.map(|file| file.file_name().unwrap().to_str().unwrap().to_owned());
    let there: BTreeSet<String> = found.filter(|name| name != "kustomization.yaml").collect();
    assert_eq!(listed, there);
    let generated = at(&kustomization, "/configMapGenerator/0");
    assert_eq!(generated["files"], json!(["ringfence.toml"]));
    assert_eq!(generated["name"], *at(&pod(), "/volumes/0/configMap/name"));
    let image = at(&kustomization, "/images/0");
    assert_eq!(image["name"], *at(&pod(), "/containers/0/image"));
    assert_eq!(image["newTag"], env!("CARGO_PKG_VERSION"));
}

/// The standard that the namespace enforces
/// (<https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted>), and more.
#[test]
fn the_pod_may_do_no_more_than_it_has_to() {
    let labels = manifest("Namespace");
    assert_eq!(labels["metadata"]["labels"]["pod-security.kubernetes.io/enforce"], "restricted");
    let pod = pod();
    let user = Image::read().user();
    for (pointer, expected) in [
        ("/securityContext/runAsNonRoot", json!(true)),
        ("/securityContext/runAsUser", json!(user)),
        ("/securityContext/fsGroup", json!(user)),
        ("/securityContext/seccompProfile/type", json!("RuntimeDefault")),
        ("/containers/0/securityContext/allowPrivilegeEscalation", json!(false)),
        ("/containers/0/securityContext/readOnlyRootFilesystem", json!(true)),
        ("/containers/0/securityContext/capabilities/drop", json!(["ALL"])),
        ("/automountServiceAccountToken", json!(false)),
    ] {
        assert_eq!(*at(&pod, pointer), expected, "{pointer}");
    }
    assert_eq!(pod["containers"].as_array().unwrap().len(), 1);
}

#[test]
fn there_is_one_writer_whatever_becomes_of_a_node() {
    let set = manifest("StatefulSet");
    assert_eq!(set["spec"]["replicas"], 1);
    // Otherwise a pod that never gets ready is never replaced by a mended one.
    assert_eq!(set["spec"]["podManagementPolicy"], "Parallel");
    let claim = at(&set, "/spec/volumeClaimTemplates/0");
    assert_eq!(*at(claim, "/spec/accessModes"), json!(["ReadWriteOncePod"]));
    let mounts = at(&set, "/spec/template/spec/containers/0/volumeMounts").as_array().unwrap();
    let database = mounts.iter().find(|mount| mount["name"] == claim["metadata"]["name"]);
    assert_eq!(database.unwrap()["mountPath"], Image::read().volume());
}

#[test]
fn the_configuration_is_accepted_and_lies_where_the_image_looks_for_it() {
    configuration();
    let asked = Image::read().command("CMD");
    let pod = pod();
    let folder = at(&pod, "/containers/0/volumeMounts/0/mountPath").as_str().unwrap();
    assert_eq!(asked.last().unwrap(), &format!("{folder}/ringfence.toml"));
}

#[test]
fn probes_and_callers_find_the_port_and_no_one_else_does() {
    let pod = pod();
    let port = at(&pod, "/containers/0/ports/0");
    assert_eq!(port["containerPort"], configuration().listen.port());
    for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
        let asked = at(&pod, &format!("/containers/0/{probe}/httpGet")).clone();
        assert_eq!(asked["port"], port["name"], "{probe}");
        assert!(is_served(asked["path"].as_str().unwrap()), "{probe}: {asked}");
    }
    // The store's trouble is none that a restart would mend.
    assert_eq!(*at(&pod, "/containers/0/livenessProbe/httpGet/path"), "/livez");
    let service = manifest("Service");
    assert_eq!(*at(&service, "/spec/ports/0/targetPort"), port["name"]);
    let policy = manifest("NetworkPolicy");
    assert_eq!(*at(&policy, "/spec/ingress/0/ports/0/port"), port["name"]);
    assert_eq!(at(&policy, "/spec/ingress").as_array().unwrap().len(), 1);
    let set = manifest("StatefulSet");
    let labels = at(&set, "/spec/template/metadata/labels");
    for selector in [
        at(&set, "/spec/selector/matchLabels"),
        at(&service, "/spec/selector"),
        at(&policy, "/spec/podSelector/matchLabels"),
    ] {
        assert_eq!(selector, labels);
    }
}

#[test]
fn the_pod_is_left_the_time_that_the_service_takes_to_stop() {
    let given = seconds(&pod()["terminationGracePeriodSeconds"]);
    assert!(given > configuration().shutdown_grace, "{given:?}");
}
