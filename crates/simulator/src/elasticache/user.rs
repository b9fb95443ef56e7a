use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::authentication::Authentication;
use super::engine_type::EngineType;
use super::names::{UserGroupId, UserId};
use super::phase::{Ended, Phase};
use super::refusal::Refusal;
use super::tags::Tags;
use super::xml::Element;

/// The name of the user that clients are before they log in.
pub(crate) const DEFAULT_USER_NAME: &str = "default";

/// A user, as the API shows it and as the engines know it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct User {
    pub(crate) id: UserId,
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) engine: EngineType,
    /// What was asked for last. The API shows this, also while it is not in force yet.
    pub(crate) wanted: Rights,
    /// What the engines enforce. Follows `wanted` when a change is done.
    pub(crate) in_force: Option<Rights>,
    pub(crate) phase: Phase<()>,
    /// Until when a change of a group this user is in keeps it `modifying`.
    pub(crate) locked_until: Option<Timestamp>,
    pub(crate) tags: Tags,
    /// From when on the user can be found.
    pub(crate) visible_from: Timestamp,
}

/// What a user may do, and how it proves who it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Rights {
    pub(crate) access_string: String,
    pub(crate) authentication: Authentication,
}

impl User {
    /// The user every account has from the start: anyone, and they may do anything.
    pub(crate) fn stock_default(arn: String) -> Self {
        let rights = Rights {
            access_string: "on ~* +@all".to_owned(),
            authentication: Authentication::NoPassword,
        };
        Self {
            id: UserId::stock_default(),
            name: DEFAULT_USER_NAME.to_owned(),
            arn,
            engine: EngineType::Redis,
            wanted: rights.clone(),
            in_force: Some(rights),
            phase: Phase::Quiet,
            locked_until: None,
            tags: Tags::default(),
            visible_from: Timestamp::MIN,
        }
    }

    pub(crate) fn status(&self) -> &'static str {
        if self.phase.is_quiet() && self.locked_until.is_some() {
            "modifying"
        } else {
            self.phase.word("active")
        }
    }

    pub(crate) fn is_active(&self) -> bool {
        self.phase.is_quiet() && self.locked_until.is_none()
    }

    pub(crate) fn require_active(&self) -> Result<(), Refusal> {
        if self.is_active() { Ok(()) } else { Err(Refusal::user_state(&self.id, self.status())) }
    }

    pub(crate) fn is_default(&self) -> bool {
        self.name == DEFAULT_USER_NAME
    }

    pub(crate) fn lock_until(&mut self, until: Timestamp) {
        self.locked_until = self.locked_until.max(Some(until));
    }

    /// Does what is due. A user whose deletion is due asks to be dropped.
    pub(crate) fn settle(&mut self, now: Timestamp) -> Settled {
        let unlocked = self.locked_until.take_if(|until| *until <= now).is_some();
        match self.phase.end(now) {
            Some(Ended::Created | Ended::Modified(())) => {
                self.in_force = Some(self.wanted.clone());
                Settled::Changed
            }
            Some(Ended::Deleted) => Settled::Gone,
            None if unlocked => Settled::Changed,
            None => Settled::Same,
        }
    }

    pub(crate) fn due(&self) -> Option<Timestamp> {
        [self.phase.due(), self.locked_until].into_iter().flatten().min()
    }

    pub(crate) fn element(&self, groups: Vec<&UserGroupId>) -> Element {
        let Rights { access_string, authentication } = &self.wanted;
        let mut shown = vec![Element::text("Type", authentication.word())];
        if let Authentication::Password { hashes } = authentication {
            shown.push(Element::text("PasswordCount", hashes.len()));
        }
        Element::parent(
            "User",
            vec![
                Element::text("UserId", &self.id),
                Element::text("UserName", &self.name),
                Element::text("Status", self.status()),
                Element::text("Engine", self.engine),
                Element::text("MinimumEngineVersion", self.engine.minimum_version()),
                Element::text("AccessString", access_string),
                Element::texts("UserGroupIds", "member", groups),
                Element::parent("Authentication", shown),
                Element::text("ARN", &self.arn),
            ],
        )
    }
}

/// What looking at what is due has done to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Settled {
    Same,
    Changed,
    Gone,
}
