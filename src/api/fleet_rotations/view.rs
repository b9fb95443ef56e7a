//! A fleet rotation as callers see it.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::selector_body::SelectorBody;
use crate::domain::{
    AskedMode, FleetCounts, FleetReport, FleetState, MaxInFlight, MemberStatus, RetirementGate,
};

/// The replacement of many passwords.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FleetRotation)]
pub(crate) struct FleetRotationView {
    /// Its id.
    id: Uuid,
    /// `running`: members are started as there is room. `paused`: none is started, those on their way
    /// go on. `completed`: all members are over. `cancelled`: none is started any more; those whose new
    /// password had been promoted, or was about to be, go on to their end.
    #[schema(example = "running")]
    state: &'static str,
    /// Why it was asked for.
    #[schema(example = "quarterly")]
    reason: String,
    selector: SelectorBody,
    /// `overlap`: the old passwords go on working for their grace. `emergency`: they are retired at
    /// once, and open connections are cut.
    #[schema(example = "overlap")]
    mode: &'static str,
    /// How long an old password goes on working after the new one is `AWSCURRENT`, in seconds.
    #[schema(example = 3600)]
    grace_seconds: u64,
    /// What has to be so beside the time before an old password is retired: `time`: nothing. `acks`:
    /// all of `expected_consumers` have acknowledged. `manual`: somebody has asked for it. Absent: what
    /// the settings of each cache say.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "time")]
    retire_when: Option<&'static str>,
    /// Who has to acknowledge each new password.
    expected_consumers: Vec<String>,
    /// How many rotations may be on their way at once.
    #[schema(example = 5)]
    max_in_flight: u32,
    members: CountsView,
    /// When it was asked for.
    created_at: Timestamp,
    /// When it, or one of its rotations, last came further.
    updated_at: Timestamp,
}

/// How many members there are, in all and in each status.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = FleetMemberCounts)]
struct CountsView {
    /// In all.
    #[schema(example = 12)]
    total: u64,
    /// Their turn has not come.
    #[schema(example = 4)]
    waiting: u64,
    /// Their rotations are on their way.
    #[schema(example = 3)]
    running: u64,
    /// Both of their passwords work.
    #[schema(example = 4)]
    grace: u64,
    /// Their new password is the only one.
    #[schema(example = 0)]
    completed: u64,
    /// A person has to look at their rotations.
    #[schema(example = 1)]
    failed: u64,
    /// They have kept their old password, because somebody cancelled.
    #[schema(example = 0)]
    cancelled: u64,
    /// When their turn came they were gone or blocked.
    #[schema(example = 0)]
    skipped: u64,
}

impl FleetRotationView {
    /// A fleet rotation for the API document.
    pub(super) fn example(state: FleetState) -> Self {
        // 2026-11-21T20:15:00Z
        let created_at = Timestamp::constant(1_795_292_100, 0);
        let members = match state {
            FleetState::Completed => CountsView { completed: 11, failed: 1, ..CountsView::of(12) },
            FleetState::Cancelled => {
                CountsView { cancelled: 7, grace: 4, failed: 1, ..CountsView::of(12) }
            }
            FleetState::Running | FleetState::Paused => {
                CountsView { waiting: 4, running: 3, grace: 4, failed: 1, ..CountsView::of(12) }
            }
        };
        Self {
            id: Uuid::from_u128(0x01a2_001e_33c4_7e40_8f1a_e2ad_052b_5067),
            state: state.as_str(),
            reason: "quarterly".to_owned(),
            selector: SelectorBody::example(),
            mode: "overlap",
            grace_seconds: 3600,
            retire_when: None,
            expected_consumers: Vec::new(),
            max_in_flight: MaxInFlight::default().get(),
            members,
            created_at,
            updated_at: created_at + SignedDuration::from_secs(40),
        }
    }
}

impl From<&FleetReport> for FleetRotationView {
    fn from(report: &FleetReport) -> Self {
        let FleetReport { fleet, counts } = report;
        let (mode, grace_seconds, gate) = match &fleet.mode {
            AskedMode::Emergency => ("emergency", 0, Some(&RetirementGate::Time)),
            AskedMode::Overlap { grace, gate } => ("overlap", grace.as_secs(), gate.as_ref()),
        };
        let expected = gate.into_iter().flat_map(RetirementGate::expected);
        Self {
            id: fleet.id.0,
            state: fleet.state.as_str(),
            reason: fleet.reason.as_str().to_owned(),
            selector: SelectorBody::from(&fleet.selector),
            mode,
            grace_seconds,
            retire_when: gate.map(|gate| gate.kind().as_str()),
            expected_consumers: expected.map(ToString::to_string).collect(),
            max_in_flight: fleet.max_in_flight.get(),
            members: CountsView::from(counts),
            created_at: fleet.created_at,
            updated_at: fleet.updated_at,
        }
    }
}

impl CountsView {
    fn of(total: u64) -> Self {
        Self { total, ..Self::default() }
    }
}

impl From<&FleetCounts> for CountsView {
    fn from(counts: &FleetCounts) -> Self {
        Self {
            total: counts.total(),
            waiting: counts.of(MemberStatus::Waiting),
            running: counts.of(MemberStatus::Running),
            grace: counts.of(MemberStatus::Grace),
            completed: counts.of(MemberStatus::Completed),
            failed: counts.of(MemberStatus::Failed),
            cancelled: counts.of(MemberStatus::Cancelled),
            skipped: counts.of(MemberStatus::Skipped),
        }
    }
}
