//! Settings given by variables.

/// What the variables' names start with.
const PREFIX: &str = "RINGFENCE_";

/// Variables with our prefix that tell the simulator and the tests where programs are, and set
/// nothing of the service.
const NOT_SETTINGS: [&str; 3] = ["RINGFENCE_VALKEY", "RINGFENCE_REDIS", "RINGFENCE_PYTHON"];

/// A variable and the setting that it gives.
#[derive(Clone, Debug)]
pub(super) struct Variable {
    /// `RINGFENCE_CACHES__0__NAME`
    pub(super) name: String,
    /// `caches[0].name`
    pub(super) key: String,
    pub(super) value: String,
}

/// The settings among the variables.
pub(super) fn settings_in(variables: impl IntoIterator<Item = (String, String)>) -> Vec<Variable> {
    variables
        .into_iter()
        .filter(|(name, _)| !NOT_SETTINGS.contains(&name.as_str()))
        .filter_map(|(name, value)| {
            let path = name.strip_prefix(PREFIX)?.to_ascii_lowercase();
            Some(Variable { key: key_of(path.split("__")), name, value })
        })
        .collect()
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
