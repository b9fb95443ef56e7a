//! What is read of a rotation. A service that is newer than this program may tell more.

use serde::Deserialize;
use serde_json::Value;

use crate::{
    cli::client::{output::Table, tenant::Problem, waiting::Sight},
    domain::TenantName,
};

#[derive(Debug, Deserialize)]
pub(super) struct Rotation {
    pub(super) id: String,
    user: String,
    mode: String,
    started_by: String,
    status: String,
    phase: String,
    reason: Option<String>,
    grace_ends_at: Option<String>,
    retire_when: String,
    expected_consumers: Vec<String>,
    acknowledged: Vec<Acknowledgement>,
    problem: Option<Problem>,
    created_at: String,
}

#[derive(Debug, Deserialize)]
struct Acknowledgement {
    consumer: String,
}

/// What is waited for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Goal {
    /// The new password is the one to use; the old one may go on working.
    Promoted,
    /// The new password is the only one.
    Completed,
}

impl Rotation {
    pub(super) fn sight(&self, body: &Value, goal: Goal) -> Sight {
        let problem = self.problem.as_ref().map(Problem::told);
        match (self.status.as_str(), goal) {
            ("grace" | "completed", Goal::Promoted) | ("completed", Goal::Completed) => {
                Sight::Done(body.clone())
            }
            ("cancelled" | "failed", _) => {
                let why = problem.map(|problem| format!(": {problem}")).unwrap_or_default();
                Sight::Ended(format!("is {}{why}", self.status))
            }
            (status, _) => Sight::Under(match problem {
                Some(problem) => format!("{status} ({}): {problem}", self.phase),
                None => format!("{status} ({})", self.phase),
            }),
        }
    }

    /// The rotation as it is told for itself.
    pub(super) fn table(&self, tenant: &TenantName) -> Table {
        let acknowledged = self.acknowledged.iter().map(|ack| ack.consumer.as_str());
        Table::of_one([
            ("rotation", format!("{tenant}/{}", self.id)),
            ("user", self.user.clone()),
            ("status", self.status.clone()),
            ("phase", self.phase.clone()),
            ("problem", self.problem.as_ref().map(Problem::told).unwrap_or_default()),
            ("mode", self.mode.clone()),
            ("started by", self.started_by.clone()),
            ("reason", self.reason.clone().unwrap_or_default()),
            ("grace ends", self.grace_ends_at.clone().unwrap_or_default()),
            ("retire when", self.retire_when.clone()),
            ("consumers", self.expected_consumers.join(", ")),
            ("acknowledged", acknowledged.collect::<Vec<_>>().join(", ")),
            ("created", self.created_at.clone()),
        ])
    }

    /// The rotations of a tenant below each other.
    pub(super) fn list(tenant: &TenantName, rotations: &[Self]) -> Table {
        let headings =
            ["ROTATION", "USER", "STATUS", "MODE", "STARTED BY", "GRACE ENDS", "CREATED"];
        let mut table = Table::new(headings);
        for rotation in rotations {
            table.row([
                format!("{tenant}/{}", rotation.id),
                rotation.user.clone(),
                rotation.status.clone(),
                rotation.mode.clone(),
                rotation.started_by.clone(),
                rotation.grace_ends_at.clone().unwrap_or_default(),
                rotation.created_at.clone(),
            ]);
        }
        table
    }
}
