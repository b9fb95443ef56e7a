//! A rotation as callers see it.

use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::evidence::Evidence;
use crate::{
    api::{fleet_rotations::fleet_path, problem::TenantProblemView},
    domain::{Rotation, RotationMode, RotationPhase, RotationStatus, Tenant},
};

/// The replacement of a user's password.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Rotation)]
pub(crate) struct RotationView {
    /// Its id.
    id: Uuid,
    /// The user within the tenant.
    #[schema(example = "main")]
    user: String,
    /// The path of the fleet rotation that started it, if one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "uri-reference")]
    fleet_rotation: Option<String>,
    /// `overlap`: the old password goes on working for its grace. `emergency`: it is retired at once,
    /// and open connections are cut.
    #[schema(example = "overlap")]
    mode: &'static str,
    /// Who began it: `request`: somebody asked for it. `schedule`: the password had become old enough.
    #[schema(example = "request")]
    started_by: &'static str,
    /// `running`: on its way. `grace`: both passwords work until the old one is retired. `completed`:
    /// the new password is the only one. `cancelled`: the old one is. `failed`: a person has to look;
    /// `problem` says at what.
    #[schema(example = "grace")]
    status: &'static str,
    /// The step under way, for people: `queued`, `creating`, `setting`, `testing`, `finishing`, `grace`,
    /// `retiring`, `proving`, `cutting`, `rejoining`, `completed`, `reverting`, `discarding`,
    /// `cancelled`, `failed`.
    #[schema(example = "grace")]
    phase: &'static str,
    /// Since when that step is under way.
    phase_since: Timestamp,
    /// Why it was asked for, if somebody said.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    reason: Option<String>,
    /// How long the old password goes on working after the new one is `AWSCURRENT`, in seconds.
    #[schema(example = 3600)]
    grace_seconds: u64,
    /// When that ends; absent until the new password is `AWSCURRENT`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    grace_ends_at: Option<Timestamp>,
    /// What has to be so beside the time before the old password is retired: `time`: nothing. `acks`:
    /// all of `expected_consumers` have acknowledged. `manual`: somebody has asked for it.
    #[schema(example = "time")]
    retire_when: &'static str,
    /// Who has to acknowledge the new password.
    expected_consumers: Vec<String>,
    /// Who has.
    acknowledged: Vec<AcknowledgementView>,
    /// The day (UTC) on which the old password was last read from Secrets Manager, which tells no more
    /// than the day. Ringfence reads it too, on the days of the steps. A later day means that some
    /// consumer asks for `AWSPREVIOUS`. Absent in lists, before the new password is `AWSCURRENT`, and
    /// when AWS does not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<String>, format = Date, example = "2026-11-21")]
    old_password_last_read_on: Option<Date>,
    /// How many of the user's connections were opened before the new password was `AWSCURRENT`, to a
    /// second. They go on when the old password is retired; when they are closed, their owners need the
    /// new one. Absent in lists, before the promotion, and without the setting `connection_observer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 3)]
    old_connections: Option<u64>,
    /// Why that cannot be told, if it was to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    old_connections_unknown: Option<String>,
    steps: StepsView,
    /// What stands in the way, if anything does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    problem: Option<TenantProblemView>,
    /// When it was asked for.
    created_at: Timestamp,
    /// When it last changed.
    updated_at: Timestamp,
}

/// When each step was done; those that were not are absent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RotationSteps)]
struct StepsView {
    /// The new password was put into Secrets Manager as `AWSPENDING`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    create: Option<Timestamp>,
    /// ElastiCache accepted both passwords.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    set: Option<Timestamp>,
    /// A login with the new password succeeded on every node, and the fence held.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    test: Option<Timestamp>,
    /// The new password became `AWSCURRENT`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    finish: Option<Timestamp>,
    /// A login with the old password was refused on every node.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    retire: Option<Timestamp>,
}

/// A consumer's word that it uses the new password.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RotationAcknowledgement)]
struct AcknowledgementView {
    /// Who.
    #[schema(example = "checkout")]
    consumer: String,
    /// When.
    at: Timestamp,
}

