//! What `DescribeEvents` tells.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::xml::Element;

/// AWS keeps events for 14 days.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(14 * 24);

/// And here there are no more than so many: the state is saved whole after each change.
const KEPT: usize = 1_000;

/// What has happened to users, groups and caches, oldest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Events {
    last_seq: u64,
    kept: VecDeque<Happened>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Happened {
    pub(crate) seq: u64,
    pub(crate) at: Timestamp,
    pub(crate) source: Source,
    pub(crate) id: String,
    pub(crate) message: String,
}

/// The kinds of things that events are about here. AWS knows more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Source {
    User,
    UserGroup,
    ReplicationGroup,
}

impl Source {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::UserGroup => "user-group",
            Self::ReplicationGroup => "replication-group",
        }
    }
}

impl Events {
    pub(crate) fn note(&mut self, at: Timestamp, source: Source, id: &str, message: &str) {
        self.last_seq += 1;
        let (id, message) = (id.to_owned(), message.to_owned());
        self.kept.push_back(Happened { seq: self.last_seq, at, source, id, message });
        let too_old = at.saturating_sub(KEPT_FOR).unwrap_or(Timestamp::MIN);
        while self.kept.len() > KEPT || self.kept.front().is_some_and(|event| event.at < too_old) {
            self.kept.pop_front();
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Happened> {
        self.kept.iter()
    }
}

impl Happened {
    pub(crate) fn element(&self) -> Element {
        Element::parent(
            "Event",
            vec![
                Element::text("SourceIdentifier", &self.id),
                Element::text("SourceType", self.source.word()),
                Element::text("Message", &self.message),
                Element::text("Date", self.at),
            ],
        )
    }
}
