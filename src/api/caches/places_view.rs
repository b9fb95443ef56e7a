//! The places in a cache's user group, as callers see them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{Places, QuotaSource};

/// The places in the user group of a cache.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Places)]
pub(in crate::api) struct PlacesView {
    /// How many users the group holds at most.
    #[schema(example = 100)]
    quota: u32,
    /// Who told so.
    source: QuotaSourceText,
    /// How many are taken by living users of Ringfence: of tenants, services and break-glass
    /// sessions, from when they are asked for until they are gone.
    #[schema(example = 12)]
    ours: u64,
    /// How many are taken by other members, `default` among them, going by the last look at AWS;
    /// absent before the first, and counted as none until then.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 1)]
    foreign: Option<u32>,
    /// How many are left.
    #[schema(example = 87)]
    free: u64,
}

/// Who told how many users a group holds: the setting `user_quota`, or AWS, which refused another at
/// fewer.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = QuotaSource)]
enum QuotaSourceText {
    Configured,
    Learned,
}

impl PlacesView {
    /// The places of the cache in the API document.
    pub(super) fn example() -> Self {
        let (quota, source) = (100, QuotaSourceText::Configured);
        Self { quota, source, ours: 12, foreign: Some(1), free: 87 }
    }
}

impl From<Places> for PlacesView {
    fn from(places: Places) -> Self {
        let source = match places.source {
            QuotaSource::Configured => QuotaSourceText::Configured,
            QuotaSource::Learned => QuotaSourceText::Learned,
        };
        let Places { quota, ours, foreign, .. } = places;
        Self { quota, source, ours, foreign, free: places.free() }
    }
}
