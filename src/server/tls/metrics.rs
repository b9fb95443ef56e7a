//! What is counted of TLS.

use jiff::Timestamp;
use prometheus_client::{
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::{Registry, Unit},
};

type Counts = Family<Vec<(&'static str, &'static str)>, Counter>;

/// Counts of handshakes and of what is served. Clones count together.
#[derive(Clone, Debug)]
pub(crate) struct TlsMetrics {
    handshakes: Counts,
    reloads: Counts,
    ends: Gauge,
}

/// How a handshake ended.
#[derive(Clone, Copy, Debug)]
pub(super) enum Handshake {
    Done,
    Failed,
    Late,
}

/// What became of files that have changed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Reload {
    Served,
    Refused,
}

impl TlsMetrics {
    /// Counts from nothing, to be read from this registry.
    #[must_use]
    pub(crate) fn register(registry: &mut Registry) -> Self {
        let (handshakes, reloads, ends) = (Counts::default(), Counts::default(), Gauge::default());
        // An alert sees a step up from zero, and not a count that appears.
        for outcome in [Handshake::Done, Handshake::Failed, Handshake::Late] {
            drop(handshakes.get_or_create(&vec![("outcome", outcome.as_str())]));
        }
        for outcome in [Reload::Served, Reload::Refused] {
            drop(reloads.get_or_create(&vec![("outcome", outcome.as_str())]));
        }
        registry.register(
            "ringfence_tls_handshakes",
            "TLS handshakes that callers began, by how they ended",
            handshakes.clone(),
        );
        registry.register(
            "ringfence_tls_reloads",
            "Changes of the files in [tls], by whether they are served now or were refused",
            reloads.clone(),
        );
        registry.register_with_unit(
            "ringfence_tls_certificate_expiry_timestamp",
            "When the certificate ends that is served; 0 without TLS",
            Unit::Seconds,
            ends.clone(),
        );
        Self { handshakes, reloads, ends }
    }

    pub(super) fn shaken(&self, outcome: Handshake) {
        self.handshakes.get_or_create(&vec![("outcome", outcome.as_str())]).inc();
    }

    pub(super) fn reloaded(&self, outcome: Reload) {
        self.reloads.get_or_create(&vec![("outcome", outcome.as_str())]).inc();
    }

    pub(super) fn ends(&self, at: Timestamp) {
        self.ends.set(at.as_second());
    }
}

impl Handshake {
    fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Late => "late",
        }
    }
}

impl Reload {
    fn as_str(self) -> &'static str {
        match self {
            Self::Served => "served",
            Self::Refused => "refused",
        }
    }
}
