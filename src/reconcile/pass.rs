//! One pass over the users of one cache.

use std::{collections::BTreeMap, time::Duration};

use futures_util::{StreamExt as _, stream};
use jiff::Timestamp;
use tokio::time::Instant;
use tracing::{Instrument as _, debug, info_span, warn};

use super::{
    CacheView, attest_steps,
    caches::Cache,
    committer::{Commit, Committer},
    failure::StepError,
    fleet_rotations,
    hindrance::fail,
    observation::{CacheFacts, Observation, observe},
    rollout,
    rotations::{self, DueRotations, Turned},
    schedule,
    step::{Bench, StepEnd, Tools},
};
use crate::{
    domain::{Attestation, CacheUser, Remedy, TenantProblemCode, UserId, needs_a_fresh_look},
    store::StoreError,
};

/// How long the endpoint and the engine of a cache are taken for unchanged.
const FACTS_LIFETIME: Duration = Duration::from_mins(5);

/// What a worker carries from pass to pass. All of it can be lost: it paces, it does not decide.
#[derive(Debug, Default)]
pub(super) struct Memory {
    committer: Committer,
    facts: Option<(Instant, CacheFacts)>,
    last_look: Option<(Instant, Observation)>,
    /// Whether users may have rights of an older revision than their profile's.
    may_be_outdated: bool,
}

/// When the next pass is due.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum PassEnd {
    /// At once: something has moved.
    Again,
    /// When AWS may have come further.
    Poll,
    /// When there is news, or at this time.
    Rest { until: Option<Timestamp> },
}

/// Which users there is work on now.
struct Due {
    users: Vec<CacheUser>,
    /// When the first of the others is due, or a break-glass session ends.
    next: Option<Timestamp>,
}

/// What the steps of a pass left to be done together.
#[derive(Default)]
struct Harvest {
    moved: bool,
    waiting: bool,
    joining: Vec<UserId>,
    leaving: Vec<UserId>,
    /// Those that wait for the group, as they are now.
    at_the_group: Vec<CacheUser>,
}

impl Harvest {
    /// Adds what rotations left. While they have users out of the group whose connections are cut,
    /// nobody else joins: in a full group that would take their place.
    fn take_in(&mut self, turned: &Turned, keep_places: bool) {
        self.moved |= turned.moved;
        self.waiting |= turned.waiting;
        self.leaving.extend_from_slice(&turned.leaving);
        if keep_places {
            self.waiting |= !self.joining.is_empty();
            self.joining.clear();
        }
        self.joining.extend_from_slice(&turned.rejoining);
    }
}

