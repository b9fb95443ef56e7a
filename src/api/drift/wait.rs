//! Waiting for sweeps, for callers that asked to.

use std::time::Duration;

use futures_util::future::join_all;

use crate::{api::Api, domain::CacheName};

/// Asks for a sweep of each of the caches, and waits until all are over, for at most `limit`. Caches
/// that are not configured any more are not swept.
pub(super) async fn sweep(api: &Api, caches: Vec<CacheName>, limit: Duration) {
    let asked = caches
        .iter()
        .filter_map(|name| Some((api.caches.get(name)?, api.caches.ask_for_sweep(name)?)));
    let sweeps: Vec<_> = asked.map(|(cache, ticket)| cache.swept(ticket)).collect();
    if limit.is_zero() {
        return;
    }
    tokio::select! {
        _ = join_all(sweeps) => {}
        () = tokio::time::sleep(limit) => {}
        () = api.stopping.cancelled() => {}
    }
}
