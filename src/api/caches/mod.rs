//! Operations on caches, one file each, and what they share.

pub(super) mod get;
pub(super) mod list;

mod places_view;
mod view;

pub(super) use self::places_view::PlacesView;
