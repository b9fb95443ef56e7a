//! Operations on caches, one file each, and what they share.

pub(super) mod default_user_activity;
pub(super) mod get;
pub(super) mod list;

mod activity_view;
mod path;
mod places_view;
mod view;

pub(super) use self::places_view::PlacesView;
