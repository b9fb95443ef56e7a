//! Settings given by variables.

/// What the variables' names start with.
const PREFIX: &str = "RINGFENCE_";

/// Variables with our prefix that tell the simulator and the tests where programs are, or client commands whom to ask, and set
/// nothing of the service.
const NOT_SETTINGS: [&str; 9] = [
    "RINGFENCE_VALKEY",
    "RINGFENCE_REDIS",
    "RINGFENCE_PYTHON",
    "RINGFENCE_URL",
    "RINGFENCE_TOKEN",
    "RINGFENCE_TOKEN_FILE",
    "RINGFENCE_CA_FILE",
    "RINGFENCE_CLIENT_CERTIFICATE",
    "RINGFENCE_CLIENT_KEY",
];

/// What every program with OpenTelemetry knows by these names
/// (<https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/>), and which
/// settings they give where nothing of ours does.
const STANDARD: [(&str, &str); 2] = [
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "telemetry.otlp_endpoint"),
    ("OTEL_SERVICE_NAME", "telemetry.service_name"),
];

/// A variable and the setting that it gives.
#[derive(Clone, Debug)]
pub(super) struct Variable {
    /// `RINGFENCE_CACHES__0__NAME`
    pub(super) name: String,
    /// `caches[0].name`
    pub(super) key: String,
    pub(super) value: String,
    /// Whether it is not of ours, so that all else wins over it.
    pub(super) is_standard: bool,
}

/// The settings among the variables.
pub(super) fn settings_in(variables: impl IntoIterator<Item = (String, String)>) -> Vec<Variable> {
    let variables: Vec<(String, String)> = variables.into_iter().collect();
    let is_off = variables.iter().any(|(name, value)| switches_off(name, value));
    variables
        .into_iter()
        .filter(|(name, _)| !NOT_SETTINGS.contains(&name.as_str()))
        .filter_map(|(name, value)| {
            let (key, is_standard) = match name.strip_prefix(PREFIX) {
                Some(path) => (key_of(path.to_ascii_lowercase().split("__")), false),
                // An empty one is as good as none, by the page above.
                None if value.is_empty() || is_off => return None,
                None => (standard_key(&name)?.to_owned(), true),
            };
            Some(Variable { name, key, value, is_standard })
        })
        .collect()
}

/// Whether a standard variable says that nothing is to be traced, so that the others say nothing to us.
fn switches_off(name: &str, value: &str) -> bool {
    match name {
        "OTEL_SDK_DISABLED" => value.eq_ignore_ascii_case("true"),
        "OTEL_TRACES_EXPORTER" => value == "none",
        _ => false,
    }
}

fn standard_key(name: &str) -> Option<&'static str> {
    STANDARD.iter().find(|(standard, _)| *standard == name).map(|(_, key)| *key)
}

/// The key of a path: `caches`, `0`, `name` gives `caches[0].name`.
pub(super) fn key_of<'a>(path: impl IntoIterator<Item = &'a str>) -> String {
    // A list grows to the number that is given, which therefore has a limit.
    let part_of_key = |part: &str| match part.parse::<u8>() {
        Ok(index) => format!("[{index}]"),
        Err(_) => format!(".{part}"),
    };
    path.into_iter().map(part_of_key).collect::<String>().trim_start_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_path_of_its_setting() {
        let names = [
            ("RINGFENCE_LISTEN", "listen"),
            ("RINGFENCE_LOG_FORMAT", "log_format"),
            ("RINGFENCE_AWS__REGION", "aws.region"),
            ("RINGFENCE_CACHES__10__USER_GROUP", "caches[10].user_group"),
        ];
        for (name, key) in names {
            let found = settings_in([(name.to_owned(), String::new())]);
            assert_eq!(found[0].key, key);
        }
    }

    #[test]
    fn other_variables_are_left_alone() {
        let others = ["PATH", "AWS_REGION", "RINGFENCE_VALKEY", "ringfence_listen"];
        assert!(settings_in(others.map(|name| (name.to_owned(), String::new()))).is_empty());
    }
}
