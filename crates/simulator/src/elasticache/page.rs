//! Pages of a listing.

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

    /// The page's items as an element called `list`, followed by the marker of the next page if
    /// there is one. `items` are in the order of their keys.
    pub(crate) fn of(
        self,
        list: &'static str,
        items: impl Iterator<Item = (String, Element)>,
    ) -> Vec<Element> {
        let mut rest =
            items.skip_while(|(key, _)| self.after.as_ref().is_some_and(|after| key <= after));
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
