//! The record of what happened, written in the transaction that makes it happen.

use std::{borrow::Cow, net::IpAddr};

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{
    Store, StoreError,
    event_chain::{EventRow, append},
    event_kinds::WebhookEvent,
    outbox::post,
    request_traces::remember,
};
use crate::domain::{
    CacheName, CacheUser, Cause, FleetRotation, FleetRotationId, FoundDrift, LocalUserName, Notice,
    Outcome, Tenant, TenantId, TenantName, Tier, TokenId, TokenName, WebhookId,
};

pub(super) use super::event_kinds::{
    DriftEvent, FleetRotationEvent, TenantEvent, TokenEvent, UserEvent,
};

/// One line of the record. Unless it says otherwise, the service by itself is its cause.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    tenant: Option<(TenantId, &'a TenantName)>,
    user: Option<&'a LocalUserName>,
    fleet: Option<FleetRotationId>,
    cache: Option<&'a CacheName>,
    subject: Option<String>,
    kind: Cow<'static, str>,
    outcome: Outcome,
    detail: &'a str,
    cause: &'a Cause,
    /// Of what webhooks are told by it.
    notice: Option<Notice>,
}

static SERVICE: Cause = Cause::SERVICE;

impl<'a> Entry<'a> {
    fn new(kind: impl Into<Cow<'static, str>>, outcome: Outcome, detail: &'a str) -> Self {
        Self {
            tenant: None,
            user: None,
            fleet: None,
            cache: None,
            subject: None,
            kind: kind.into(),
            outcome,
            detail,
            cause: &SERVICE,
            notice: None,
        }
    }

    pub(super) fn of_tenant(tenant: &'a Tenant, event: TenantEvent) -> Self {
        let kind = format!("{}.{}", tenant.kind(), event.verb(tenant.kind()));
        Self {
            tenant: Some((tenant.id, &tenant.name)),
            cache: Some(&tenant.cache),
            notice: event.notice(tenant.kind()),
            ..Self::new(kind, event.outcome(), event.detail(tenant))
        }
    }

    pub(super) fn of_user(user: &'a CacheUser, event: UserEvent) -> Self {
        Self {
            tenant: Some((user.tenant, &user.tenant_name)),
            user: Some(&user.name),
            notice: event.notice(),
            ..Self::new(event.kind(), event.outcome(), event.detail())
        }
    }

    pub(super) fn of_fleet(fleet: &'a FleetRotation, event: FleetRotationEvent) -> Self {
        let detail = match event {
            FleetRotationEvent::Requested => fleet.reason.as_str(),
            _ => "",
        };
        Self { fleet: Some(fleet.id), ..Self::new(event.kind(), Outcome::Success, detail) }
    }

    /// What differs is its owner's, if it has one, and in any case its cache's.
    pub(super) fn of_drift(drift: &'a FoundDrift, event: DriftEvent) -> Self {
        let owner = drift.owner.as_ref();
        let kind = drift.difference.kind;
        Self {
            tenant: owner.map(|owner| (owner.tenant, &owner.tenant_name)),
            user: owner.map(|owner| &owner.user_name),
            cache: Some(&drift.cache),
            notice: event.notice(),
            ..Self::new(event.kind(), event.outcome(), kind.as_str())
        }
        .about(&drift.id())
    }

    pub(super) fn of_token(id: TokenId, name: &'a TokenName, event: TokenEvent) -> Self {
        Self::new(event.kind(), Outcome::Success, name.as_str()).about(&id)
    }

    pub(super) fn of_webhook(webhook: WebhookId, event: WebhookEvent<'a>) -> Self {
        Self { notice: event.notice(), ..Self::new(event.kind(), event.outcome(), event.detail()) }
            .about(&webhook)
    }

    /// Of the oldest events, which are about to be removed.
    pub(super) fn of_removed_events(range: &'a str) -> Self {
        Self::new("audit.removed", Outcome::Success, range)
    }

    /// The same, because of this fleet rotation.
    pub(super) fn within(self, fleet: Option<FleetRotationId>) -> Self {
        Self { fleet, ..self }
    }

    /// The same, about the thing with this id.
    pub(super) fn about(self, subject: &impl ToString) -> Self {
        Self { subject: Some(subject.to_string()), ..self }
    }

    /// The same, told to webhooks as this.
    pub(super) fn told_as(self, notice: Option<Notice>) -> Self {
        Self { notice, ..self }
    }

    /// The same, caused so.
    pub(super) fn by(self, cause: &'a Cause) -> Self {
        Self { cause, ..self }
    }
}

impl TenantEvent {
    /// What else there is to say: why the session was opened, or what the tenant is blocked by.
    fn detail(self, tenant: &Tenant) -> &str {
        let problem = || tenant.problem().map_or("", |(_, problem)| problem.code.as_str());
        if matches!(self, Self::Blocked) { problem() } else { reason(tenant) }
    }
}

/// Why a break-glass session was opened; of others there is nothing to say.
fn reason(tenant: &Tenant) -> &str {
    match &tenant.tier {
        Tier::BreakGlass(session) => session.reason.as_str(),
        Tier::Tenant | Tier::Service => "",
    }
}

impl Store {
    /// Records that somebody was handed a user's password. Done before the answer is sent.
    pub async fn record_credentials_read(
        &self,
        tenant: &Tenant,
        user: &CacheUser,
        cause: Cause,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (tenant, user) = (tenant.clone(), user.clone());
        self.write(move |connection| {
            Box::pin(async move {
                // No work follows from it that could be linked with a trace.
                let cause = Cause { trace: None, ..cause };
                let entry = Entry::of_user(&user, UserEvent::CredentialsRead).by(&cause);
                // Of a break-glass session each line of the record says why it was opened.
                let entry = Entry { detail: reason(&tenant), ..entry };
                record(connection, entry, now).await
            })
        })
        .await
    }
}

impl Store {
    /// Records that a token was shown which is not valid: from where, as far as that is known, and what is
    /// wrong with it.
    pub async fn record_failed_authentication(
        &self,
        address: Option<IpAddr>,
        why: &'static str,
        cause: Cause,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                let entry = Entry::new("authentication.failed", Outcome::Refused, why).by(&cause);
                let subject = address.map(|address| address.to_string());
                record(connection, Entry { subject, ..entry }, now).await
            })
        })
        .await
    }
}

/// Writes an event down, in the transaction of what it tells of.
pub(super) async fn record(
    connection: &mut SqliteConnection,
    entry: Entry<'_>,
    now: Timestamp,
) -> Result<(), StoreError> {
    remember(connection, entry.cause, now).await?;
    let row = EventRow {
        // Both are given to it by the chain.
        sequence: 0,
        hash: None,
        at: now.as_millisecond(),
        kind: entry.kind.into_owned(),
        outcome: entry.outcome.as_str().to_owned(),
        actor: entry.cause.actor.to_string(),
        request_id: entry.cause.request.as_ref().map(|request| request.0.clone()),
        tenant_id: entry.tenant.map(|(id, _)| id.to_string()),
        tenant_name: entry.tenant.map(|(_, name)| name.to_string()),
        user: entry.user.map(ToString::to_string),
        fleet: entry.fleet.map(|fleet| fleet.to_string()),
        cache: entry.cache.map(ToString::to_string),
        subject: entry.subject,
        detail: entry.detail.to_owned(),
    };
    let row = append(connection, row).await?;
    match entry.notice {
        Some(notice) => post(connection, row, notice).await,
        None => Ok(()),
    }
}
