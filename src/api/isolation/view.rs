//! What the proof found, as callers see it.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    DefaultUserView,
    users::{UserView, examples},
};
use crate::domain::{CacheName, Ground, Isolation, Meeting, Place, Verdict, prove};

/// Whether the users of a cache can reach each other.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Isolation)]
pub(crate) struct IsolationView {
    /// The cache.
    #[schema(example = "main")]
    cache: String,
    /// When AWS was looked at.
    observed_at: Timestamp,
    /// Why a later look failed, if one did: what is told here may be out of date.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "DescribeUserGroups: Throttling")]
    failure: Option<String>,
    /// Whether tenants cannot reach each other.
    between_tenants: VerdictView,
    /// Whether users that are not Ringfence's cannot reach tenants.
    with_foreign_users: VerdictView,
    /// All members of the user group.
    users: Vec<UserView>,
    /// The pairs that reach the same key or channel. Every other pair of users that are `on` has
    /// none in common. A user that sees everything is listed with one other only.
    meetings: Vec<MeetingView>,
    /// Whether there are more meetings than are listed.
    has_more_meetings: bool,
    /// What is wrong with the user `default`; empty if nothing is.
    findings: Vec<DefaultUserView>,
}

/// What can be said of isolation.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = IsolationVerdict)]
enum VerdictView {
    /// It holds, as far as access strings can tell.
    Isolated,
    /// It does not: `meetings`, `findings` and the `leaks` of users say why.
    Leaky,
    /// No breach is known, but the access string of a user cannot be read, or there are too many
    /// meetings to list.
    Inconclusive,
}

/// A key or channel that two users both reach.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Meeting)]
struct MeetingView {
    kind: PlaceView,
    /// A key or channel that both reach. Bytes that are not UTF-8 are shown as `\u{FFFD}`.
    #[schema(example = "acme:")]
    witness: String,
    /// The two users, each with the rule that lets it.
    users: Vec<VisitorView>,
}

/// What two users both reach.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = MeetingKind)]
enum PlaceView {
    /// A key.
    Key,
    /// A Pub/Sub channel.
    Channel,
}

/// One of two users that reach the same.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Visitor)]
struct VisitorView {
    /// `UserId` in ElastiCache.
    #[schema(example = "batch-jobs")]
    user_id: String,
    /// The tenant, if it is a tenant's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "acme")]
    tenant: Option<String>,
    /// The rule that lets it; `acl-pubsub-default` if that parameter does.
    #[schema(example = "~*")]
    rule: String,
}

impl IsolationView {
    pub(super) fn new(
        cache: &CacheName,
        observed_at: Timestamp,
        failure: Option<String>,
        isolation: &Isolation,
    ) -> Self {
        let meeting = |meeting: &Meeting| MeetingView::new(meeting, isolation);
        let default_user =
            |user: &crate::domain::Assessed| DefaultUserView::of(&user.resident.user);
        Self {
            cache: cache.to_string(),
            observed_at,
            failure,
            between_tenants: isolation.between_tenants().into(),
            with_foreign_users: isolation.with_foreign_users().into(),
            users: isolation.users.iter().map(UserView::from).collect(),
            meetings: isolation.meetings.iter().map(meeting).collect(),
            has_more_meetings: !isolation.is_complete,
            findings: isolation.users.iter().filter_map(default_user).collect(),
        }
    }

    /// An answer for the API document.
    pub(super) fn example() -> Self {
        let cache = CacheName::parse("main").expect("this is a name");
        // 2026-11-21T20:15:00Z
        let at = Timestamp::constant(1_795_292_100, 0);
        let ground = Ground::plain(crate::api::choose_engine(None, None, None));
        Self::new(&cache, at, None, &prove(examples(&ground), &ground))
    }
}

impl MeetingView {
    fn new(meeting: &Meeting, isolation: &Isolation) -> Self {
        let visitor = |(user, rule): (&usize, &String)| {
            let resident = &isolation.users[*user].resident;
            VisitorView {
                user_id: resident.user.id.to_string(),
                tenant: resident.owner.tenant().map(ToString::to_string),
                rule: rule.clone(),
            }
        };
        Self {
            kind: match meeting.place {
                Place::Key => PlaceView::Key,
                Place::Channel => PlaceView::Channel,
            },
            witness: String::from_utf8_lossy(&meeting.witness).into_owned(),
            users: meeting.users.iter().zip(&meeting.rules).map(visitor).collect(),
        }
    }
}

impl From<Verdict> for VerdictView {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Isolated => Self::Isolated,
            Verdict::Leaky => Self::Leaky,
            Verdict::Inconclusive => Self::Inconclusive,
        }
    }
}
