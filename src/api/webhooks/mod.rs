//! Operations on webhooks, one file each.

pub(super) mod create;
pub(super) mod create_redelivery;
pub(super) mod create_secret;
pub(super) mod create_test;
pub(super) mod delete;
pub(super) mod get;
pub(super) mod list;
pub(super) mod list_deliveries;
pub(super) mod patch;

mod body;
mod delivery_view;
mod path;
mod secret_view;
mod told_secret;
mod view;
