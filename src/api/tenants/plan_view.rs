//! What a request would do, as callers see it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{
        Api,
        acl::{FindingView, LintReport},
        problem::ConsideredBody,
    },
    config::Verify,
    domain::{CacheUser, Considered, Ground, Phase, Tenant, Wanted, lint_context},
    reconcile::{Cache, ForeseenPhase, foresee},
    store::ChangeEnd,
};

/// The answer to a dry run: what the request would have done. Nothing was written.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Plan)]
pub(in crate::api) struct PlanView {
    outcome: OutcomeText,
    /// The cache that the tenant would live in, or lives in.
    #[schema(example = "main")]
    cache: String,
    /// The caches that would not have taken the tenant.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    considered: Vec<ConsideredBody>,
    /// All users, the main one first, and at the end the one by which Ringfence would remove the
    /// tenant's keys.
    users: Vec<PlannedUser>,
    /// All calls to AWS that would change or read something of this tenant, user by user. Users are
    /// worked on side by side, and those that join or leave the group at the same time do so by one
    /// call. Looks at the cache, which are shared by all, are not listed.
    #[schema(example = json!(["CreateSecret", "CreateUser", "ModifyUserGroup", "GetSecretValue"]))]
    calls: Vec<&'static str>,
}

/// What a request would have done.
///
/// * `created`: something new would have been written down.
/// * `changed`: something that exists would be different, or be taken up again.
/// * `unchanged`: all is as asked for.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PlannedOutcome)]
pub(super) enum OutcomeText {
    Created,
    Changed,
    Unchanged,
}

/// A user, and what is before it.
#[derive(Debug, Serialize, ToSchema)]
struct PlannedUser {
    /// Its name within the tenant.
    #[schema(example = "main")]
    name: String,
    /// `UserName` in ElastiCache.
    #[schema(example = "acme")]
    username: String,
    /// `UserId` in ElastiCache.
    #[schema(example = "rf-acme")]
    user_id: String,
    /// What it would be allowed; absent if it is to be removed, or if it is not known yet what the cache
    /// runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "on ~acme:* resetchannels &acme:* -@all +get")]
    access_string: Option<String>,
    /// What the lint says of that; empty if there is nothing to say.
    findings: Vec<FindingView>,
    /// The steps of the work on it, in their order.
    steps: Vec<PlannedStep>,
}

/// A step of the work on a user.
#[derive(Debug, Serialize, ToSchema)]
struct PlannedStep {
    /// What `phase` of the user would be meanwhile.
    #[schema(example = "storing-secret")]
    phase: &'static str,
    /// The calls to AWS, in their order; empty if the step is a login.
    #[schema(example = json!(["CreateSecret"]))]
    calls: Vec<&'static str>,
}

impl PlanView {
    /// What is before the users of a tenant that is as the request would have it.
    pub(super) fn of(
        api: &Api,
        tenant: &Tenant,
        (outcome, considered): (OutcomeText, Vec<Considered>),
    ) -> Self {
        let cache = api.caches.get(&tenant.cache);
        let ground = cache.and_then(Cache::ground);
        // Without a worker the work waits, and goes on as it would have.
        let verify = cache.map_or(Verify::Require, |cache| cache.config().verify);
        let user = |user: &CacheUser| PlannedUser::of(api, user, ground.as_ref(), verify);
        let to_come = purger_to_come(api, tenant);
        let users: Vec<PlannedUser> = tenant.users_and_purger().chain(&to_come).map(user).collect();
        let steps = users.iter().flat_map(|user| &user.steps);
        let calls = steps.flat_map(|step| step.calls.iter().copied()).collect();
        let considered = considered.into_iter().map(ConsideredBody::from).collect();
        Self { outcome, cache: tenant.cache.to_string(), considered, users, calls }
    }

    /// A plan for the API document.
    pub(in crate::api) fn example() -> Self {
        let steps = [
            (Phase::StoringSecret, "CreateSecret"),
            (Phase::CreatingUser, "CreateUser"),
            (Phase::JoiningGroup, "ModifyUserGroup"),
            (Phase::Attesting, "GetSecretValue"),
        ];
        let step = |(phase, call)| ForeseenPhase { phase, calls: vec![call] };
        let user = PlannedUser {
            name: "main".to_owned(),
            username: "acme".to_owned(),
            user_id: "rf-acme".to_owned(),
            access_string: Some("on ~acme:* resetchannels &acme:* -@all +get".to_owned()),
            findings: Vec::new(),
            steps: steps.map(step).map(PlannedStep::from).into(),
        };
        Self {
            outcome: OutcomeText::Created,
            cache: "main".to_owned(),
            considered: Vec::new(),
            users: vec![user],
            calls: steps.map(|(_, call)| call).into(),
        }
    }
}

/// The user that is to remove the tenant's keys when the others are gone.
fn purger_to_come(api: &Api, tenant: &Tenant) -> Option<CacheUser> {
    let purge = tenant.purge.as_ref()?;
    let is_to_come = purge.user.is_none() && purge.proved_at.is_none();
    let new = is_to_come.then(|| api.placement.purge(api, &tenant.name).purger(tenant))?;
    Some(tenant.user_begun(new, api.clock.now()))
}

impl PlannedUser {
    fn of(api: &Api, user: &CacheUser, ground: Option<&Ground>, verify: Verify) -> Self {
        let ground = ground.filter(|_| user.wanted != Wanted::Absent);
        let access_string = ground.and_then(|ground| {
            user.grant.access_string(&api.profiles, &user.key_pattern, ground).ok()
        });
        let findings = access_string.as_deref().zip(ground).map(|(access_string, ground)| {
            LintReport::of(access_string, &lint_context(ground)).findings
        });
        Self {
            name: user.name.to_string(),
            username: user.user_name.to_string(),
            user_id: user.user_id.to_string(),
            access_string,
            findings: findings.unwrap_or_default(),
            steps: foresee(&to_be_let_in(api, user, ground), verify)
                .into_iter()
                .map(PlannedStep::from)
                .collect(),
        }
    }
}

/// Who is let in again gets the current rights first, if its profile has another definition since.
fn to_be_let_in(api: &Api, user: &CacheUser, ground: Option<&Ground>) -> CacheUser {
    let mut user = user.clone();
    let is_out = matches!(user.phase, Phase::Suspending | Phase::Suspended | Phase::JoiningGroup);
    let current = ground.and_then(|ground| user.grant.revision(&api.profiles, ground).ok());
    if is_out && user.wanted == Wanted::Present && current.is_some() && user.access != current {
        user.access = None;
    }
    user
}

impl From<ForeseenPhase> for PlannedStep {
    fn from(foreseen: ForeseenPhase) -> Self {
        Self { phase: foreseen.phase.as_str(), calls: foreseen.calls }
    }
}

impl From<ChangeEnd> for OutcomeText {
    fn from(end: ChangeEnd) -> Self {
        match end {
            ChangeEnd::Created => Self::Created,
            ChangeEnd::Changed => Self::Changed,
            ChangeEnd::Unchanged => Self::Unchanged,
        }
    }
}
