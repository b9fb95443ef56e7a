//! Which caches are swept together, and how thoroughly.

use crate::{
    cloud::{Cloud, Clouds},
    config::CacheConfig,
    domain::CacheName,
};

/// How much is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Depth {
    /// Users and groups: what was repaired a moment ago.
    Users,
    /// Secrets too.
    Everything,
}

/// The caches that are reached in the same way, in the order of the configuration.
pub(in crate::reconcile) fn places(
    clouds: &Clouds,
    configs: &[CacheConfig],
) -> Vec<(Cloud, Vec<CacheName>)> {
    let mut places: Vec<(Cloud, Vec<CacheName>)> = Vec::new();
    for config in configs {
        let Some(cloud) = clouds.for_cache(&config.name) else { continue };
        match places.iter_mut().find(|(other, _)| other.is_same_way_as(cloud)) {
            Some((_, names)) => names.push(config.name.clone()),
            None => places.push((cloud.clone(), vec![config.name.clone()])),
        }
    }
    places
}
