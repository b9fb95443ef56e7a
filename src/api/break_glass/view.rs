//! A break-glass session as callers see it.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{problem::TenantProblemView, tenants::StatusView},
    domain::{Tenant, Tier},
};

/// Full access to a cache for a person, for a while.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BreakGlassSession)]
pub(in crate::api) struct SessionView {
    /// Its name, which is also what the person logs in with.
    #[schema(example = "break-glass-e2ad052b5067")]
    name: String,
    status: StatusView,
    /// The cache.
    #[schema(example = "main")]
    cache: String,
    /// Why it was opened.
    #[schema(example = "INC-4711: queue of acme is stuck")]
    reason: String,
    /// When it was asked for.
    created_at: Timestamp,
    /// When it ends by itself.
    expires_at: Timestamp,
    /// What stands in the way of opening or closing it, if anything does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    problem: Option<TenantProblemView>,
}

impl SessionView {
    /// A session for the API document.
    pub(super) fn example(status: StatusView) -> Self {
        // 2026-11-21T20:15:00Z
        let created_at = Timestamp::constant(1_795_292_100, 0);
        Self {
            name: "break-glass-e2ad052b5067".to_owned(),
            status,
            cache: "main".to_owned(),
            reason: "INC-4711: queue of acme is stuck".to_owned(),
            created_at,
            expires_at: created_at + SignedDuration::from_mins(60),
            problem: None,
        }
    }

    /// The session, if the tenant is one.
    pub(in crate::api) fn of(tenant: &Tenant) -> Option<Self> {
        let Tier::BreakGlass(session) = &tenant.tier else { return None };
        Some(Self {
            name: tenant.name.to_string(),
            status: tenant.status().into(),
            cache: tenant.cache.to_string(),
            reason: session.reason.as_str().to_owned(),
            created_at: tenant.created_at,
            expires_at: session.expires_at,
            problem: tenant.problem().map(|(user, problem)| TenantProblemView::of(user, problem)),
        })
    }
}
