//! What a stranger deploys from: the Dockerfile, the Kubernetes manifests, the ECS requests, a unit of systemd. Each is read by a
//! linter that knows the format, and compared with the program and with the others.

mod container;
mod ecs;
mod kubernetes;
mod prometheus;
mod systemd;
mod terraform;

use std::{collections::BTreeMap, fs, path::Path, time::Duration};

use ringfence::config::Config;
use serde_json::Value;

use self::container::Image;

/// A place in a document that has to be there.
fn at<'a>(document: &'a Value, pointer: &str) -> &'a Value {
    document.pointer(pointer).unwrap_or_else(|| panic!("{pointer} is not in {document:#}"))
}

fn seconds(number: &Value) -> Duration {
    Duration::from_secs(number.as_u64().unwrap())
}

/// The configuration that `serve` gets in the image, with what is given to it there.
fn accepted(file: Option<&Path>, given: &BTreeMap<String, String>) -> Config {
    let image = Image::read();
    let variables = image.variables().into_iter().chain(given.clone());
    let ours = variables.filter(|(name, _)| name.starts_with("RINGFENCE_"));
    let config = Config::load(file, ours).unwrap();
    assert_eq!(config.database.parent(), Some(Path::new(&image.volume())));
    config
}

/// The variables of a container, as Kubernetes and ECS both write them.
fn variables_of(container: &Value, list: &str) -> BTreeMap<String, String> {
    let variables = container[list].as_array().unwrap().iter();
    let text = |variable: &Value, member: &str| variable[member].as_str().unwrap().to_owned();
    variables.map(|variable| (text(variable, "name"), text(variable, "value"))).collect()
}

#[test]
fn others_reach_the_service_and_have_to_say_who_they_are() {
    for config in [kubernetes::configuration(), ecs::configuration()] {
        // Without a token for each request the configuration would have been refused.
        assert!(!config.listen.ip().is_loopback(), "{}", config.listen);
    }
}

/// Whether the served document knows this path.
fn is_served(path: &str) -> bool {
    let document = fs::read_to_string("openapi/ringfence.json").unwrap();
    let document: Value = serde_json::from_str(&document).unwrap();
    document["paths"][path]["get"].is_object()
}
