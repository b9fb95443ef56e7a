//! The record of what happened: in pages, as it happens, or as one long answer.

pub(super) mod list;
mod reading;
mod representation;
mod view;
mod wanted;

pub(crate) use self::view::EventView;
