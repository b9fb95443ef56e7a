//! Which engine a cache runs, as callers say it.

use ringfence_acl::EngineKind;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An engine.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
#[schema(as = Engine)]
pub(in crate::api) enum EngineText {
    Valkey,
    Redis,
}

impl From<EngineText> for EngineKind {
    fn from(text: EngineText) -> Self {
        match text {
            EngineText::Valkey => Self::Valkey,
            EngineText::Redis => Self::Redis,
        }
    }
}
