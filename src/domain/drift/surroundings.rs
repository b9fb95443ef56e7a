//! What a cache and its user group are, apart from their users.

use super::{Difference, DriftKind};
use crate::domain::Endpoint;

/// What was taken for right when it was first seen, or since somebody accepted it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownSurroundings {
    /// The engine of the user group.
    pub group_engine: Option<String>,
    /// Where AWS said that the cache takes connections.
    pub endpoint: Option<Endpoint>,
}

/// What AWS says now. `None` where it was not asked, or did not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeenSurroundings {
    /// The engine of the user group.
    pub group_engine: Option<String>,
    /// Where the cache takes connections.
    pub endpoint: Option<Endpoint>,
    /// The user groups that are attached to the cache.
    pub attached_groups: Option<Vec<String>>,
}

/// What has changed about a cache whose user group should be this one.
#[must_use]
pub fn surroundings_changed(
    user_group: &str,
    known: &KnownSurroundings,
    seen: &SeenSurroundings,
) -> Vec<Difference> {
    let changed = |kind, known: Option<String>, seen: Option<String>| match (known, seen) {
        (Some(known), Some(seen)) if known != seen => Some(Difference::new(kind, seen, known)),
        _ => None,
    };
    let place = |endpoint: &Endpoint| {
        let scheme = if endpoint.tls { "rediss" } else { "redis" };
        format!("{scheme}://{}:{}", endpoint.host, endpoint.port)
    };
    let (known_place, seen_place) =
        (known.endpoint.as_ref().map(place), seen.endpoint.as_ref().map(place));
    let group =
        changed(DriftKind::GroupChanged, known.group_engine.clone(), seen.group_engine.clone());
    let endpoint = changed(DriftKind::EndpointChanged, known_place, seen_place);
    let detached = seen.attached_groups.as_ref().and_then(|attached| {
        if attached.iter().any(|group| group == user_group) {
            return None;
        }
        let found =
            if attached.is_empty() { "no user group".to_owned() } else { attached.join(", ") };
        Some(Difference::new(DriftKind::GroupDetached, found, user_group))
    });
    [group, endpoint, detached].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(host: &str) -> Endpoint {
        Endpoint { host: host.to_owned(), port: 6379, tls: true }
    }

    fn changed(known: &KnownSurroundings, seen: &SeenSurroundings) -> Vec<Difference> {
        surroundings_changed("tenants", known, seen)
    }

    #[test]
    fn what_is_seen_for_the_first_time_or_not_seen_is_no_drift() {
        let seen = SeenSurroundings {
            group_engine: Some("valkey".to_owned()),
            endpoint: Some(endpoint("a")),
            attached_groups: Some(vec!["tenants".to_owned()]),
        };
        assert_eq!(changed(&KnownSurroundings::default(), &seen), []);
        let known = KnownSurroundings {
            group_engine: Some("redis".to_owned()),
            endpoint: Some(endpoint("b")),
        };
        assert_eq!(changed(&known, &SeenSurroundings::default()), []);
        let kinds: Vec<_> = changed(&known, &seen).into_iter().map(|found| found.kind).collect();
        assert_eq!(kinds, [DriftKind::GroupChanged, DriftKind::EndpointChanged]);
    }

    #[test]
    fn another_group_at_the_cache_is_named() {
        let attached = |groups: &[&str]| SeenSurroundings {
            attached_groups: Some(groups.iter().map(|&group| group.to_owned()).collect()),
            ..SeenSurroundings::default()
        };
        let known = KnownSurroundings::default();
        let found = surroundings_changed("tenants", &known, &attached(&["others"]));
        assert_eq!((found[0].kind, found[0].found.as_str()), (DriftKind::GroupDetached, "others"));
        let none = surroundings_changed("tenants", &known, &attached(&[]));
        assert_eq!(none[0].found, "no user group");
    }
}
