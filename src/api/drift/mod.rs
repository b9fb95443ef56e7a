//! Operations on drift, one file each.

pub(super) mod create_repair;
pub(super) mod create_sweep;
pub(super) mod list;

mod repair_body;
mod view;
mod wait;