impl Memory {
    /// Takes one step for each user on which there is work.
    pub(super) async fn pass(
        &mut self,
        tools: &Tools,
        cache: &Cache,
    ) -> Result<PassEnd, StoreError> {
        let now = tools.clock.now();
        // Before anything that can fail or take long: a session must not outlive its time.
        let next_expiry = tools.store.expire_sessions(&cache.config().name, now).await?;
        let next_end = tools.store.end_outgoing(&cache.config().name, now).await?;
        self.advance_rollout(tools, cache).await?;
        let rows = tools.store.unsettled(&cache.config().name).await?;
        let due = due(rows, next_expiry, now);
        let attestations = tools.store.waiting_attestations(&cache.config().name).await?;
        fleet_rotations::start_members(tools, cache).await?;
        let next_begin = schedule::begin_due(tools, cache.config(), now).await?;
        let rotations = tools.store.running_rotations(&cache.config().name).await?;
        let rotations = DueRotations::among(rotations, now);
        let next = [due.next, next_end, rotations.next, next_begin].into_iter().flatten().min();
        if due.users.is_empty() && attestations.is_empty() && rotations.due.is_empty() {
            return Ok(PassEnd::Rest { until: next });
        }
        let wants_look =
            due.users.iter().any(|user| needs_a_fresh_look(user.phase)) || rotations.need_a_look();
        let fresh = match self.look(tools, cache, wants_look).await {
            Ok(fresh) => fresh,
            Err(reason) => {
                rotations::hinder_all(tools, &rotations.due, &reason).await?;
                fail(tools, &due.users, reason).await?;
                return Ok(PassEnd::Poll);
            }
        };
        let Some((_, seen)) = &self.last_look else { return Ok(PassEnd::Poll) };
        let (now, later): (Vec<_>, Vec<_>) =
            due.users.into_iter().partition(|user| fresh || !needs_a_fresh_look(user.phase));
        let bench = Bench { tools, config: cache.config(), seen };
        let mut harvest = take_steps(&bench, &now).await?;
        harvest.waiting |= !later.is_empty();
        let keep_places = rotations.keep_places;
        let turned = rotations::turn(&bench, rotations.due, fresh).await?;
        harvest.take_in(&turned, keep_places);
        if fresh {
            let commit = self
                .committer
                .commit(
                    &tools.cloud,
                    &cache.config().user_group,
                    &seen.group.view,
                    &harvest.joining,
                    &harvest.leaving,
                )
                .await;
            harvest.moved |= turned.settle(tools, &commit).await?;
            harvest.moved |= settle(tools, &harvest.at_the_group, commit).await?;
        }
        // One in each pass, and last: it may take long, and what is to be cut off must not wait.
        make_attestation(&bench, attestations.first(), &mut harvest).await?;
        let polls = harvest.waiting || !harvest.joining.is_empty() || !harvest.leaving.is_empty();
        Ok(match (harvest.moved, polls) {
            (true, _) => PassEnd::Again,
            (false, true) => PassEnd::Poll,
            (false, false) => PassEnd::Rest { until: next },
        })
    }

    /// Looks for users with outdated rights when the ground may have changed, and for as long as
    /// some are found.
    async fn advance_rollout(&mut self, tools: &Tools, cache: &Cache) -> Result<(), StoreError> {
        let Some((_, seen)) = self.last_look.as_ref().filter(|_| self.may_be_outdated) else {
            return Ok(());
        };
        let name = &cache.config().name;
        self.may_be_outdated = rollout::advance(tools, name, &seen.facts.ground).await?;
        Ok(())
    }

    /// Looks at AWS if a user needs it, but not more often than the shortest poll, however many
    /// ask. Answers whether the last look is newer than the rows that were read.
    async fn look(
        &mut self,
        tools: &Tools,
        cache: &Cache,
        wanted: bool,
    ) -> Result<bool, StepError> {
        if let Some((at, _)) = &self.last_look
            && (!wanted || at.elapsed() < tools.settings.poll_min)
        {
            return Ok(false);
        }
        self.look_now(tools, cache).await?;
        Ok(true)
    }

    /// Looks at AWS and publishes what is seen.
    pub(super) async fn look_now(&mut self, tools: &Tools, cache: &Cache) -> Result<(), StepError> {
        let known = self.facts.as_ref().filter(|(at, _)| at.elapsed() < FACTS_LIFETIME);
        let seen = match observe(&tools.cloud, cache.config(), known.map(|(_, facts)| facts)).await
        {
            Ok(seen) => seen,
            Err(error) => {
                warn!(operation = error.operation, error = %error, "cannot look at AWS");
                let observed = cache.view().observed;
                cache.publish(CacheView { observed, failure: Some(error.detail.clone()) });
                return Err(missing_group(error));
            }
        };
        if known.is_none() {
            self.facts = Some((Instant::now(), seen.facts.clone()));
            self.may_be_outdated = true;
        }
        let ours = tools.store.user_ids(&cache.config().name).await?;
        cache.publish(seen.view(tools.clock.as_ref(), &ours));
        self.last_look = Some((Instant::now(), seen));
        Ok(())
    }
}

