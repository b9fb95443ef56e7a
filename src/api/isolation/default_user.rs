//! What is wrong with a `default` user, as callers see it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::acl::SeverityView,
    domain::{DefaultUserFinding, GroupMember},
};

/// What is wrong with the user `default` of a group. Connections that never log in are that user's,
/// and so are those that send `RESET`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DefaultUserFinding)]
pub(crate) struct DefaultUserView {
    /// `open-default-user`: whoever reaches the port has its rights. `default-user-on`: it is on,
    /// but needs a password or has no rights.
    #[schema(example = "open-default-user")]
    code: &'static str,
    severity: SeverityView,
    /// `UserId` in ElastiCache.
    #[schema(example = "default")]
    user_id: String,
    /// What is the matter, and what to do.
    explanation: &'static str,
}

impl DefaultUserView {
    /// What is wrong with this user, if it is a `default` one and something is.
    pub(crate) fn of(user: &GroupMember) -> Option<Self> {
        let finding = user.default_user_finding()?;
        Some(Self {
            code: finding.code(),
            severity: match finding {
                DefaultUserFinding::Open => SeverityView::Error,
                DefaultUserFinding::On => SeverityView::Warning,
            },
            user_id: user.id.to_string(),
            explanation: finding.explanation(),
        })
    }
}
