//! One step for one user: plan it, do it, write it down.

use std::sync::Arc;

use jiff::Timestamp;
use ringfence_acl::AccessString;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info};

use super::{
    Caches, attest_steps, failure::StepError, fights::count_loss, new_passwords::NewPasswords,
    observation::Observation, secret_steps, user_steps,
};
use crate::{
    attestation::Attestor,
    clock::{Clock, Entropy},
    cloud::{Cloud, OwnershipTags},
    config::{CacheConfig, PurgeConfig, ReconcilerConfig, RotationConfig},
    domain::{
        AccessRevision, AccessSeen, Attestation, CacheUser, Call, DriftPolicies, Event, Looks,
        NotConfigured, Observed, Phase, Profiles, ShownAccess, Step, Urgency, UserSeen, needs,
        plan,
    },
    store::{Progress, Store},
};

/// What every step of a cache may use.
pub(super) struct Tools {
    pub(super) caches: Caches,
    pub(super) cloud: Cloud,
    pub(super) store: Store,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
    pub(super) attestor: Attestor,
    pub(super) new_passwords: NewPasswords,
    pub(super) profiles: Profiles,
    pub(super) settings: ReconcilerConfig,
    pub(super) rotation: RotationConfig,
    pub(super) purge: PurgeConfig,
    pub(super) recovery_days: u8,
    pub(super) drift_policy: DriftPolicies,
    /// Ends what takes long between two of its steps.
    pub(super) stop: CancellationToken,
}

/// A step's surroundings: the tools, and what was last seen.
#[derive(Clone)]
pub(super) struct Bench {
    pub(super) tools: Arc<Tools>,
    /// AWS, for work of this urgency.
    pub(super) cloud: Cloud,
    pub(super) config: Arc<CacheConfig>,
    pub(super) seen: Arc<Observation>,
}

/// How a call in a step ended.
pub(super) enum CallEnd {
    /// It is known that this is so now.
    Known(News),
    /// Something was put right on the way; the same step is due again at once.
    Again,
    /// AWS is at work, or does not yet show what it must.
    Wait,
    /// It has written down itself how the user is now.
    Saved(Box<CacheUser>),
}

/// What has become known, and what goes with it.
pub(super) struct News {
    event: Event,
    access: Option<AccessRevision>,
    attestation: Option<Box<Attestation>>,
}

impl From<Event> for News {
    fn from(event: Event) -> Self {
        Self { event, access: None, attestation: None }
    }
}

impl CallEnd {
    pub(super) fn known(event: Event) -> Self {
        Self::Known(event.into())
    }

    /// The same, and AWS has given the user the rights of this revision.
    pub(super) fn given(event: Event, access: AccessRevision) -> Self {
        Self::Known(News { access: Some(access), ..event.into() })
    }

    /// The fence was tried, and the user may go on.
    pub(super) fn attested(attestation: Attestation) -> Self {
        Self::Known(News { attestation: Some(Box::new(attestation)), ..Event::Attested.into() })
    }
}

/// How far a user was brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StepEnd {
    /// It came forward, and what comes next depends on a look that is newer than its row.
    Moved,
    /// AWS is at work.
    Waiting,
    /// It waits to be put into the group.
    Joins,
    /// It waits to be taken out of the group.
    Leaves,
    /// There is nothing to do.
    Settled,
}

/// A user on the way, and how much of what was seen is newer than its row.
pub(super) struct Traveller {
    pub(super) user: CacheUser,
    pub(super) fresh: Looks,
    /// Whether a call was made since the last look.
    pub(super) called: bool,
}

impl Bench {
    /// The same for work of this urgency.
    pub(super) fn at(&self, urgency: Urgency) -> Self {
        Self { cloud: self.tools.cloud.at(urgency), ..self.clone() }
    }

    /// The next step of a user, as far as can be told.
    pub(super) fn plan(&self, user: &CacheUser, fresh: Looks) -> Step {
        plan(user.auth, user.wanted, user.phase, self.observed(user, fresh))
    }

    /// Brings a user as far as it comes without another look at AWS. What was seen already is
    /// written down on the way, because a row that was changed by what was seen is not newer than
    /// what was seen. The traveller is left as it is then, also when a step fails.
    pub(super) async fn advance(&self, it: &mut Traveller) -> Result<StepEnd, StepError> {
        loop {
            if !needs(it.user.phase).are_met_by(it.fresh) {
                return Ok(StepEnd::Moved);
            }
            let step = self.plan(&it.user, it.fresh);
            debug!(?step, phase = %it.user.phase, "step planned");
            match step {
                Step::Note(event) => it.user = self.note(&it.user, event.into()).await?,
                Step::Done => return Ok(StepEnd::Settled),
                Step::Wait => return Ok(StepEnd::Waiting),
                Step::Join => return Ok(StepEnd::Joins),
                Step::Leave => return Ok(StepEnd::Leaves),
                Step::Call(call) => match self.call(&it.user, call).await? {
                    CallEnd::Known(news) => {
                        it.user = self.note(&it.user, news).await?;
                        (it.fresh, it.called) = (Looks::NOTHING, true);
                    }
                    CallEnd::Again => {}
                    CallEnd::Saved(user) => (it.user, it.fresh) = (*user, Looks::NOTHING),
                    CallEnd::Wait => return Ok(StepEnd::Waiting),
                },
            }
        }
    }

