//! A member of a fleet rotation as callers see it.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    api::problem::TenantProblemView,
    domain::{FleetMember, MemberState, MemberStatus, RotationId, SkipReason, TierKind},
};

/// One user among those whose passwords are replaced.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FleetMember)]
pub(crate) struct MemberView {
    /// Its place among the members, from 1; they are started in this order.
    #[schema(example = 1)]
    position: u32,
    /// The name of its tenant or service.
    #[schema(example = "acme")]
    tenant: String,
    /// Its name within the tenant.
    #[schema(example = "main")]
    user: String,
    /// The cache that it lives in.
    #[schema(example = "main")]
    cache: String,
    /// `waiting`: its turn has not come. `running`, `grace`, `completed`, `failed`, `cancelled`: what
    /// its rotation is; also `cancelled` if its turn was never to come. `skipped`: when its turn came
    /// there was nothing to rotate.
    #[schema(example = "grace")]
    status: &'static str,
    /// The id of its rotation, once it has been started.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    rotation: Option<Uuid>,
    /// The path of its rotation, if it is a tenant's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "uri-reference")]
    rotation_path: Option<String>,
    /// The id of another rotation of the user, whose end it waits for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    waits_for: Option<Uuid>,
    /// Why it was skipped: `gone`: it was deleted, or being deleted. `blocked`: a person has to do
    /// something before any work on it goes on. `suspended`: its tenant is, and no login could prove a
    /// new password.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "blocked")]
    skipped_because: Option<&'static str>,
    /// What stands in the way of its rotation, if anything does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    problem: Option<TenantProblemView>,
}

impl MemberView {
    /// A member for the API document.
    pub(super) fn example() -> Self {
        let rotation = RotationId(Uuid::from_u128(0x01a2_001e_33c4_7e40_8f1a_e2ad_052b_5068));
        Self {
            position: 1,
            tenant: "acme".to_owned(),
            user: "main".to_owned(),
            cache: "main".to_owned(),
            status: MemberStatus::Grace.as_str(),
            rotation: Some(rotation.0),
            rotation_path: Some(format!("/tenants/acme/rotations/{rotation}")),
            waits_for: None,
            skipped_because: None,
            problem: None,
        }
    }
}

impl From<&FleetMember> for MemberView {
    fn from(member: &FleetMember) -> Self {
        let user = &member.user;
        let rotation = match &member.state {
            MemberState::Started(rotation) => Some(rotation),
            _ => None,
        };
        let waits_for = match member.state {
            MemberState::Waiting { behind } => behind,
            _ => None,
        };
        let skipped = match member.state {
            MemberState::Skipped(why) => Some(why),
            _ => None,
        };
        let problem = rotation.and_then(|rotation| rotation.problem.as_ref());
        let of_tenant = rotation.filter(|_| member.tier == TierKind::Tenant);
        Self {
            position: member.position,
            tenant: user.tenant_name.to_string(),
            user: user.name.to_string(),
            cache: user.cache.to_string(),
            status: member.state.status().as_str(),
            rotation: rotation.map(|rotation| rotation.id.0),
            rotation_path: of_tenant
                .map(|rotation| format!("/tenants/{}/rotations/{}", user.tenant_name, rotation.id)),
            waits_for: waits_for.map(|id| id.0),
            skipped_because: skipped.map(SkipReason::as_str),
            problem: problem.map(|problem| TenantProblemView::of(user, problem)),
        }
    }
}
