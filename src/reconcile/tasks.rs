//! What a worker has under way: each step, look and change of the group in a task of its own.
//!
//! A pass never waits for AWS or for an engine. It starts tasks, and their reports bring the next
//! pass about. No user has two tasks at once, so that its steps stay in order.

use std::{collections::HashMap, sync::Arc};

use futures_util::FutureExt as _;
use jiff::Timestamp;
use tokio::{
    task::{JoinError, JoinSet},
    time::Instant,
};
use tracing::{Instrument as _, Span, debug, error, field::Empty, info_span, warn};

use super::{
    attest_steps,
    failure::StepError,
    hindrance::fail,
    lookout::{Covered, Look},
    observation::{Observation, observe},
    rotations::{self, Turning},
    step::{Bench, StepEnd, Tools, Traveller},
    traced,
};
use crate::{
    cloud::{CloudError, CloudErrorKind, GroupReport, UserListing},
    config::CacheConfig,
    domain::{
        Attestation, AttestationId, CacheUser, CacheUserId, GroupChange, RequestId, Rotation,
        TenantProblemCode, Urgency, UserId,
    },
    store::StoreError,
};

/// What a task has come to.
pub(super) enum Report {
    /// A user was brought forward; `None` if it could not be, and says why itself.
    User(Box<Traveller>, Option<StepEnd>),
    /// A rotation was.
    Rotation(Box<Turning>, StepEnd),
    /// An attestation that was asked for was made, or has to wait.
    Attested { attestation: AttestationId, waits: bool },
    /// Somebody was told what stands in the way.
    Told,
    /// AWS was looked at.
    Looked(Looked),
    /// AWS has answered a change of the group.
    Sent(Sent),
}

/// What to look at, and for whom.
pub(super) struct LookOrder {
    pub(super) look: Look,
    /// Listings that others have asked for since then will do.
    pub(super) not_before: Instant,
    /// The rows that were read before.
    pub(super) covered: Covered,
    /// Those who cannot go on without it.
    pub(super) waiting: Waiting,
}

pub(super) struct Looked {
    pub(super) look: Look,
    pub(super) began: Instant,
    /// When it began, by the clock that rows are written by.
    pub(super) by_clock: Timestamp,
    pub(super) covered: Covered,
    pub(super) seen: Result<Seen, CloudError>,
}

pub(super) enum Seen {
    Everything(Box<Observation>),
    Parts { users: Option<Arc<UserListing>>, group: Option<GroupReport> },
}

/// A change of the group, and for whom.
pub(super) struct ChangeOrder {
    pub(super) change: GroupChange,
    /// How many members the group has.
    pub(super) members: usize,
    /// The rows that were read before.
    pub(super) covered: Covered,
    pub(super) waiting: AtTheGroup,
}

pub(super) struct Sent {
    pub(super) at: Instant,
    pub(super) order: ChangeOrder,
    pub(super) answer: Result<GroupReport, CloudError>,
}

/// Rows that wait for the same thing.
#[derive(Clone, Default)]
pub(super) struct Waiting {
    pub(super) users: Vec<CacheUser>,
    pub(super) rotations: Vec<Rotation>,
}

/// Those that wait for the group, by the ids that they are to have or have in it.
#[derive(Default)]
pub(super) struct AtTheGroup {
    pub(super) users: Vec<CacheUser>,
    pub(super) rotations: Vec<(UserId, Rotation)>,
}

/// The tasks of one worker.
#[derive(Default)]
pub(super) struct Tasks {
    set: JoinSet<(Option<CacheUserId>, Result<Report, StoreError>)>,
    /// The users that have one.
    busy: HashMap<CacheUserId, Kind>,
}

/// Of which kind a task is: each kind has its own places, so that engines that do not answer hold
/// up no sign-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Step,
    Attestation,
    /// The removal of a deleted tenant's keys.
    Purge,
}

impl Waiting {
    /// The requests that last said what is wanted of them.
    fn requests(&self) -> impl Iterator<Item = Option<&RequestId>> {
        let users = self.users.iter().map(|user| user.requested_by.as_ref());
        users.chain(self.rotations.iter().map(|rotation| rotation.requested_by.as_ref()))
    }
}

impl ChangeOrder {
    /// The same of those whom the change is for.
    fn requests(&self) -> impl Iterator<Item = Option<&RequestId>> {
        let is_sent =
            |id: &UserId| self.change.adds.contains(id) || self.change.removes.contains(id);
        let AtTheGroup { users, rotations } = &self.waiting;
        let users = users.iter().filter(move |user| is_sent(&user.user_id));
        let rotations = rotations.iter().filter(move |(id, _)| is_sent(id));
        let users = users.map(|user| user.requested_by.as_ref());
        users.chain(rotations.map(|(_, rotation)| rotation.requested_by.as_ref()))
    }
}

