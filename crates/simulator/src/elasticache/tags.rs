//! Tags, and the window in which they cannot be had.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::parameters::Parameters;
use super::refusal::Refusal;
use super::xml::Element;
use crate::knobs::Quotas;

/// The tags of a resource, and until when they cannot be spoken of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tags {
    tags: BTreeMap<String, String>,
    /// After each tagging call AWS denies for some seconds that the resource exists.
    #[serde(default)]
    pub(crate) unavailable_until: Option<Timestamp>,
}

impl Tags {
    /// The tags a request carries, if they are not too many.
    pub(crate) fn requested(parameters: &Parameters, quotas: &Quotas) -> Result<Self, Refusal> {
        let mut tags = Self::default();
        for [key, value] in parameters.records("Tags.Tag", ["Key", "Value"]) {
            let key = key
                .filter(|key| !key.is_empty())
                .ok_or_else(|| Refusal::missing("Tags.Tag.Key"))?;
            tags.tags.insert(key.to_owned(), value.unwrap_or_default().to_owned());
        }
        tags.within(quotas)?;
        Ok(tags)
    }

    pub(crate) fn add(&mut self, more: Self, quotas: &Quotas) -> Result<(), Refusal> {
        let mut all = self.clone();
        all.tags.extend(more.tags);
        all.within(quotas)?;
        *self = all;
        Ok(())
    }

    pub(crate) fn remove(&mut self, keys: &[&str]) -> Result<(), Refusal> {
        if let Some(missing) = keys.iter().find(|key| !self.tags.contains_key(**key)) {
            return Err(Refusal::tag_not_found(missing));
        }
        self.tags.retain(|key, _| !keys.contains(&key.as_str()));
        Ok(())
    }

    pub(crate) const fn all(&self) -> &BTreeMap<String, String> {
        &self.tags
    }

    pub(crate) fn element(&self) -> Element {
        let tags = self.tags.iter().map(|(key, value)| {
            Element::parent("Tag", vec![Element::text("Key", key), Element::text("Value", value)])
        });
        Element::parent("TagList", tags.collect())
    }

    fn within(&self, quotas: &Quotas) -> Result<(), Refusal> {
        if self.tags.len() > quotas.tags_per_resource {
            return Err(Refusal::new(
                "TagQuotaPerResourceExceeded",
                format!("A resource can have at most {} tags.", quotas.tags_per_resource),
            ));
        }
        Ok(())
    }
}
