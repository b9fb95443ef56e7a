//! A tenant as callers see it.

use std::collections::BTreeMap;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    auth_change_view::AuthChangeView, auth_text::AuthText, purge_view::PurgeView,
    user_view::UserView,
};
use crate::{
    api::problem::TenantProblemView,
    domain::{Attested, Grant, Phase, RotationInterval, Status, Tenant, Wanted},
};

/// A tenant. Its password is not part of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Tenant)]
pub(in crate::api) struct TenantView {
    /// The name.
    #[schema(example = "acme")]
    name: String,
    status: StatusView,
    /// The step of the work on the main user that is under way, for people: `storing-secret`,
    /// `creating-user`, `joining-group`, `modifying-user`, `attesting`, `active`, `suspending`,
    /// `suspended`, `leaving-group`, `removing-user`, `awaiting-removal`, `removing-secret`, `deleted`.
    #[schema(example = "joining-group")]
    phase: &'static str,
    /// Since when that step is under way.
    phase_since: Timestamp,
    /// Whether it is to be suspended. It is when its `status` says so.
    suspended: bool,
    /// The cache that the tenant lives in.
    #[schema(example = "main")]
    cache: String,
    /// What the main user may do with the tenant's keys.
    #[schema(example = "read-write")]
    profile: String,
    /// The caller's own words.
    #[schema(example = json!({"team": "checkout"}))]
    labels: BTreeMap<String, String>,
    /// How old its passwords become before they are replaced by themselves, in seconds; absent if that
    /// was left to the settings. When each is due stands at its user.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 2_592_000)]
    rotate_every_seconds: Option<u32>,
    /// The pattern of the tenant's keys and channels.
    #[schema(example = "acme:*")]
    key_pattern: String,
    /// What every key and channel of the tenant starts with.
    #[schema(example = "acme:")]
    key_prefix: String,
    /// What goes first in the main user's `AUTH`; `UserName` in ElastiCache.
    #[schema(example = "acme")]
    username: String,
    /// `UserId` in ElastiCache.
    #[schema(example = "rf-acme")]
    user_id: String,
    /// How the main user proves who it is.
    auth: AuthText,
    /// The change from one `auth` to the other, while it lasts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    auth_change: Option<AuthChangeView>,
    /// The secret in Secrets Manager that holds the main user's password; absent without a password.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "ringfence/acme")]
    secret_name: Option<String>,
    /// All users, the main one first, and behind it the one that it replaces.
    users: Vec<UserView>,
    /// The removal of its keys, if it is deleted with `purge_keys`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    purge: Option<PurgeView>,
    /// What the newest attestation of the main user found; absent until one was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    attested: Option<AttestedView>,
    /// What stands in the way of the work on one of the users, if anything does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    problem: Option<TenantProblemView>,
    /// When all its users could log in for the first time; absent until then.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    activated_at: Option<Timestamp>,
    /// How often the tenant has changed; a part of its `ETag`.
    #[schema(example = 6)]
    revision: u64,
    /// When it was asked for.
    created_at: Timestamp,
    /// When it last changed.
    updated_at: Timestamp,
}

/// The newest finding of an attestation; `GET …/attestations` has the evidence.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Attested)]
pub(super) struct AttestedView {
    /// When it was made.
    pub(super) at: Timestamp,
    /// `isolated`, `leaky`, `too-tight`, `login-refused` or `inconclusive`.
    #[schema(example = "isolated")]
    pub(super) verdict: &'static str,
}

/// How far a tenant is.
///
/// * `provisioning`: on its way to being active for the first time.
/// * `active`: the credentials of all its users work, which a real login has proved.
/// * `updating`: it was active, and a change to one of its users is under way. The others work.
/// * `suspended`: its users are kept out of the cache, with their passwords kept, until it is resumed.
/// * `deleting`: on its way out.
/// * `blocked`: an error that needs a person; `problem` says which and what to do.
/// * `deleted`: gone. Only a request that waited can see it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TenantStatus)]
pub(in crate::api) enum StatusView {
    Provisioning,
    Active,
    Updating,
    Suspended,
    Deleting,
    Blocked,
    Deleted,
}

