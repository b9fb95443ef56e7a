//! A tenant's user as callers see it.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    auth_text::AuthText,
    view::{AttestedView, StatusView},
};
use crate::{
    api::problem::TenantProblemView,
    domain::{CacheUser, Grant, Phase},
};

/// A user of a tenant. Its password is not part of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CacheUser)]
pub(in crate::api) struct UserView {
    /// Its name within the tenant; `main` is the one that every tenant has. While a tenant changes its
    /// `auth` there are two of this name.
    #[schema(example = "sessions")]
    name: String,
    /// How far it is, in the words that are used of tenants.
    status: StatusView,
    /// The step of the work that is under way, for people.
    #[schema(example = "joining-group")]
    phase: &'static str,
    /// Since when that step is under way.
    phase_since: Timestamp,
    /// What it may do with its keys; absent of a break-glass session, which may do everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "cache")]
    profile: Option<String>,
    /// The pattern of its keys and channels.
    #[schema(example = "acme:sessions:*")]
    key_pattern: String,
    /// What each of its keys and channels starts with.
    #[schema(example = "acme:sessions:")]
    key_prefix: String,
    /// What goes first in `AUTH`; `UserName` in ElastiCache.
    #[schema(example = "acme--sessions")]
    username: String,
    /// `UserId` in ElastiCache.
    #[schema(example = "rf-acme--sessions")]
    user_id: String,
    auth: AuthText,
    /// The secret in Secrets Manager that holds the password; absent without a password.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "ringfence/acme/sessions")]
    secret_name: Option<String>,
    /// When the schedule replaces its password, if there is a schedule; up to a tenth earlier than the
    /// password's longest age. In the past while the rotation waits for its turn, or runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    rotation_due_at: Option<Timestamp>,
    /// What the newest attestation found; absent until one was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    attested: Option<AttestedView>,
    /// What stands in the way of the work on it, if anything does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    problem: Option<TenantProblemView>,
}

impl UserView {
    /// A user for the API document.
    pub(in crate::api) fn example(is_main: bool) -> Self {
        // 2026-11-21T20:15:05Z
        let at = Timestamp::constant(1_795_292_105, 0);
        let (name, suffix, keys) =
            if is_main { ("main", "", "") } else { ("sessions", "--sessions", "sessions:") };
        Self {
            name: name.to_owned(),
            status: StatusView::Active,
            phase: Phase::Active.as_str(),
            phase_since: at,
            profile: Some(if is_main { "read-write" } else { "cache" }.to_owned()),
            key_pattern: format!("acme:{keys}*"),
            key_prefix: format!("acme:{keys}"),
            username: format!("acme{suffix}"),
            user_id: format!("rf-acme{suffix}"),
            auth: AuthText::Password,
            secret_name: Some(format!("ringfence/acme{}", if is_main { "" } else { "/sessions" })),
            rotation_due_at: None,
            attested: Some(AttestedView { at, verdict: "isolated" }),
            problem: None,
        }
    }
}

impl From<&CacheUser> for UserView {
    fn from(user: &CacheUser) -> Self {
        Self {
            name: user.name.to_string(),
            status: user.status().into(),
            phase: user.phase.as_str(),
            phase_since: user.phase_since,
            profile: match &user.grant {
                Grant::Profile(profile) => Some(profile.to_string()),
                Grant::Everything | Grant::Purge => None,
            },
            key_pattern: user.key_pattern.to_string(),
            key_prefix: user.key_pattern.prefix().to_owned(),
            username: user.user_name.to_string(),
            user_id: user.user_id.to_string(),
            auth: user.auth.into(),
            secret_name: user.secret().map(ToString::to_string),
            rotation_due_at: user.rotation_due_at,
            attested: user.attested.map(AttestedView::from),
            problem: user.problem.as_ref().map(|problem| TenantProblemView::of(user, problem)),
        }
    }
}
