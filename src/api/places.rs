//! How many requests are answered at once. One that comes beyond them is refused, and not queued: whoever
//! asked first is answered in time, and whoever is refused knows it at once.
//!
//! Those that read, those that write, those that wait for an outcome and the streams have places of their
//! own, so that none of them can take the places of the others.

use std::{num::NonZeroU32, sync::Arc};

use axum::http::Method;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    extract::Prefer,
    problem::{Code, Problem},
};
use crate::config::LimitsConfig;

/// The places of the requests that are being answered.
#[derive(Debug)]
pub struct Places {
    reads: Arc<Semaphore>,
    writes: Arc<Semaphore>,
    waits: Arc<Semaphore>,
    streams: Arc<Semaphore>,
}

/// A place that is taken until this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    _permit: OwnedSemaphorePermit,
}

impl Places {
    /// As many places as the limits say, all of them free.
    #[must_use]
    pub fn new(limits: &LimitsConfig) -> Self {
        Self {
            reads: places(limits.reads_at_once),
            writes: places(limits.writes_at_once),
            waits: places(limits.waits_at_once),
            streams: places(limits.streams_at_once),
        }
    }

    /// A place for a request with this method and these preferences.
    pub(super) fn take(&self, method: &Method, prefer: Prefer) -> Result<Place, Problem> {
        if method.is_safe() {
            take(&self.reads, "as many requests that read are being answered as may be at once")
        } else if prefer.wait().is_zero() {
            take(&self.writes, "as many requests that write are being answered as may be at once")
        } else {
            let detail = "as many requests wait for an outcome as may at once; send it without \
                          Prefer: wait, or later";
            take(&self.waits, detail)
        }
    }

    /// A place for an answer that has no end, or a far one.
    pub(super) fn take_stream(&self) -> Result<Place, Problem> {
        take(&self.streams, "as many streams are being sent as may be at once")
    }
}

fn places(count: NonZeroU32) -> Arc<Semaphore> {
    let count = usize::try_from(count.get()).unwrap_or(usize::MAX);
    Arc::new(Semaphore::new(count.min(Semaphore::MAX_PERMITS)))
}

fn take(places: &Arc<Semaphore>, detail: &str) -> Result<Place, Problem> {
    let permit = Arc::clone(places).try_acquire_owned();
    let place = permit.map(|permit| Place { _permit: permit });
    place.map_err(|_| Problem::new(Code::Overloaded, detail))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::http::{HeaderMap, HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn one_sort_of_requests_cannot_take_the_places_of_another() {
        let one = NonZeroU32::MIN;
        let places = Places::new(&LimitsConfig {
            reads_at_once: one,
            writes_at_once: one,
            waits_at_once: one,
            streams_at_once: one,
            ..LimitsConfig::default()
        });
        let prefer = (HeaderName::from_static("prefer"), HeaderValue::from_static("wait=1"));
        let wait = Prefer::read(&HeaderMap::from_iter([prefer]), Duration::MAX);
        let at_once = Prefer::default();
        let held = [
            places.take(&Method::GET, at_once).unwrap(),
            places.take(&Method::POST, at_once).unwrap(),
            places.take(&Method::POST, wait).unwrap(),
            places.take_stream().unwrap(),
        ];
        let refused = |place: Result<Place, Problem>| place.unwrap_err().code() == Code::Overloaded;
        assert!(refused(places.take(&Method::HEAD, wait)));
        assert!(refused(places.take(&Method::DELETE, at_once)));
        assert!(refused(places.take(&Method::PATCH, wait)));
        assert!(refused(places.take_stream()));
        drop(held);
        places.take(&Method::DELETE, at_once).unwrap();
    }
}