impl TenantView {
    /// A tenant for the API document.
    pub(in crate::api) fn example(status: StatusView) -> Self {
        // 2026-11-21T20:15:00Z
        let created_at = Timestamp::constant(1_795_292_100, 0);
        let (revision, updated_at) = match status {
            StatusView::Provisioning => (1, created_at),
            _ => (5, created_at + SignedDuration::from_secs(9)),
        };
        let phase = match status {
            StatusView::Provisioning => Phase::StoringSecret,
            StatusView::Active | StatusView::Updating => Phase::Active,
            StatusView::Suspended => Phase::Suspended,
            StatusView::Deleting | StatusView::Blocked => Phase::LeavingGroup,
            StatusView::Deleted => Phase::Deleted,
        };
        let attested =
            (revision > 1).then_some(AttestedView { at: updated_at, verdict: "isolated" });
        Self {
            name: "acme".to_owned(),
            status,
            phase: phase.as_str(),
            phase_since: updated_at,
            suspended: phase == Phase::Suspended,
            cache: "main".to_owned(),
            profile: "read-write".to_owned(),
            labels: BTreeMap::from([("team".to_owned(), "checkout".to_owned())]),
            rotate_every_seconds: None,
            key_pattern: "acme:*".to_owned(),
            key_prefix: "acme:".to_owned(),
            username: "acme".to_owned(),
            user_id: "rf-acme".to_owned(),
            auth: AuthText::Password,
            auth_change: None,
            secret_name: Some("ringfence/acme".to_owned()),
            users: if revision > 1 { vec![UserView::example(true)] } else { Vec::new() },
            purge: None,
            attested,
            activated_at: (revision > 1).then_some(updated_at),
            problem: None,
            revision,
            created_at,
            updated_at,
        }
    }
}

impl From<&Tenant> for TenantView {
    fn from(tenant: &Tenant) -> Self {
        let main = &tenant.main;
        Self {
            name: tenant.name.to_string(),
            status: tenant.status().into(),
            phase: main.phase.as_str(),
            phase_since: main.phase_since,
            suspended: tenant.wanted == Wanted::Suspended,
            cache: tenant.cache.to_string(),
            profile: match &main.grant {
                Grant::Profile(profile) => profile.to_string(),
                Grant::Everything | Grant::Purge => String::new(),
            },
            labels: tenant.labels.as_map().clone(),
            rotate_every_seconds: tenant.rotate_every.map(RotationInterval::seconds),
            key_pattern: tenant.key_pattern.to_string(),
            key_prefix: tenant.key_pattern.prefix().to_owned(),
            username: main.user_name.to_string(),
            user_id: main.user_id.to_string(),
            auth: main.auth.into(),
            auth_change: AuthChangeView::of(tenant),
            secret_name: main.secret().map(ToString::to_string),
            users: tenant.users().map(UserView::from).collect(),
            purge: tenant.purge.as_ref().map(PurgeView::from),
            attested: main.attested.map(AttestedView::from),
            problem: tenant.problem().map(|(user, problem)| TenantProblemView::of(user, problem)),
            activated_at: tenant.activated_at,
            revision: tenant.revision.0,
            created_at: tenant.created_at,
            updated_at: tenant.updated_at,
        }
    }
}

/// A tenant or service as it is sent. What it holds follows from the rows of the tenant, of its users
/// and of its purge, and from nothing else, the time least of all: it is kept until one of those changes.
pub(super) fn as_json(tenant: &Tenant) -> Bytes {
    let json = serde_json::to_vec(&TenantView::from(tenant));
    // Boxed, so that no more is kept than is sent.
    Bytes::from(json.expect("a view is text, numbers and times").into_boxed_slice())
}

impl From<Attested> for AttestedView {
    fn from(attested: Attested) -> Self {
        Self { at: attested.at, verdict: attested.verdict.as_str() }
    }
}

impl From<Status> for StatusView {
    fn from(status: Status) -> Self {
        match status {
            Status::Provisioning => Self::Provisioning,
            Status::Active => Self::Active,
            Status::Updating => Self::Updating,
            Status::Suspended => Self::Suspended,
            Status::Deleting => Self::Deleting,
            Status::Blocked => Self::Blocked,
            Status::Deleted => Self::Deleted,
        }
    }
}
