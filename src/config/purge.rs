//! How fast the keys of deleted tenants are removed.

use std::num::NonZeroU32;

use serde::Deserialize;

/// How the keys of a tenant are removed that is deleted with `purge_keys`. See
/// [`docs/lifecycle.md`](lifecycle.md).
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct PurgeConfig {
    /// How many keys of a cache are looked at in a second, whoever's they are, while a tenant's are
    /// searched for. At the default a cache of ten million keys is gone through in 17 minutes, twice; its
    /// engine spends about a hundredth of its time on it, and up to a tenth where nearly all keys are
    /// the tenant's. Tenants of one cache are purged one after the other.
    ///
    /// Default: `10000`. Variable: `RINGFENCE_PURGE__KEYS_PER_SECOND`.
    pub keys_per_second: NonZeroU32,
}

impl Default for PurgeConfig {
    fn default() -> Self {
        Self { keys_per_second: NonZeroU32::new(10_000).expect("it is not zero") }
    }
}