impl RotationView {
    /// A rotation for the API document.
    pub(super) fn example(phase: RotationPhase) -> Self {
        // 2026-11-21T20:15:00Z
        let created_at = Timestamp::constant(1_795_292_100, 0);
        let at = |seconds| Some(created_at + SignedDuration::from_secs(seconds));
        let is_promoted = phase.status() == RotationStatus::Grace;
        let is_over = phase == RotationPhase::Completed;
        let from = |is_done: bool, seconds| if is_done { at(seconds) } else { None };
        Self {
            id: Uuid::from_u128(0x01a2_001e_33c4_7e40_8f1a_e2ad_052b_5067),
            user: "main".to_owned(),
            fleet_rotation: None,
            mode: "overlap",
            started_by: "request",
            status: phase.status().as_str(),
            phase: phase.as_str(),
            phase_since: created_at + SignedDuration::from_secs(4),
            reason: None,
            grace_seconds: 7200,
            grace_ends_at: from(is_promoted || is_over, 7204),
            retire_when: "time",
            expected_consumers: Vec::new(),
            acknowledged: Vec::new(),
            old_password_last_read_on: None,
            old_connections: None,
            old_connections_unknown: None,
            steps: StepsView {
                create: from(is_promoted || is_over, 1),
                set: from(is_promoted || is_over, 2),
                test: from(is_promoted || is_over, 3),
                finish: from(is_promoted || is_over, 4),
                retire: from(is_over, 7210),
            },
            problem: None,
            created_at,
            updated_at: created_at + SignedDuration::from_secs(4),
        }
    }

    /// The same, with what was found out of the old password.
    pub(super) fn with_evidence(mut self, evidence: Evidence) -> Self {
        self.old_password_last_read_on = evidence.last_read_on;
        match evidence.old_connections {
            Some(Ok(count)) => self.old_connections = Some(count),
            Some(Err(why)) => self.old_connections_unknown = Some(why),
            None => {}
        }
        self
    }

    /// A rotation of one of the tenant's users.
    pub(super) fn of(tenant: &Tenant, rotation: &Rotation) -> Self {
        let user = tenant.users().find(|user| user.id == rotation.user);
        let (mode, grace_seconds, retire_when, expected_consumers) = match &rotation.mode {
            RotationMode::Emergency => ("emergency", 0, "time", Vec::new()),
            RotationMode::Overlap { grace, gate } => {
                let expected = gate.expected().iter().map(ToString::to_string).collect();
                ("overlap", grace.as_secs(), gate.kind().as_str(), expected)
            }
        };
        let acknowledged = rotation.acknowledged.iter();
        Self {
            id: rotation.id.0,
            user: user.map(|user| user.name.to_string()).unwrap_or_default(),
            fleet_rotation: rotation.fleet.map(fleet_path),
            mode,
            started_by: rotation.origin.as_str(),
            status: rotation.phase.status().as_str(),
            phase: rotation.phase.as_str(),
            phase_since: rotation.phase_since,
            reason: rotation.reason.as_ref().map(|reason| reason.as_str().to_owned()),
            grace_seconds,
            grace_ends_at: rotation.grace_ends_at(),
            retire_when,
            expected_consumers,
            acknowledged: acknowledged
                .map(|ack| AcknowledgementView { consumer: ack.consumer.to_string(), at: ack.at })
                .collect(),
            old_password_last_read_on: None,
            old_connections: None,
            old_connections_unknown: None,
            steps: StepsView {
                create: rotation.done.created_at,
                set: rotation.done.set_at,
                test: rotation.done.tested_at,
                finish: rotation.done.finished_at,
                retire: rotation.done.retired_at,
            },
            problem: user
                .zip(rotation.problem.as_ref())
                .map(|(user, problem)| TenantProblemView::of(user, problem)),
            created_at: rotation.created_at,
            updated_at: rotation.updated_at,
        }
    }
}