impl Tasks {
    /// Whether a user has a task.
    pub(super) fn has(&self, user: CacheUserId) -> bool {
        self.busy.contains_key(&user)
    }

    /// How many users have a task of this kind.
    pub(super) fn count(&self, kind: Kind) -> usize {
        self.busy.values().filter(|it| **it == kind).count()
    }

    /// The next report; `None` if there is no task. A task that panicked takes the worker with it,
    /// which starts over.
    pub(super) async fn next(&mut self) -> Option<Result<Report, StoreError>> {
        let joined = self.set.join_next().await?;
        Some(self.leave(joined))
    }

    /// The next report that is there already.
    pub(super) fn try_next(&mut self) -> Option<Result<Report, StoreError>> {
        let joined = self.set.try_join_next()?;
        Some(self.leave(joined))
    }

    fn leave(
        &mut self,
        joined: Result<(Option<CacheUserId>, Result<Report, StoreError>), JoinError>,
    ) -> Result<Report, StoreError> {
        match joined {
            Ok((user, report)) => {
                if let Some(user) = user {
                    self.busy.remove(&user);
                }
                report
            }
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_cancelled) => Err(StoreError::Closed),
            },
        }
    }

    /// Brings a user forward.
    pub(super) fn advance(&mut self, bench: Bench, mut it: Traveller, kind: Kind) {
        let span = info_span!(
            "step", tenant.name = %it.user.tenant_name, user.name = %it.user.user_name,
            request.id = text(it.user.requested_by.as_ref()), trace.id = Empty
        );
        self.start(it.user.id, kind, span, async move {
            let span = traced::of_user(&bench.tools.store, &it.user).await;
            let end = advance(&bench, &mut it).instrument(span).await?;
            Ok(Report::User(Box::new(it), end))
        });
    }

    /// Brings a rotation forward.
    pub(super) fn turn(&mut self, bench: Bench, mut it: Turning) {
        let span = info_span!(
            "rotation", tenant.name = %it.user.tenant_name, user.name = %it.user.user_name,
            rotation.id = %it.rotation.id,
            request.id = text(it.rotation.requested_by.as_ref()), trace.id = Empty
        );
        self.start(it.user.id, Kind::Step, span, async move {
            let span = traced::of_rotation(&bench.tools.store, &it.rotation, &it.user).await;
            let end = rotations::bring_on(&bench, &mut it).instrument(span).await?;
            Ok(Report::Rotation(Box::new(it), end))
        });
    }

    /// Makes an attestation that was asked for.
    pub(super) fn attest(&mut self, bench: Bench, user: CacheUser, attestation: Attestation) {
        let span = info_span!(
            "attestation", tenant.name = %user.tenant_name, user.name = %user.user_name,
            attestation.id = %attestation.id,
            request.id = text(attestation.requested_by.as_ref()), trace.id = Empty
        );
        self.start(user.id, Kind::Attestation, span, async move {
            let span = traced::of_attestation(&bench.tools.store, &attestation, &user).await;
            let work = attest_steps::answer(&bench, &user, &attestation);
            let waits = match work.instrument(span).await {
                Ok(()) | Err(StepError::Store(StoreError::Stale)) => false,
                Err(StepError::Store(error)) => return Err(error),
                Err(reason) => {
                    debug!(?reason, "the attestation has to wait");
                    true
                }
            };
            Ok(Report::Attested { attestation: attestation.id, waits })
        });
    }

    /// Tells users that wait for the group why they do so in vain.
    pub(super) fn tell(
        &mut self,
        tools: &Arc<Tools>,
        users: Vec<CacheUser>,
        (code, detail): (TenantProblemCode, &str),
    ) {
        for user in users {
            let (tools, reason) = (Arc::clone(tools), StepError::problem(code, detail));
            self.start(user.id, Kind::Step, Span::current(), async move {
                fail(&tools, &[user], reason).await?;
                Ok(Report::Told)
            });
        }
    }

    /// The same of rotations.
    pub(super) fn hinder(
        &mut self,
        tools: &Arc<Tools>,
        rotations: Vec<Rotation>,
        (code, detail): (TenantProblemCode, &str),
    ) {
        for rotation in rotations {
            let (tools, reason) = (Arc::clone(tools), StepError::problem(code, detail));
            self.start(rotation.user, Kind::Step, Span::current(), async move {
                rotations::hinder(&tools, rotation, &reason).await?;
                Ok(Report::Told)
            });
        }
    }

    /// Looks at AWS. Those who wait for it are told if it fails.
    pub(super) fn look(&mut self, tools: &Arc<Tools>, config: &Arc<CacheConfig>, order: LookOrder) {
        let (tools, config) = (Arc::clone(tools), Arc::clone(config));
        let work = async move {
            let LookOrder { look, not_before, covered, waiting } = order;
            let (began, by_clock) = (Instant::now(), tools.clock.now());
            let span = traced::of_cache("look at AWS", &config);
            let span = traced::linked(&tools.store, span, waiting.requests()).await;
            let seen = see(&tools, &config, look, not_before).instrument(span).await;
            if let Err(error) = &seen {
                warn!(operation = error.operation, error = %error, "cannot look at AWS");
                tell_waiting(&tools, waiting, missing_group(error.clone())).await;
            }
            Ok(Report::Looked(Looked { look, began, by_clock, covered, seen }))
        };
        self.set.spawn(work.map(|report| (None, report)).in_current_span());
    }

    /// Sends a change of the group.
    pub(super) fn send(
        &mut self,
        tools: &Arc<Tools>,
        config: &Arc<CacheConfig>,
        order: ChangeOrder,
    ) {
        let (tools, config) = (Arc::clone(tools), Arc::clone(config));
        let work = async move {
            let at = Instant::now();
            let cloud = tools.cloud.at(Urgency::Urgent);
            let span = traced::of_cache("change user group", &config);
            let span = traced::linked(&tools.store, span, order.requests()).await;
            let work = cloud.modify_group(&config.user_group, &order.change);
            let answer = work.instrument(span).await;
            Ok(Report::Sent(Sent { at, order, answer }))
        };
        self.set.spawn(work.map(|report| (None, report)).in_current_span());
    }

    fn start(
        &mut self,
        user: CacheUserId,
        kind: Kind,
        span: Span,
        work: impl Future<Output = Result<Report, StoreError>> + Send + 'static,
    ) {
        self.busy.insert(user, kind);
        self.set.spawn(work.map(move |report| (Some(user), report)).instrument(span));
    }
}

