//! Labels: the caller's own words on a tenant.

use std::collections::BTreeMap;

/// At most 32 pairs; keys of 1 to 63 characters from `a-z 0-9 - _ . /`, values of at most 128
/// characters without control characters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels(BTreeMap<String, String>);

impl Labels {
    /// The most pairs.
    pub const COUNT_MAX: usize = 32;
    /// The longest key, in characters.
    pub const KEY_LENGTH_MAX: usize = 63;
    /// The longest value, in characters.
    pub const VALUE_LENGTH_MAX: usize = 128;

    /// The pairs, in the order of their keys.
    #[must_use]
    pub fn as_map(&self) -> &BTreeMap<String, String> {
        &self.0
    }

    /// The labels with these set, or with `None` taken away (RFC 7396).
    pub fn patched(&self, patch: BTreeMap<String, Option<String>>) -> Result<Self, LabelsError> {
        let mut pairs = self.0.clone();
        for (key, value) in patch {
            // One that takes nothing away is a slip of the pen.
            if !is_key(&key) {
                return Err(LabelsError::BadKey { key });
            }
            match value {
                Some(value) => drop(pairs.insert(key, value)),
                None => drop(pairs.remove(&key)),
            }
        }
        Self::try_from(pairs)
    }
}

impl TryFrom<BTreeMap<String, String>> for Labels {
    type Error = LabelsError;

    fn try_from(pairs: BTreeMap<String, String>) -> Result<Self, Self::Error> {
        if pairs.len() > Self::COUNT_MAX {
            return Err(LabelsError::TooMany { found: pairs.len(), max: Self::COUNT_MAX });
        }
        for (key, value) in &pairs {
            if !is_key(key) {
                return Err(LabelsError::BadKey { key: key.clone() });
            }
            let too_long = value.chars().count() > Self::VALUE_LENGTH_MAX;
            if too_long || value.chars().any(char::is_control) {
                return Err(LabelsError::BadValue { key: key.clone() });
            }
        }
        Ok(Self(pairs))
    }
}

fn is_key(text: &str) -> bool {
    let is_key_char = |c: char| {
        c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.' | '/')
    };
    (1..=Labels::KEY_LENGTH_MAX).contains(&text.len()) && text.chars().all(is_key_char)
}

/// Why a map is no set of labels.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LabelsError {
    /// More pairs than the limit.
    #[error("{found} labels were given, the limit is {max}")]
    TooMany {
        /// How many were given.
        found: usize,
        /// The limit.
        max: usize,
    },
    /// A key outside the rule.
    #[error("the key {key:?} must have 1 to 63 characters from a-z, 0-9, '-', '_', '.', '/'")]
    BadKey {
        /// The key.
        key: String,
    },
    /// A value outside the rule.
    #[error("the value of {key:?} must have at most 128 characters and no control character")]
    BadValue {
        /// The key whose value is wrong.
        key: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(key: &str, value: &str) -> Result<Labels, LabelsError> {
        Labels::try_from(BTreeMap::from([(key.to_owned(), value.to_owned())]))
    }

    #[test]
    fn plain_pairs_are_accepted_and_found_again() {
        let labels = one("team/plan", "Gold \u{2013} yearly").unwrap();
        assert_eq!(labels.as_map()["team/plan"], "Gold \u{2013} yearly");
    }

    #[test]
    fn what_breaks_a_rule_is_named() {
        assert_eq!(one("Team", "x"), Err(LabelsError::BadKey { key: "Team".to_owned() }));
        assert_eq!(one("", "x"), Err(LabelsError::BadKey { key: String::new() }));
        assert_eq!(one("k", "a\nb"), Err(LabelsError::BadValue { key: "k".to_owned() }));
        let many: BTreeMap<_, _> = (0..33).map(|i| (format!("k{i}"), String::new())).collect();
        assert_eq!(Labels::try_from(many), Err(LabelsError::TooMany { found: 33, max: 32 }));
    }
}
