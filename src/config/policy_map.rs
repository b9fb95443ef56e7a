//! A setting that gives kinds of drift a policy: a table in a file, `kind=policy` with commas between
//! in a variable.

use std::fmt;

use serde::{
    Deserializer,
    de::{Error, MapAccess, Visitor},
};

use crate::domain::{DriftKind, DriftPolicies, DriftPolicy};

/// Reads the policies of kinds of drift.
pub(super) fn policy_map<'de, D>(deserializer: D) -> Result<DriftPolicies, D::Error>
where
    D: Deserializer<'de>,
{
    deserializer.deserialize_any(Policies)
}

struct Policies;

impl<'de> Visitor<'de> for Policies {
    type Value = DriftPolicies;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("kinds of drift, each with a policy")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
        let pair = |pair: &str| match pair.split_once('=') {
            Some((kind, policy)) => read(kind.trim(), policy.trim()),
            None => Err(E::custom(format!("{pair:?} is refused: give kind=policy"))),
        };
        pairs.map(pair).collect()
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut policies = Vec::new();
        while let Some((kind, policy)) = entries.next_entry::<String, String>()? {
            policies.push(read(&kind, &policy)?);
        }
        Ok(policies.into_iter().collect())
    }
}

fn read<E: Error>(kind: &str, policy: &str) -> Result<(DriftKind, DriftPolicy), E> {
    let read: DriftKind = kind.parse().map_err(|fault| E::custom(format!("{kind:?} {fault}")))?;
    let policy =
        policy.parse().map_err(|fault| E::custom(format!("{kind}: {policy:?} {fault}")))?;
    Ok((read, policy))
}
