//! A change of how a tenant's main user proves who it is, as callers see it.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::auth_text::AuthText;
use crate::domain::Tenant;

/// A change from one way to prove who one is to the other, while it lasts: both log in, as two users
/// with the same keys and rights.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuthChange)]
pub(super) struct AuthChangeView {
    /// What goes on until `ends_at`.
    from: AuthText,
    /// What stays.
    to: AuthText,
    /// When it was asked for.
    since: Timestamp,
    /// When `from` ends: the setting `rotation.grace` after `to` could log in for the first time, or after
    /// `since` if that is later. Absent until then.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    ends_at: Option<Timestamp>,
}

impl AuthChangeView {
    /// The change that is under way, if there is one.
    pub(super) fn of(tenant: &Tenant) -> Option<Self> {
        let from = tenant.outgoing.as_ref()?;
        Some(Self {
            from: from.auth.into(),
            to: tenant.main.auth.into(),
            since: from.outgoing?.since,
            ends_at: tenant.outgoing_ends_at(),
        })
    }
}
