//! A selector as it stands in requests and answers.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    api::{
        Api,
        extract::{given, json_pointer},
        problem::Fault,
    },
    domain::{CacheName, FleetSelector, Labels, LabelsError, Profile, ProfileName, TenantName},
};

/// Which users of tenants and services; all that is given must be met. `{}` is all users. Of these,
/// it takes the users that have been active and are not being deleted.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FleetSelector)]
pub(crate) struct SelectorBody {
    /// Only users in this cache.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "main")]
    cache: Option<String>,
    /// Only users with this profile.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "read-write")]
    profile: Option<String>,
    /// Only users whose tenant carries all of these labels.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(example = json!({"team": "checkout"}))]
    labels: BTreeMap<String, String>,
    /// Only users of these tenants and services; 1 to 1000 names.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_items = 1, max_items = 1000, example = json!(["acme", "globex"]))]
    tenants: Option<Vec<String>>,
    /// Only users whose password was made before this.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    rotated_before: Option<Timestamp>,
}

impl SelectorBody {
    /// A selector for the API document.
    pub(super) fn example() -> Self {
        let labels = BTreeMap::from([("team".to_owned(), "checkout".to_owned())]);
        Self { labels, ..Self::default() }
    }

    /// The selector, or everything that is wrong with it.
    pub(super) fn read(&self, api: &Api) -> Result<FleetSelector, Vec<Fault>> {
        let mut faults = Vec::new();
        let selector = FleetSelector {
            cache: self.cache(api).unwrap_or_else(|fault| unread(&mut faults, fault)),
            profile: self.profile(api).unwrap_or_else(|fault| unread(&mut faults, fault)),
            labels: self.labels().unwrap_or_else(|fault| unread(&mut faults, fault)),
            tenants: self.tenants().unwrap_or_else(|found| {
                faults.extend(found);
                None
            }),
            rotated_before: self.rotated_before,
        };
        if faults.is_empty() { Ok(selector) } else { Err(faults) }
    }

    fn cache(&self, api: &Api) -> Result<Option<CacheName>, Fault> {
        let at = |why: String| Fault::in_body("/selector/cache", why);
        let Some(text) = &self.cache else { return Ok(None) };
        let name = CacheName::parse(text).map_err(|error| at(error.to_string()))?;
        if api.caches.get(&name).is_none() {
            return Err(at(format!("no cache named {name} is configured; GET /caches lists them")));
        }
        Ok(Some(name))
    }

    fn profile(&self, api: &Api) -> Result<Option<ProfileName>, Fault> {
        let found = self.profile.as_deref().map(|text| api.profiles.find(text).map(Profile::name));
        let at =
            |error: &dyn std::error::Error| Fault::in_body("/selector/profile", error.to_string());
        Ok(found.transpose().map_err(|error| at(&error))?.cloned())
    }

    fn labels(&self) -> Result<Labels, Fault> {
        Labels::try_from(self.labels.clone()).map_err(|error| {
            let place = match &error {
                LabelsError::TooMany { .. } => "/selector/labels".to_owned(),
                LabelsError::BadKey { key } | LabelsError::BadValue { key } => {
                    json_pointer("/selector/labels", key)
                }
            };
            Fault::in_body(place, error.to_string())
        })
    }

    fn tenants(&self) -> Result<Option<Vec<TenantName>>, Vec<Fault>> {
        let Some(texts) = &self.tenants else { return Ok(None) };
        if texts.is_empty() || texts.len() > FleetSelector::TENANTS_MAX {
            let (n, max) = (texts.len(), FleetSelector::TENANTS_MAX);
            let why = format!("has {n} names: give 1 to {max}, or leave it out to mean all");
            return Err(vec![Fault::in_body("/selector/tenants", why)]);
        }
        let (mut names, mut faults) = (Vec::with_capacity(texts.len()), Vec::new());
        for (index, text) in texts.iter().enumerate() {
            match TenantName::parse(text) {
                Ok(name) => names.push(name),
                Err(error) => faults.push(at_tenant(index, error.to_string())),
            }
        }
        if faults.is_empty() { Ok(Some(names)) } else { Err(faults) }
    }
}

/// The names that nobody has. A name with a typing error must not look like a password rotated.
pub(super) fn at_unknown(names: &[TenantName], unknown: &[TenantName]) -> Vec<Fault> {
    let of_unknown = names.iter().enumerate().filter(|(_, name)| unknown.contains(name));
    let fault =
        |(index, name)| at_tenant(index, format!("there is no tenant or service named {name}"));
    of_unknown.map(fault).collect()
}

fn at_tenant(index: usize, why: String) -> Fault {
    Fault::in_body(format!("/selector/tenants/{index}"), why)
}

fn unread<T: Default>(faults: &mut Vec<Fault>, fault: Fault) -> T {
    faults.push(fault);
    T::default()
}

impl From<&FleetSelector> for SelectorBody {
    fn from(selector: &FleetSelector) -> Self {
        let names = |names: &Vec<TenantName>| names.iter().map(ToString::to_string).collect();
        Self {
            cache: selector.cache.as_ref().map(ToString::to_string),
            profile: selector.profile.as_ref().map(ToString::to_string),
            labels: selector.labels.as_map().clone(),
            tenants: selector.tenants.as_ref().map(names),
            rotated_before: selector.rotated_before,
        }
    }
}
