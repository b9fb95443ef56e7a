//! Operations on access profiles, one file each, and what they share.

pub(super) mod get;
pub(super) mod list;

mod view;
