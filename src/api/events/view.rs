//! An event as callers see it.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::{Outcome, RecordedEvent};

/// Something that happened. It never holds a secret.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventView {
    /// Its place in the record, one more than that of the event before it.
    #[schema(example = 4711, minimum = 1)]
    sequence: u64,
    /// When it happened.
    at: Timestamp,
    /// What happened. New kinds may come.
    #[schema(example = "credentials.read")]
    kind: String,
    /// How it ended.
    outcome: OutcomeText,
    /// On whose word: `service`, `command`, `anonymous`, `token:ID:NAME` or `subject:ISSUER#SUBJECT`.
    #[schema(example = "anonymous")]
    actor: String,
    /// The request that caused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    request_id: Option<String>,
    /// The tenant, service or session that it happened to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "acme")]
    tenant: Option<String>,
    /// Which life of the tenant. One that is made again under its name has another.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    tenant_id: Option<Uuid>,
    /// The user of the tenant that it happened to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "main")]
    user: Option<String>,
    /// The fleet rotation that it happened to, or because of.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    fleet_rotation: Option<Uuid>,
    /// The cache, where it happened to something that belongs to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "main")]
    cache: Option<String>,
    /// The id of what it is about: a rotation, an attestation, a drift item.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    subject: Option<String>,
    /// What else there is to say: the phase, the verdict, the reason. Empty if there is nothing.
    detail: String,
    /// The SHA-256 of this event and of the hash of the one before it, in hexadecimal digits.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    hash: String,
}

/// How something ended.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum OutcomeText {
    /// It has happened, or was taken on, as it was meant.
    Success,
    /// Something went otherwise than it should.
    Failure,
    /// Whoever asked for it was not let do it.
    Refused,
}

impl From<&RecordedEvent> for EventView {
    fn from(event: &RecordedEvent) -> Self {
        let tenant = event.tenant.as_ref();
        Self {
            sequence: event.sequence,
            at: event.at,
            kind: event.kind.clone(),
            outcome: event.outcome.into(),
            actor: event.cause.actor.to_string(),
            request_id: event.cause.request.as_ref().map(|request| request.0.clone()),
            tenant: tenant.map(|(_, name)| name.to_string()),
            tenant_id: tenant.map(|(id, _)| id.0),
            user: event.user.as_ref().map(ToString::to_string),
            fleet_rotation: event.fleet.map(|fleet| fleet.0),
            cache: event.cache.as_ref().map(ToString::to_string),
            subject: event.subject.clone(),
            detail: event.detail.clone(),
            hash: event.hash.to_string(),
        }
    }
}

impl EventView {
    /// The event as one line of text, without an end of line.
    pub(crate) fn line(&self) -> String {
        serde_json::to_string(self).expect("an event is text, numbers and a time")
    }

    /// An event for the API document.
    pub(super) fn example() -> Self {
        Self {
            sequence: 4711,
            at: Timestamp::constant(1_795_292_109, 0),
            kind: "credentials.read".to_owned(),
            outcome: OutcomeText::Success,
            actor: "anonymous".to_owned(),
            request_id: Some("01a2001e-33c4-7e40-8f1a-0000000000d1".to_owned()),
            tenant: Some("acme".to_owned()),
            tenant_id: Some(Uuid::from_u128(0x01a2_001e_33c4_7e40_8f1a_0000_0000_00a1)),
            user: Some("main".to_owned()),
            fleet_rotation: None,
            cache: None,
            subject: None,
            detail: String::new(),
            hash: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned(),
        }
    }
}

impl From<Outcome> for OutcomeText {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Success => Self::Success,
            Outcome::Failure => Self::Failure,
            Outcome::Refused => Self::Refused,
        }
    }
}
