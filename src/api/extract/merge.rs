//! Members of a merge patch that `null` takes away (RFC 7396).

use serde::{Deserialize, Deserializer};

use crate::domain::Patch;

/// Reads a member that is there. With `#[serde(default)]` one that is not there is kept.
pub(crate) fn merged<'de, D, T>(deserializer: D) -> Result<Patch<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let value = Option::deserialize(deserializer)?;
    Ok(value.map_or(Patch::Remove, Patch::Set))
}
