//! What a request for repairs says.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    api::{
        Api,
        extract::given,
        problem::{Fault, Problem},
        rotations::refused,
    },
    domain::{CacheName, DriftFilter, DriftItemId, DriftKind, TenantName},
};

/// The most items that one request names.
const ITEMS_MAX: usize = 500;

/// Which items are to be repaired; all that is given must be met. `{}` is all.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateDriftRepair {
    /// Only these, by their ids; 1 to 500.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, min_items = 1, max_items = 500, example = json!(["not-in-group:main:rf-acme"]))]
    items: Option<Vec<String>>,
    /// Only in this cache.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, example = "main")]
    cache: Option<String>,
    /// Only of this tenant, service or session.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, example = "acme")]
    tenant: Option<String>,
    /// Only of these kinds.
    #[serde(default)]
    #[schema(example = json!(["not-in-group"]))]
    kinds: Vec<String>,
    /// Only say what would be done.
    #[serde(default)]
    #[schema(default = false)]
    pub(super) dry_run: bool,
}

impl CreateDriftRepair {
    /// Which items, or everything that is wrong with the body.
    pub(super) fn read(&self, api: &Api) -> Result<DriftFilter, Problem> {
        let mut faults = Vec::new();
        let mut keep = |fault: Fault| faults.push(fault);
        let mut filter = DriftFilter::default();
        if let Some(items) = &self.items {
            if items.is_empty() || items.len() > ITEMS_MAX {
                let n = items.len();
                let why =
                    format!("has {n} ids: give 1 to {ITEMS_MAX}, or leave it out to mean all");
                keep(Fault::in_body("/items", why));
            }
            filter.ids = Some(items.iter().cloned().map(DriftItemId::new).collect());
        }
        match self.cache.as_deref().map(|text| cache_named(api, text)).transpose() {
            Ok(cache) => filter.cache = cache,
            Err(fault) => keep(fault),
        }
        match self.tenant.as_deref().map(TenantName::parse).transpose() {
            Ok(tenant) => filter.tenant = tenant,
            Err(error) => keep(Fault::in_body("/tenant", error.to_string())),
        }
        for (index, text) in self.kinds.iter().enumerate() {
            match text.parse::<DriftKind>() {
                Ok(kind) => filter.kinds.push(kind),
                Err(error) => {
                    keep(Fault::in_body(format!("/kinds/{index}"), error.to_string()));
                }
            }
        }
        if faults.is_empty() { Ok(filter) } else { Err(refused(faults)) }
    }

    /// Refuses ids that no item has: one with a typing error must not look like a repair.
    pub(super) fn refuse_unknown(&self, known: &[DriftItemId]) -> Result<(), Problem> {
        let items = self.items.iter().flatten().enumerate();
        let unknown = items.filter(|(_, id)| !known.iter().any(|known| known.as_str() == *id));
        let fault = |(index, _)| {
            let why = "is no item that the other members leave; GET /drift lists them";
            Fault::in_body(format!("/items/{index}"), why)
        };
        let faults: Vec<Fault> = unknown.map(fault).collect();
        if faults.is_empty() { Ok(()) } else { Err(refused(faults)) }
    }
}

/// A configured cache.
pub(super) fn cache_named(api: &Api, text: &str) -> Result<CacheName, Fault> {
    let at = |why: String| Fault::in_body("/cache", why);
    let name = CacheName::parse(text).map_err(|error| at(error.to_string()))?;
    if api.caches.get(&name).is_none() {
        return Err(at(format!("no cache named {name} is configured; GET /caches lists them")));
    }
    Ok(name)
}
