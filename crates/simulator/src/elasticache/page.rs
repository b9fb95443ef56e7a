//! Pages of a listing.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::ops::Bound;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::parameters::Parameters;
use super::refusal::Refusal;
use super::xml::Element;

/// Which part of a list a request asks for.
#[derive(Debug)]
pub(crate) struct Page {
    after: Option<String>,
    size: usize,
}

impl Page {
    pub(crate) fn requested(parameters: &Parameters) -> Result<Self, Refusal> {
        let size = parameters.integer("MaxRecords")?.unwrap_or(100);
        let size = usize::try_from(size).ok().filter(|size| (20..=100).contains(size)).ok_or_else(
            || Refusal::value("The parameter MaxRecords must be between 20 and 100."),
        )?;
        let after = parameters.get("Marker").map(decode).transpose()?;
        Ok(Self { after, size })
    }

    /// Everything from the beginning of this page on. What lies before it is not looked at.
    pub(crate) fn rest_of<'a, K: Ord + Borrow<str>, V>(
        &self,
        map: &'a BTreeMap<K, V>,
    ) -> impl Iterator<Item = &'a V> + use<'a, K, V> {
        let from = self.after.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        map.range::<str, _>((from, Bound::Unbounded)).map(|(_, item)| item)
    }

    /// Whether an item with this key comes before the page.
    pub(crate) fn has_passed(&self, key: &str) -> bool {
        self.after.as_deref().is_some_and(|after| key <= after)
    }

    /// The page's items as an element called `list`, followed by the marker of the next page if
    /// there is one. `items` are in the order of their keys, from the beginning of the page on.
    pub(crate) fn of(
        self,
        list: &'static str,
        items: impl Iterator<Item = (String, Element)>,
    ) -> Vec<Element> {
        let mut rest = items;
        let page: Vec<_> = rest.by_ref().take(self.size).collect();
        let marker = page.last().map(|(key, _)| URL_SAFE_NO_PAD.encode(key));
        let mut elements =
            vec![Element::parent(list, page.into_iter().map(|(_, element)| element).collect())];
        if rest.next().is_some() {
            elements.extend(marker.map(|marker| Element::text("Marker", marker)));
        }
        elements
    }
}

fn decode(marker: &str) -> Result<String, Refusal> {
    URL_SAFE_NO_PAD
        .decode(marker)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| Refusal::value("The parameter Marker is invalid."))
}
