//! `redis` and `valkey`, as ElastiCache takes and gives them.

use std::fmt;

use ringfence_acl::EngineKind;
use serde::{Deserialize, Serialize};

use super::refusal::Refusal;

/// What a user, a group or a cache says its engine is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum EngineType {
    Redis,
    Valkey,
}

impl EngineType {
    /// Any case goes in, lower case comes out.
    pub(crate) fn parse(text: &str) -> Result<Self, Refusal> {
        match text.to_ascii_lowercase().as_str() {
            "redis" => Ok(Self::Redis),
            "valkey" => Ok(Self::Valkey),
            _ => Err(Refusal::value(format!(
                "Unknown parameter for Engine: {text}. Must be one of: [redis,valkey]"
            ))),
        }
    }

    /// The oldest engine version that users of this engine work with.
    pub(crate) const fn minimum_version(self) -> &'static str {
        match self {
            Self::Redis => "6.0",
            Self::Valkey => "7.2",
        }
    }
}

impl From<EngineKind> for EngineType {
    fn from(kind: EngineKind) -> Self {
        match kind {
            EngineKind::Redis => Self::Redis,
            EngineKind::Valkey => Self::Valkey,
        }
    }
}

impl fmt::Display for EngineType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Redis => "redis",
            Self::Valkey => "valkey",
        })
    }
}
