//! A user: what it should be, and what is in force.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::authentication::Authentication;
use super::engine_type::EngineType;
use super::life::{Ended, Life};
use super::names::{UserGroupId, UserId};
use super::refusal::Refusal;
use super::settle::Settled;
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
    /// Locked by changes of the groups it is in.
    pub(crate) life: Life<()>,
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
            life: Life::quiet(),
            tags: Tags::default(),
            visible_from: Timestamp::MIN,
        }
    }

    pub(crate) fn status(&self) -> &'static str {
        self.life.status("active")
    }

    pub(crate) fn require_active(&self) -> Result<(), Refusal> {
        if self.life.is_quiet() {
            return Ok(());
        }
        Err(Refusal::user_state(&self.id, self.status()))
    }

    pub(crate) fn is_default(&self) -> bool {
        self.name == DEFAULT_USER_NAME
    }

    /// Does what is due.
    pub(crate) fn settle(&mut self, now: Timestamp) -> Option<Settled> {
        match self.life.end(now)? {
            Ended::Creation | Ended::Change(()) => {
                self.in_force = Some(self.wanted.clone());
                Some(Settled::Done)
            }
            Ended::Deletion => Some(Settled::Gone),
        }
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
