//! Operations on fleet rotations, one file each.

pub(super) mod cancel;
pub(super) mod create;
pub(super) mod get;
pub(super) mod list;
pub(super) mod list_members;
pub(super) mod pause;
pub(super) mod resume;
pub(super) mod retire;

mod create_body;
mod member_view;
mod path;
mod selector_body;
mod steer;
mod view;

pub(super) use self::path::fleet_path;