fn missing_group(error: crate::cloud::CloudError) -> StepError {
    if error.operation == "DescribeUserGroups"
        && error.kind == crate::cloud::CloudErrorKind::NotFound
    {
        return StepError::problem(TenantProblemCode::UserGroupMissing, error.detail);
    }
    error.into()
}

fn due(rows: Vec<CacheUser>, next: Option<Timestamp>, now: Timestamp) -> Due {
    let mut due = Due { users: Vec::with_capacity(rows.len()), next };
    for user in rows {
        match user.problem.as_ref().map(|problem| problem.remedy) {
            None => due.users.push(user),
            Some(Remedy::Retry { at }) if at <= now => due.users.push(user),
            Some(Remedy::Retry { at }) => {
                due.next = Some(due.next.map_or(at, |next| next.min(at)));
            }
            Some(Remedy::Person) => {}
        }
    }
    due
}

async fn take_steps(bench: &Bench<'_>, users: &[CacheUser]) -> Result<Harvest, StoreError> {
    let steps: Vec<_> = users.iter().map(|user| take_step(bench, user)).collect();
    let in_flight = bench.tools.settings.steps_in_flight.get();
    let ends: Vec<_> = stream::iter(steps).buffer_unordered(in_flight).collect().await;
    let mut harvest = Harvest::default();
    for (user, end) in ends {
        match end {
            // After a stale write somebody was faster: look again.
            Ok(StepEnd::Moved) | Err(StepError::Store(StoreError::Stale)) => harvest.moved = true,
            Ok(StepEnd::Waiting) | Err(StepError::Busy) => harvest.waiting = true,
            Ok(StepEnd::Joins(id)) => {
                harvest.joining.push(id);
                harvest.at_the_group.push(user);
            }
            Ok(StepEnd::Leaves(id)) => {
                harvest.leaving.push(id);
                harvest.at_the_group.push(user);
            }
            Ok(StepEnd::Settled) => {}
            // The next pass reads when it is to be tried again.
            Err(reason) => {
                fail(bench.tools, std::slice::from_ref(&user), reason).await?;
                harvest.moved = true;
            }
        }
    }
    Ok(harvest)
}

async fn take_step(bench: &Bench<'_>, user: &CacheUser) -> (CacheUser, Result<StepEnd, StepError>) {
    let mut user = user.clone();
    let request = user.requested_by.as_ref().map(|request| request.0.as_str());
    let span = info_span!(
        "step", tenant.name = %user.tenant_name, user.name = %user.user_name, request.id = request
    );
    let end = bench.step(&mut user).instrument(span).await;
    (user, end)
}

/// Makes an attestation that was asked for.
async fn make_attestation(
    bench: &Bench<'_>,
    wanted: Option<&Attestation>,
    harvest: &mut Harvest,
) -> Result<(), StoreError> {
    let Some(wanted) = wanted else { return Ok(()) };
    let Some(user) = bench.tools.store.user_by_id(wanted.user).await? else { return Ok(()) };
    match attest_steps::answer(bench, &user, wanted).await {
        Ok(()) => harvest.moved = true,
        Err(StepError::Store(error)) if !matches!(error, StoreError::Stale) => return Err(error),
        Err(reason) => {
            debug!(user.name = %user.user_name, ?reason, "the attestation has to wait");
            harvest.waiting = true;
        }
    }
    Ok(())
}

/// Tells the users that waited for the group if they waited in vain. Answers whether rows were
/// changed.
async fn settle(tools: &Tools, waited: &[CacheUser], commit: Commit) -> Result<bool, StoreError> {
    let Commit::Failed { users, reason } = commit else { return Ok(false) };
    if matches!(reason, StepError::Busy) {
        return Ok(false);
    }
    let by_id: BTreeMap<&UserId, &CacheUser> =
        waited.iter().map(|user| (&user.user_id, user)).collect();
    let failed: Vec<CacheUser> =
        users.iter().filter_map(|id| by_id.get(id).map(|user| (*user).clone())).collect();
    fail(tools, &failed, reason).await?;
    Ok(true)
}
