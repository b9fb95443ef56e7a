//! What is read of a fleet rotation.

use serde::Deserialize;
use serde_json::Value;

use super::{output::Table, waiting::Sight};

#[derive(Debug, Deserialize)]
pub(super) struct Fleet {
    pub(super) id: String,
    pub(super) state: String,
    pub(super) reason: String,
    members: Members,
    created_at: String,
}

#[derive(Clone, Copy, Debug, Deserialize)]
struct Members {
    total: u64,
    waiting: u64,
    running: u64,
    grace: u64,
    failed: u64,
}

impl Fleet {
    /// Whether there is work on it, or may be again.
    pub(super) fn is_open(&self) -> bool {
        ["running", "paused"].contains(&self.state.as_str())
    }

    /// How it looks to one who waits for its end, whichever that is.
    pub(super) fn sight(&self, body: &Value) -> Sight {
        if self.is_open() {
            return Sight::Under(format!("{} {}", self.bar(), self.progress()));
        }
        Sight::Done(body.clone())
    }

    /// How many members it has.
    fn n_members(&self) -> u64 {
        self.members.total
    }

    /// How many of them have a new password, or will not get one.
    fn n_done(&self) -> u64 {
        let Members { total, waiting, running, .. } = self.members;
        total.saturating_sub(waiting + running)
    }

    /// How many of them need a person.
    pub(super) fn n_failed(&self) -> u64 {
        self.members.failed
    }

    /// How far it is, in words.
    pub(super) fn progress(&self) -> String {
        let Members { waiting, running, grace, failed, .. } = self.members;
        format!("{waiting} waiting, {running} running, {grace} in their grace, {failed} failed")
    }

    /// How far it is, as a bar.
    fn bar(&self) -> String {
        const WIDTH: u64 = 20;
        let n_full = (WIDTH * self.n_done()).checked_div(self.n_members()).unwrap_or(WIDTH);
        let bar = (0..WIDTH).map(|place| if place < n_full { '#' } else { '.' });
        format!("[{}] {}/{}", bar.collect::<String>(), self.n_done(), self.n_members())
    }

    pub(super) fn table(&self) -> Table {
        Table::of_one([
            ("fleet rotation", self.id.clone()),
            ("state", self.state.clone()),
            ("reason", self.reason.clone()),
            ("progress", self.bar()),
            ("members", self.progress()),
            ("created", self.created_at.clone()),
        ])
    }

    /// Fleet rotations below each other.
    pub(super) fn list(fleets: &[Self]) -> Table {
        let mut table = Table::new(["FLEET ROTATION", "STATE", "PROGRESS", "FAILED", "REASON"]);
        for fleet in fleets {
            table.row([
                fleet.id.clone(),
                fleet.state.clone(),
                fleet.bar(),
                fleet.members.failed.to_string(),
                fleet.reason.clone(),
            ]);
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fleet(total: u64, waiting: u64) -> Fleet {
        let members = Members { total, waiting, running: 0, grace: 0, failed: 0 };
        let text = || String::new();
        Fleet { id: text(), state: text(), reason: text(), members, created_at: text() }
    }

    #[test]
    fn a_bar_is_full_when_nobody_waits() {
        assert_eq!(fleet(4, 3).bar(), "[#####...............] 1/4");
        assert_eq!(fleet(4, 0).bar(), "[####################] 4/4");
        assert_eq!(fleet(0, 0).bar(), "[####################] 0/0");
    }
}