    async fn call(&self, user: &CacheUser, call: Call) -> Result<CallEnd, StepError> {
        match call {
            Call::StoreSecret => secret_steps::store(self, user).await,
            Call::CreateUser => user_steps::create(self, user).await,
            Call::AdoptUser => user_steps::adopt(self, user).await,
            Call::SetAccess => user_steps::set_access(self, user).await,
            Call::Attest => attest_steps::prove(self, user).await,
            Call::RemoveUser => user_steps::remove(self, user).await,
            Call::RemoveSecret => secret_steps::remove(self, user).await,
        }
    }

    async fn note(&self, user: &CacheUser, news: News) -> Result<CacheUser, StepError> {
        let News { event, access, attestation } = news;
        let phase = user.phase.on(event)?;
        let now = self.tools.clock.now();
        let progress = Progress {
            phase,
            access,
            attestation: attestation.map(|made| *made),
            password_is_new: event == Event::SecretStored,
            shown: (event == Event::Attested).then(|| self.unlike_wanted(user)).flatten(),
        };
        let moved = self.tools.store.save_progress(user, progress, now).await?;
        if event == Event::MembershipLost {
            count_loss(&self.tools, &self.config, user).await?;
        }
        info!(from = %user.phase, to = %phase, ?event, "user moved on");
        Ok(moved)
    }

    fn observed(&self, user: &CacheUser, fresh: Looks) -> Observed {
        Observed {
            // What is older than the row says nothing; what AWS answers to a call then does.
            user: if fresh.users { self.seen.user(&user.user_id) } else { UserSeen::Missing },
            membership: self.seen.group.view.membership(&user.user_id),
            absence_is_certain: self.had_settled(user.phase_since),
            access: self.access_seen(user),
        }
    }

    /// A user at rest is outdated only when its row says so, because a roll-out is paced. One that is
    /// about to be let in, or to be attested, must have what it is to have.
    fn access_seen(&self, user: &CacheUser) -> AccessSeen {
        let must_be_current = matches!(user.phase, Phase::JoiningGroup | Phase::Attesting);
        let is_outdated = must_be_current && !self.has_wanted_access(user);
        if user.access.is_none() || is_outdated {
            return AccessSeen::Outdated;
        }
        match self.unlike_wanted(user) {
            Some(_) => AccessSeen::NotShownYet,
            None => AccessSeen::Wanted,
        }
    }

    /// The access string that AWS shows, if it is another than the wanted one as far as can be told.
    fn unlike_wanted(&self, user: &CacheUser) -> Option<ShownAccess> {
        let parsed = |text: &str| AccessString::parse(text).ok();
        let shown = &self.seen.report(&user.user_id)?.access_string;
        let wanted = self.access_string(user).ok().and_then(|wanted| parsed(&wanted))?;
        let is_other = parsed(shown).is_some_and(|shown| !wanted.is_equivalent(&shown));
        is_other.then(|| ShownAccess::of(shown))
    }

    /// Whether AWS was last given the rights that the user should have. Those of a profile that is
    /// not configured any more are what they were.
    pub(super) fn has_wanted_access(&self, user: &CacheUser) -> bool {
        self.access_revision(user).map_or(true, |wanted| user.access == Some(wanted))
    }

    /// Whether a thing of this user that AWS does not show now is really not there.
    pub(super) fn absence_is_certain(&self, user: &CacheUser) -> bool {
        self.is_long_after(user.phase_since, self.tools.clock.now())
    }

    /// Whether, at the time of the last look at the users, enough had passed since then for AWS to show
    /// what was done.
    pub(super) fn had_settled(&self, since: Timestamp) -> bool {
        self.is_long_after(since, self.seen.users_at)
    }

    fn is_long_after(&self, since: Timestamp, at: Timestamp) -> bool {
        at.duration_since(since).unsigned_abs() >= self.tools.settings.consistency_window
    }

    /// What the user should be allowed.
    pub(super) fn access_string(&self, user: &CacheUser) -> Result<String, NotConfigured> {
        let (profiles, ground) = (&self.tools.profiles, &self.seen.facts.ground);
        user.grant.access_string(profiles, &user.key_pattern, ground)
    }

    /// The revision of what the user should be allowed.
    pub(super) fn access_revision(
        &self,
        user: &CacheUser,
    ) -> Result<AccessRevision, NotConfigured> {
        user.grant.revision(&self.tools.profiles, &self.seen.facts.ground)
    }

    /// The tags on this user's things.
    pub(super) fn tags(&self, user: &CacheUser) -> OwnershipTags {
        OwnershipTags::new(&user.tenant_name, &user.user_name, self.tools.store.installation())
            .remembering(user.id, user.tier)
    }
}
