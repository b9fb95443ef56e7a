//! What all secrets looked like, in sixteen bytes each.

use std::{
    collections::{BTreeMap, HashMap},
    hash::{BuildHasher as _, RandomState},
};

use crate::{
    cloud::{OwnershipTags, SecretReport},
    domain::{SecretName, SecretVersion},
};

/// A fingerprint of each secret that was listed. Whoever knows how a secret should look can tell
/// whether it did; what it looked like otherwise has to be asked for.
#[derive(Debug, Default)]
pub(super) struct SecretPrints {
    hasher: RandomState,
    prints: HashMap<u64, u64>,
}

impl SecretPrints {
    /// Keeps what a page has shown of a secret.
    pub(super) fn keep(&mut self, name: &SecretName, shown: &SecretReport) {
        let print = self.print(
            shown.is_scheduled_for_deletion,
            shown.current_version.as_ref(),
            &OwnershipTags::ours_among(&shown.tags),
        );
        self.prints.insert(self.hasher.hash_one(name), print);
    }

    /// Whether the secret was there, with this version as `AWSCURRENT` and these tags.
    pub(super) fn show(
        &self,
        name: &SecretName,
        version: &SecretVersion,
        tags: &OwnershipTags,
    ) -> bool {
        let expected = self.print(false, Some(version), &tags.by_key());
        self.prints.get(&self.hasher.hash_one(name)) == Some(&expected)
    }

    fn print(
        &self,
        is_scheduled_for_deletion: bool,
        current: Option<&SecretVersion>,
        tags: &BTreeMap<&str, &str>,
    ) -> u64 {
        let version = current.map(SecretVersion::as_str);
        self.hasher.hash_one((is_scheduled_for_deletion, version, tags))
    }
}
