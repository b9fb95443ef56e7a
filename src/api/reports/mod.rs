//! Reports over all tenants, one file each.

pub(super) mod cost;

mod cost_view;
