//! Operations on rotations, one file each.

pub(super) mod acknowledge;
pub(super) mod cancel;
pub(super) mod create;
pub(super) mod get;
pub(super) mod list;
pub(super) mod retire;

mod answer;
mod path;
mod terms;
mod view;

pub(super) use self::terms::{GateText, ModeText, Terms, refused};
