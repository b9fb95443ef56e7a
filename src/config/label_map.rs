//! A setting that holds labels: a table in a file, `key=value` with commas between in a variable.

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserializer,
    de::{Error, MapAccess, Visitor},
};

use crate::domain::Labels;

/// Reads labels.
pub(super) fn label_map<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Labels, D::Error> {
    deserializer.deserialize_any(Pairs)
}

struct Pairs;

impl<'de> Visitor<'de> for Pairs {
    type Value = Labels;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("labels, each with a value")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Labels, E> {
        let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
        let pair = |pair: &str| match pair.split_once('=') {
            Some((key, value)) => Ok((key.trim().to_owned(), value.trim().to_owned())),
            None => Err(E::custom(format!("{pair:?} is refused: give key=value"))),
        };
        read(pairs.map(pair).collect::<Result<_, E>>()?)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Labels, A::Error> {
        let mut pairs = BTreeMap::new();
        while let Some((key, value)) = entries.next_entry()? {
            pairs.insert(key, value);
        }
        read(pairs)
    }
}

fn read<E: Error>(pairs: BTreeMap<String, String>) -> Result<Labels, E> {
    Labels::try_from(pairs).map_err(E::custom)
}