fn text(request: Option<&RequestId>) -> Option<&str> {
    request.map(|request| request.0.as_str())
}

/// Brings a user forward. `None` if it could not be, which is written down then.
async fn advance(bench: &Bench, it: &mut Traveller) -> Result<Option<StepEnd>, StoreError> {
    match bench.advance(it).await {
        Ok(end) => Ok(Some(end)),
        // After a stale write somebody was faster: look again.
        Err(StepError::Store(StoreError::Stale)) => Ok(Some(StepEnd::Moved)),
        Err(StepError::Busy) => Ok(Some(StepEnd::Waiting)),
        Err(reason) => {
            bench.tools.new_passwords.forget(it.user.id);
            fail(&bench.tools, std::slice::from_ref(&it.user), reason).await?;
            Ok(None)
        }
    }
}

/// A store that fails too keeps nobody from the report: the worker waits for it.
async fn tell_waiting(tools: &Tools, waiting: Waiting, reason: StepError) {
    let told = async {
        rotations::hinder_all(tools, &waiting.rotations, &reason).await?;
        fail(tools, &waiting.users, reason).await
    };
    if let Err(error) = told.await {
        error!(error = &error as &dyn std::error::Error, "the store failed after a failed look");
    }
}

async fn see(
    tools: &Tools,
    config: &CacheConfig,
    look: Look,
    not_before: Instant,
) -> Result<Seen, CloudError> {
    // Sign-ups may wait for it, and it is one for all.
    let cloud = tools.cloud.at(Urgency::Urgent);
    let group = async || cloud.user_group(&config.user_group).await.map(Some);
    let users = async || cloud.users_since(not_before).await.map(Some);
    Ok(match look {
        Look::Everything => {
            let at = (not_before, tools.clock.now());
            Seen::Everything(Box::new(observe(&cloud, config, at).await?))
        }
        Look::Both => {
            // A user that joins in between is then seen as not yet a member.
            let group = group().await?;
            Seen::Parts { users: users().await?, group }
        }
        Look::Users => Seen::Parts { users: users().await?, group: None },
        Look::Group => Seen::Parts { users: None, group: group().await? },
    })
}

fn missing_group(error: CloudError) -> StepError {
    if error.operation == "DescribeUserGroups" && error.kind == CloudErrorKind::NotFound {
        return StepError::problem(TenantProblemCode::UserGroupMissing, error.detail);
    }
    error.into()
}
