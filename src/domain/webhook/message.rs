//! What is sent.

use std::{fmt, str::FromStr};

use serde::Serialize;

use super::Notice;
use crate::domain::{CacheName, InstallationId, LocalUserName, RecordedEvent, TierKind};

/// The id of a message: that of its event, so that a receiver knows what it has had. Of an event there is
/// one message, whoever gets it and however often.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MessageId(String);

impl MessageId {
    /// The id of the message about an event. The sequence alone would come again in a database that was
    /// restored from a backup.
    #[must_use]
    pub fn of(event: &RecordedEvent) -> Self {
        let hash = event.hash.to_string();
        Self(format!("evt_{}_{}", event.sequence, &hash[..16]))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for MessageId {
    type Err = NotAMessage;

    fn from_str(text: &str) -> Result<Self, NotAMessage> {
        let is_ours = text.starts_with("evt_")
            && text.len() <= 64
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if is_ours { Ok(Self(text.to_owned())) } else { Err(NotAMessage) }
    }
}

/// A text that is no [`MessageId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no id of a message")]
pub struct NotAMessage;

/// A message in the JSON format of `CloudEvents` 1.0
/// (<https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md>).
#[derive(Serialize)]
struct Message<'a> {
    specversion: &'static str,
    id: String,
    source: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    time: String,
    datacontenttype: &'static str,
    data: Data<'a>,
}

/// Ids and words of which there are few. What a person has written is left out: nobody knows what it holds.
#[derive(Serialize)]
struct Data<'a> {
    sequence: u64,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rotation_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attestation_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    drift_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    webhook_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
}

/// The body of the message about an event. If it is about a tenant, `tier` says of which kind.
#[must_use]
#[expect(clippy::missing_panics_doc, reason = "text and numbers can always be written as JSON")]
pub fn cloud_event(
    event: &RecordedEvent,
    notice: Notice,
    tier: TierKind,
    sender: &InstallationId,
) -> String {
    let message = Message {
        specversion: "1.0",
        id: MessageId::of(event).0,
        source: format!("urn:ringfence:{}", sender.as_str()),
        kind: format!("ringfence.{notice}"),
        subject: subject(event, notice, tier),
        time: event.at.to_string(),
        datacontenttype: "application/json",
        data: data(event, notice),
    };
    serde_json::to_string(&message).expect("a message is text and numbers")
}

/// The tenant, service or session, or else the cache, by its path in the API. Of a session with full access
/// it is the cache that is opened: the session's own name leads nowhere once it is over.
fn subject(event: &RecordedEvent, notice: Notice, tier: TierKind) -> Option<String> {
    let is_of_session = matches!(notice, Notice::BreakGlassOpened | Notice::BreakGlassClosed);
    let tenant = event.tenant.as_ref().filter(|_| !is_of_session);
    match (tenant, &event.cache) {
        (Some((_, tenant)), _) => Some(match tier {
            TierKind::Tenant => format!("tenants/{tenant}"),
            TierKind::Service => format!("services/{tenant}"),
            TierKind::BreakGlass => format!("break-glass/{tenant}"),
        }),
        (None, Some(cache)) => Some(format!("caches/{cache}")),
        (None, None) => None,
    }
}

fn data(event: &RecordedEvent, notice: Notice) -> Data<'_> {
    use Notice::{
        BreakGlassClosed, BreakGlassOpened, CredentialRetiring, CredentialRotated, DriftFound,
        DriftRepaired, IsolationLeaky, TenantBlocked, TenantDeleted, TenantProvisioned,
        TenantSuspended, Test,
    };
    let subject = event.subject.as_deref();
    let data = Data {
        sequence: event.sequence,
        outcome: event.outcome.as_str(),
        tenant_id: event.tenant.as_ref().map(|(id, _)| id.to_string()),
        tenant: event.tenant.as_ref().map(|(_, name)| name.as_str()),
        user: event.user.as_ref().map(LocalUserName::as_str),
        cache: event.cache.as_ref().map(CacheName::as_str),
        rotation_id: None,
        attestation_id: None,
        drift_id: None,
        webhook_id: None,
        reason: None,
        request_id: event.cause.request.as_ref().map(|request| request.0.as_str()),
    };
    let detail = Some(event.detail.as_str()).filter(|detail| !detail.is_empty());
    match notice {
        CredentialRotated | CredentialRetiring => Data { rotation_id: subject, ..data },
        IsolationLeaky => Data { attestation_id: subject, ..data },
        DriftFound | DriftRepaired => Data { drift_id: subject, reason: detail, ..data },
        TenantBlocked => Data { reason: detail, ..data },
        Test => Data { webhook_id: subject, ..data },
        TenantProvisioned | TenantSuspended | TenantDeleted | BreakGlassOpened
        | BreakGlassClosed => data,
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::domain::{Cause, EventHash, Outcome};

    /// Why somebody opens a session is written by a person, who may have put anything into it.
    #[test]
    fn a_message_holds_ids_and_nothing_that_a_person_has_written() {
        let event = RecordedEvent {
            sequence: 7,
            at: Timestamp::UNIX_EPOCH,
            kind: "break-glass.opened".to_owned(),
            outcome: Outcome::Success,
            cause: Cause::SERVICE,
            tenant: Some((
                crate::domain::TenantId(uuid::Uuid::nil()),
                crate::domain::TenantName::parse("break-glass-ab").unwrap(),
            )),
            user: None,
            fleet: None,
            cache: Some(crate::domain::CacheName::parse("main").unwrap()),
            subject: None,
            detail: "the password is hunter2".to_owned(),
            hash: EventHash([0xab; 32]),
        };
        let sender = InstallationId::new("blue".to_owned());
        let body = cloud_event(&event, Notice::BreakGlassOpened, TierKind::BreakGlass, &sender);
        let expected = "{\"specversion\":\"1.0\",\"id\":\"evt_7_abababababababab\",\
             \"source\":\"urn:ringfence:blue\",\"type\":\"ringfence.break-glass.opened\",\
             \"subject\":\"caches/main\",\"time\":\"1970-01-01T00:00:00Z\",\
             \"datacontenttype\":\"application/json\",\
             \"data\":{\"sequence\":7,\"outcome\":\"success\",\
             \"tenant_id\":\"00000000-0000-0000-0000-000000000000\",\
             \"tenant\":\"break-glass-ab\",\"cache\":\"main\"}}";
        assert_eq!(body, expected);
        let id = MessageId::of(&event);
        assert_eq!(id.as_str().parse(), Ok(id));
    }
}
