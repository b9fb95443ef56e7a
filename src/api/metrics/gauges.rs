//! What is not counted but looked up when somebody asks: how things stand in the store.

use jiff::Timestamp;
use prometheus_client::{
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::{Registry, Unit},
};

use crate::{
    domain::{CacheName, DriftKind, RotationPhase, Status, TierKind, VerdictKind},
    reconcile::Caches,
    store::Standing,
};

/// The values of the labels of one series, in the order of their names.
type Labels = Vec<(&'static str, String)>;
type Gauges = Family<Labels, Gauge>;

/// What is looked up for one scrape.
pub(super) struct Looked<'a> {
    pub(super) caches: &'a Caches,
    pub(super) now: Timestamp,
    pub(super) standing: &'a Standing,
    /// Tenants that have ever become active.
    pub(super) activated: &'a [(TierKind, u64)],
    /// When caches were last swept.
    pub(super) swept: &'a [(String, Timestamp)],
}

impl Looked<'_> {
    /// Everything, ready to be written.
    pub(super) fn registry(&self) -> Registry {
        let mut registry = Registry::default();
        self.tenants(&mut registry);
        self.work(&mut registry);
        self.safety(&mut registry);
        self.messages(&mut registry);
        self.places(&mut registry);
        registry
    }

    fn tenants(&self, registry: &mut Registry) {
        let tenants = Gauges::default();
        for cache in self.names() {
            for tier in TierKind::ALL {
                for status in Status::ALL.into_iter().filter(|status| *status != Status::Deleted) {
                    set(&tenants, &of_tenants(cache, tier, status), 0);
                }
            }
        }
        for (cache, tier, status, count) in &self.standing.tenants {
            set(&tenants, &of_tenants(cache, *tier, *status), *count);
        }
        let help = "Living tenants, services and break-glass sessions";
        registry.register("ringfence_tenants", help, tenants);
        // Counted in the store, so that a restart does not begin from nothing.
        let activated = Family::<Labels, Counter>::default();
        for (tier, count) in self.activated {
            activated.get_or_create(&vec![("tier", tier.to_string())]).inc_by(*count);
        }
        let help =
            "Tenants, services and sessions that have ever become active, also across restarts";
        registry.register("ringfence_tenants_activated", help, activated);
    }

    fn work(&self, registry: &mut Registry) {
        let queued = self.of_each_cache(&self.standing.queued);
        let help = "Users on which there is work that need not wait for a person";
        registry.register("ringfence_queue_users", help, queued);
        let help =
            "How long the user with the oldest work has been in its phase; 0 if there is none";
        let oldest = self.of_each_cache(&self.ages(&self.standing.queued_since));
        registry.register_with_unit("ringfence_queue_oldest_age", help, Unit::Seconds, oldest);
        let is_open = |phase: &RotationPhase| {
            use RotationPhase::{Cancelled, Completed, Failed};
            !matches!(phase, Completed | Cancelled | Failed)
        };
        let open: Vec<_> = RotationPhase::ALL.into_iter().filter(is_open).collect();
        let rotations = self.of_each("phase", &open, RotationPhase::as_str);
        for (cache, phase, count) in &self.standing.rotations {
            set(&rotations, &labelled(cache, ("phase", phase.as_str())), *count);
        }
        let help = "Rotations that are not over";
        registry.register("ringfence_rotations", help, rotations);
    }

    fn safety(&self, registry: &mut Registry) {
        let oldest = self.of_each_cache(&self.ages(&self.standing.oldest_passwords));
        let help = "For how long the oldest password has been in use";
        registry.register_with_unit("ringfence_password_oldest_age", help, Unit::Seconds, oldest);
        let kinds = VerdictKind::ALL.into_iter().filter(|kind| *kind != VerdictKind::Isolated);
        let kinds: Vec<_> = kinds.collect();
        let unproved = self.of_each("verdict", &kinds, VerdictKind::as_str);
        for (cache, verdict, count) in &self.standing.unproved {
            set(&unproved, &labelled(cache, ("verdict", verdict.as_str())), *count);
        }
        let help = "Living users whose last attestation did not find their fence whole";
        registry.register("ringfence_users_unproved", help, unproved);
        let drift = self.of_each("kind", &DriftKind::ALL, DriftKind::as_str);
        for (cache, kind, count) in &self.standing.drift {
            set(&drift, &labelled(cache, ("kind", kind.as_str())), *count);
        }
        let help =
            "Things that are not as they should be, as the last sweep left them in the store";
        registry.register("ringfence_drift_items", help, drift);
        let swept = Gauges::default();
        // Of one that never was an alert has to know, too.
        for cache in self.caches.iter() {
            set(&swept, &of(&cache.config().name), 0);
        }
        for (cache, at) in self.swept {
            swept.get_or_create(&vec![("cache", cache.clone())]).set(at.as_second());
        }
        let help = "When the last sweep of a cache was over that could look at secrets too, also \
                    across restarts; 0 if none ever was";
        registry.register_with_unit("ringfence_drift_swept_timestamp", help, Unit::Seconds, swept);
    }

    fn messages(&self, registry: &mut Registry) {
        let waiting = Gauge::<i64>::default();
        waiting.set(i64::try_from(self.standing.messages).unwrap_or(i64::MAX));
        let help = "Messages on their way to webhooks that are not disabled";
        registry.register("ringfence_webhook_messages_waiting", help, waiting);
        let oldest = Gauge::<i64>::default();
        oldest.set(
            self.standing
                .oldest_message
                .map_or(0, |at| self.now.duration_since(at).as_secs().max(0)),
        );
        let help = "How long the oldest message to a webhook that is not disabled has been on its way; 0 if there \
                    is none";
        registry.register_with_unit(
            "ringfence_webhook_oldest_message_age",
            help,
            Unit::Seconds,
            oldest,
        );
    }

    fn places(&self, registry: &mut Registry) {
        let (quota, free) = (Gauges::default(), Gauges::default());
        for cache in self.caches.iter() {
            let name = &cache.config().name;
            let ours = self.standing.users.iter().find(|(of, _)| of == name);
            let places = cache.limits().with(ours.map_or(0, |(_, users)| *users));
            set(&quota, &of(name), places.quota.into());
            set(&free, &of(name), places.free());
        }
        let help = "How many users the user group of a cache may hold";
        registry.register("ringfence_group_places", help, quota);
        let help = "How many more users fit into the user group of a cache";
        registry.register("ringfence_group_places_free", help, free);
    }

    fn names(&self) -> impl Iterator<Item = &CacheName> {
        self.caches.iter().map(|cache| &cache.config().name)
    }

    /// A gauge of each cache. One that nothing is of is told too, so that an alert has something to
    /// compare with.
    fn of_each_cache(&self, values: &[(CacheName, u64)]) -> Gauges {
        let gauges = Gauges::default();
        for cache in self.names() {
            set(&gauges, &of(cache), 0);
        }
        for (cache, value) in values {
            set(&gauges, &of(cache), *value);
        }
        gauges
    }

    /// A gauge of each cache and each word, at nothing.
    fn of_each<K: Copy>(
        &self,
        label: &'static str,
        words: &[K],
        text: fn(K) -> &'static str,
    ) -> Gauges {
        let gauges = Gauges::default();
        for cache in self.names() {
            for word in words {
                set(&gauges, &labelled(cache, (label, text(*word))), 0);
            }
        }
        gauges
    }

    /// In whole seconds. A clock may have been put back since.
    fn ages(&self, since: &[(CacheName, Timestamp)]) -> Vec<(CacheName, u64)> {
        let age = |since: Timestamp| self.now.duration_since(since).as_secs();
        since
            .iter()
            .map(|(cache, since)| (cache.clone(), u64::try_from(age(*since)).unwrap_or(0)))
            .collect()
    }
}

fn set(gauges: &Gauges, labels: &Labels, value: u64) {
    gauges.get_or_create(labels).set(i64::try_from(value).unwrap_or(i64::MAX));
}

fn of(cache: &CacheName) -> Labels {
    vec![("cache", cache.to_string())]
}

fn labelled(cache: &CacheName, (label, word): (&'static str, &'static str)) -> Labels {
    vec![("cache", cache.to_string()), (label, word.to_owned())]
}

fn of_tenants(cache: &CacheName, tier: TierKind, status: Status) -> Labels {
    let words = [("tier", tier.to_string()), ("status", status.to_string())];
    of(cache).into_iter().chain(words).collect()
}
