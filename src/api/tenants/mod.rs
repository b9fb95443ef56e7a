//! Operations on tenants, one file each, and what they share.

pub(super) mod create;
pub(super) mod credentials;
pub(super) mod delete;
pub(super) mod get;
pub(super) mod list;
pub(super) mod patch;

mod answer;
mod auth_change_view;
mod auth_text;
mod candidates;
mod create_body;
mod credentials_view;
mod dry_run;
mod engine_text;
mod path;
mod placement;
mod plan_view;
mod purge_view;
mod target;
mod user_body;
mod user_view;
mod view;
mod wait;

pub use self::placement::Placement;
pub(super) use self::{
    auth_text::AuthText,
    create::{create_in, reserve},
    create_body::CreateTenant,
    delete::remove,
    dry_run::TenantOrPlan,
    engine_text::EngineText,
    get::show_unless_known,
    list::{ListTenants, TenantPage, list_in},
    path::{
        ServiceAtPath, ServiceViewAtPath, SessionAtPath, TenantAtPath, UserAtPath, UserNameAtPath,
    },
    target::target,
    user_body::{RightsText, user_spec},
    user_view::UserView,
    view::{StatusView, TenantView},
    wait::wait_until,
};
