//! What the component `tls` makes of the manifests.

use std::{fs, path::Path};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{super::variables_of, FOLDER, accepted, at, manifest, read};

const COMPONENT: &str = "components/tls";

/// The set with the component's patch on it.
fn patched() -> Value {
    let folder = Path::new(FOLDER).join(COMPONENT);
    let (documents, _) = read(&folder);
    let component = &documents["Component"];
    assert_eq!(component["patches"], json!([{ "path": "stateful-set.yaml" }]));
    let mut set = manifest("StatefulSet");
    lay_over(&mut set, &documents["StatefulSet"]);
    set
}

/// Does what `kubectl` does: items of lists are known by their names.
fn lay_over(base: &mut Value, patch: &Value) {
    match (base, patch) {
        (Value::Object(base), Value::Object(patch)) => {
            for (name, value) in patch {
                lay_over(base.entry(name.as_str()).or_insert(Value::Null), value);
            }
        }
        (Value::Array(base), Value::Array(patch)) => {
            for item in patch {
                assert!(item["name"].is_string(), "{item}");
                match base.iter_mut().find(|there| there["name"] == item["name"]) {
                    Some(there) => lay_over(there, item),
                    None => base.push(item.clone()),
                }
            }
        }
        (base, patch) => *base = patch.clone(),
    }
}

#[test]
fn what_comes_of_it_is_what_kubernetes_knows() {
    let directory = TempDir::new().unwrap();
    // JSON is YAML.
    fs::write(directory.path().join("patched.yaml"), patched().to_string()).unwrap();
    let (documents, faults) = read(directory.path());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert_eq!(documents.len(), 1);
}

#[test]
fn the_manifests_say_where_the_component_is() {
    let text = fs::read_to_string(Path::new(FOLDER).join("kustomization.yaml")).unwrap();
    assert!(text.contains(&format!("# components:\n#   - {COMPONENT}\n")), "{text}");
}

#[test]
fn the_certificate_of_the_secret_is_served_on_the_port_that_probes_ask() {
    let set = patched();
    let pod = at(&set, "/spec/template/spec");
    let container = at(pod, "/containers/0");
    assert_eq!(pod["containers"].as_array().unwrap().len(), 1);
    let file = Path::new(FOLDER).join("ringfence.toml");
    let config = accepted(Some(&file), &variables_of(container, "env"));
    let named = |list: &str| {
        let items = pod[list].as_array().or(container[list].as_array()).unwrap();
        items.iter().find(|item| item["name"] == "certificate").unwrap().clone()
    };
    let (mount, volume) = (named("volumeMounts"), named("volumes"));
    assert!(mount.get("subPath").is_none(), "it would never be updated");
    assert!(volume["secret"]["secretName"].is_string(), "{volume}");
    let folder = Path::new(mount["mountPath"].as_str().unwrap());
    // What a Secret of type kubernetes.io/tls holds.
    assert_eq!(config.tls.certificate, Some(folder.join("tls.crt")));
    assert_eq!(config.tls.key, Some(folder.join("tls.key")));
    assert_eq!(*at(container, "/ports/0/containerPort"), config.listen.port());
    for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
        let asked = at(container, &format!("/{probe}/httpGet"));
        assert_eq!(asked["scheme"], "HTTPS", "{probe}");
        assert_eq!(asked["port"], *at(container, "/ports/0/name"), "{probe}");
    }
}
