//! What the findings come to.

use super::{Assessed, DefaultUserFinding, Isolation, Meeting, Owner, Standing};

/// What can be said of the isolation of the tenants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It holds.
    Isolated,
    /// It does not.
    Leaky,
    /// No breach is known, but something could not be looked at.
    Inconclusive,
}

impl Isolation {
    /// Whether tenants cannot reach each other. An open `default` user is a breach, because every
    /// tenant becomes that user by `RESET`.
    #[must_use]
    pub fn between_tenants(&self) -> Verdict {
        let is_open = |user: &Assessed| user.default_user == Some(DefaultUserFinding::Open);
        let meet = self.meetings.iter().any(|meeting| self.n_tenants_in(meeting) == 2);
        self.verdict(meet || self.users.iter().any(is_open), Assessed::is_tenant)
    }

    /// Whether users that are not Ringfence's cannot reach tenants.
    #[must_use]
    pub fn with_foreign_users(&self) -> Verdict {
        let meet = self.meetings.iter().any(|meeting| {
            let is_foreign = |user: &usize| self.users[*user].is_foreign();
            self.n_tenants_in(meeting) == 1 && meeting.users.iter().any(is_foreign)
        });
        self.verdict(meet, Assessed::is_foreign)
    }

    fn verdict(&self, is_breached: bool, is_concerned: impl Fn(&Assessed) -> bool) -> Verdict {
        let mut concerned = self.users.iter().filter(|user| is_concerned(user));
        if is_breached || concerned.clone().any(Assessed::reaches_others) {
            return Verdict::Leaky;
        }
        let is_unknown = |user: &Assessed| matches!(user.standing, Standing::Unreadable(_));
        if !self.is_complete || concerned.any(is_unknown) {
            return Verdict::Inconclusive;
        }
        Verdict::Isolated
    }

    fn n_tenants_in(&self, meeting: &Meeting) -> usize {
        meeting.users.iter().filter(|user| self.users[**user].is_tenant()).count()
    }
}

impl Assessed {
    fn is_tenant(&self) -> bool {
        self.resident.owner.tenant().is_some()
    }

    fn is_foreign(&self) -> bool {
        self.resident.owner == Owner::Foreign
    }

    /// Whether this user reaches others whoever they are.
    fn reaches_others(&self) -> bool {
        self.sees_all_keys || self.sees_all_channels || !self.leaks.is_empty()
    }
}
