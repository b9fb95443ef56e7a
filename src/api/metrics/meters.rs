//! What is counted, and what was looked up a moment ago.

use std::{fmt, sync::Arc, time::Duration};

use prometheus_client::{encoding::text::encode_registry, registry::Registry};
use tokio::{sync::Mutex, time::Instant};

use super::{gauges::Looked, requests::RequestMetrics};
use crate::{api::Api, store::StoreError};

/// However many ask, the store is looked into once in this time.
const LOOK_PERIOD: Duration = Duration::from_secs(1);

/// The metrics of one service.
#[derive(Debug)]
pub struct Meters {
    registry: Registry,
    pub(in crate::api) requests: RequestMetrics,
    looked: Mutex<Option<(Instant, Arc<str>)>>,
}

impl Meters {
    /// What is counted in this registry by others, and what is counted of requests.
    #[must_use]
    pub fn new(mut registry: Registry) -> Self {
        let requests = RequestMetrics::register(&mut registry);
        Self { registry, requests, looked: Mutex::default() }
    }

    /// What is counted, as text.
    pub(super) fn counted(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode_registry(&mut text, &self.registry)?;
        Ok(text)
    }

    /// How things stand, as text. Those who ask meanwhile wait for it and share it.
    pub(super) async fn looked_up(&self, api: &Api) -> Result<Arc<str>, StoreError> {
        let mut looked = self.looked.lock().await;
        if let Some((at, text)) = &*looked
            && at.elapsed() < LOOK_PERIOD
        {
            return Ok(Arc::clone(text));
        }
        let text = look_up(api).await?;
        *looked = Some((Instant::now(), Arc::clone(&text)));
        Ok(text)
    }
}

async fn look_up(api: &Api) -> Result<Arc<str>, StoreError> {
    let looked = Looked {
        caches: &api.caches,
        now: api.clock.now(),
        standing: &api.store.standing().await?,
        activated: &api.store.activations().await?,
        swept: &api.store.swept().await?,
    };
    let mut text = String::new();
    encode_registry(&mut text, &looked.registry()).expect("a text takes whatever is written to it");
    Ok(text.into())
}
