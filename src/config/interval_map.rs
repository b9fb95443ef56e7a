//! A setting that gives profiles an interval: a table in a file, `profile=interval` with commas
//! between in a variable.

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserializer,
    de::{Error, MapAccess, Visitor},
};

use crate::domain::{ProfileName, RotationInterval};

/// Reads the intervals of profiles.
pub(super) fn interval_map<'de, D>(
    deserializer: D,
) -> Result<BTreeMap<ProfileName, RotationInterval>, D::Error>
where
    D: Deserializer<'de>,
{
    deserializer.deserialize_any(Intervals)
}

struct Intervals;

impl<'de> Visitor<'de> for Intervals {
    type Value = BTreeMap<ProfileName, RotationInterval>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the names of profiles, each with an interval")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
        let pair = |pair: &str| match pair.split_once('=') {
            Some((name, interval)) => read(name.trim(), interval.trim()),
            None => Err(E::custom(format!("{pair:?} is refused: give profile=interval"))),
        };
        pairs.map(pair).collect()
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut intervals = BTreeMap::new();
        while let Some((name, interval)) = entries.next_entry::<String, String>()? {
            let (name, interval) = read(&name, &interval)?;
            intervals.insert(name, interval);
        }
        Ok(intervals)
    }
}

fn read<E: Error>(name: &str, interval: &str) -> Result<(ProfileName, RotationInterval), E> {
    let profile =
        ProfileName::parse(name).map_err(|fault| E::custom(format!("{name:?} {fault}")))?;
    let interval =
        interval.parse().map_err(|fault| E::custom(format!("{name}: {interval:?} {fault}")))?;
    Ok((profile, interval))
}
