//! Which events a request asks for.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use crate::{
    api::{extract::PageToken, problem::Problem},
    domain::{Actor, EventFilter, TenantName},
};

const LIMIT_DEFAULT: u32 = 100;
const LIMIT_MAX: u32 = 1000;

/// Which events, and which page of them.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListEvents {
    /// Only of this tenant, service or session, and of those that had its name before.
    #[param(nullable = false, example = "acme")]
    tenant: Option<String>,
    /// Only of this kind, as `tenant.requested`, or of all that begin so, as `rotation.`.
    #[param(nullable = false, example = "rotation.", pattern = "^[a-z-]+\\.[a-z-]*$")]
    kind: Option<String>,
    /// Only on the word of this one.
    #[param(
        nullable = false,
        example = "service",
        pattern = "^(service|command|anonymous|token:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}:(?=.{1,40}$)[a-z][a-z0-9]*(-[a-z0-9]+)*|subject:[^#]*#.*)$"
    )]
    actor: Option<String>,
    /// Only what happened then or later.
    #[param(nullable = false, value_type = Option<Timestamp>, example = "2026-11-01T00:00:00Z")]
    since: Option<String>,
    /// Only what happened before; not for a stream, which has no end.
    #[param(nullable = false, value_type = Option<Timestamp>, example = "2026-12-01T00:00:00Z")]
    until: Option<String>,
    /// Only those that come after the event with this `sequence`; 0 is before the oldest. A stream
    /// begins with what happens from now on, unless this or `Last-Event-ID` says otherwise.
    #[param(nullable = false, maximum = 9_223_372_036_854_775_807_u64, example = 4711)]
    after: Option<u64>,
    /// The most events on a page; only for pages.
    #[param(nullable = false, minimum = 1, maximum = 1000, default = 100)]
    limit: Option<u32>,
    /// Where to go on: `next_page_token` of the page before; only for pages.
    #[param(nullable = false)]
    page_token: Option<String>,
}

/// What a page token is bound to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Filters {
    list: String,
    tenant: Option<String>,
    kind: Option<String>,
    actor: Option<String>,
    since: Option<String>,
    until: Option<String>,
}

impl ListEvents {
    pub(super) fn limit(&self) -> Result<u32, Problem> {
        let limit = self.limit.unwrap_or(LIMIT_DEFAULT);
        if (1..=LIMIT_MAX).contains(&limit) {
            return Ok(limit);
        }
        Err(Problem::of_parameter("limit", format!("must be 1 to {LIMIT_MAX}")))
    }

    /// The event to go on after, if one is named.
    pub(super) fn after(&self) -> Result<Option<u64>, Problem> {
        match (&self.page_token, self.after) {
            (Some(_), Some(_)) => {
                Err(Problem::of_parameter("after", "is told by page_token already".to_owned()))
            }
            (Some(token), None) => {
                let after = PageToken::decode(token, &self.filters())?;
                let refused = |_| Problem::of_parameter("page_token", "is not ours".to_owned());
                after.parse().map(Some).map_err(refused)
            }
            // The store counts no further.
            (None, Some(after)) if i64::try_from(after).is_err() => {
                Err(Problem::of_parameter("after", format!("must be 0 to {}", i64::MAX)))
            }
            (None, after) => Ok(after),
        }
    }

    /// Refuses what belongs to pages only.
    pub(super) fn refuse_pages(&self) -> Result<(), Problem> {
        let given = [("limit", self.limit.is_some()), ("page_token", self.page_token.is_some())];
        match given.into_iter().find(|(_, is_given)| *is_given) {
            Some((name, _)) => Err(Problem::of_parameter(name, "is for pages only".to_owned())),
            None => Ok(()),
        }
    }

    /// Refuses an end.
    pub(super) fn refuse_end(&self) -> Result<(), Problem> {
        if self.until.is_none() {
            return Ok(());
        }
        Err(Problem::of_parameter("until", "is not for a stream, which has no end".to_owned()))
    }

    pub(super) fn filter(&self) -> Result<EventFilter, Problem> {
        let tenant = self.tenant.as_deref().map(TenantName::parse).transpose();
        let kinds = self.kind.as_deref().map(str::parse).transpose();
        let actor = self.actor.as_deref().map(str::parse::<Actor>).transpose();
        Ok(EventFilter {
            tenant: tenant.map_err(|error| Problem::of_parameter("tenant", error.to_string()))?,
            kinds: kinds.map_err(|error: crate::domain::NotAKind| {
                Problem::of_parameter("kind", error.to_string())
            })?,
            actor: actor.map_err(|error| Problem::of_parameter("actor", error.to_string()))?,
            since: time("since", self.since.as_deref())?,
            until: time("until", self.until.as_deref())?,
        })
    }

    pub(super) fn token(&self, after: u64) -> String {
        PageToken::new(self.filters(), after.to_string()).encode()
    }

    fn filters(&self) -> Filters {
        let Self { tenant, kind, actor, since, until, .. } = self;
        Filters {
            list: "events".to_owned(),
            tenant: tenant.clone(),
            kind: kind.clone(),
            actor: actor.clone(),
            since: since.clone(),
            until: until.clone(),
        }
    }
}

fn time(name: &'static str, text: Option<&str>) -> Result<Option<Timestamp>, Problem> {
    let refused = |_| {
        let why = "must be a time such as 2026-11-01T00:00:00Z".to_owned();
        Problem::of_parameter(name, why)
    };
    text.map(|text| text.parse().map_err(refused)).transpose()
}
