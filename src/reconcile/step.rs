//! One step for one tenant: plan it, do it, write it down.

use std::sync::Arc;

use tracing::{debug, info};

use super::{attest_steps, failure::StepError, observation::Observation, secret_steps, user_steps};
use crate::{
    attestation::Attestor,
    clock::{Clock, Entropy},
    cloud::{Cloud, OwnershipTags},
    config::{CacheConfig, ReconcilerConfig},
    domain::{Attestation, Call, Event, Observed, Profiles, Step, Tenant, UserId, plan},
    store::Store,
};

/// What every step may use.
#[derive(Clone)]
pub(super) struct Tools {
    pub(super) cloud: Cloud,
    pub(super) store: Store,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
    pub(super) attestor: Attestor,
    pub(super) profiles: Profiles,
    pub(super) settings: ReconcilerConfig,
    pub(super) recovery_days: u8,
}

/// A step's surroundings: the tools, and what was seen in this pass.
pub(super) struct Bench<'a> {
    pub(super) tools: &'a Tools,
    pub(super) config: &'a CacheConfig,
    pub(super) seen: &'a Observation,
}

/// How a call in a step ended.
pub(super) enum CallEnd {
    /// It is known that this is so now.
    Known(Event),
    /// The fence was tried, and the tenant may go on.
    Attested(Attestation),
    /// Something was put right on the way; the same step is due again at once.
    Again,
    /// AWS is at work, or does not yet show what it must.
    Wait,
}

/// What a step leaves for the pass.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum StepEnd {
    /// The tenant came forward: its next step is due at once.
    Moved,
    /// AWS is at work.
    Waiting,
    /// The user waits to be put into the group.
    Joins(UserId),
    /// The user waits to be taken out of the group.
    Leaves(UserId),
    /// There is nothing to do.
    Settled,
}

impl Bench<'_> {
    /// Takes one step. What the look at AWS already shows is written down on the way, because a
    /// row that was changed by what was seen is not newer than what was seen.
    pub(super) async fn step(&self, tenant: &Tenant) -> Result<StepEnd, StepError> {
        let mut tenant = tenant.clone();
        loop {
            let step = plan(tenant.wanted, tenant.phase, self.observed(&tenant));
            debug!(?step, phase = %tenant.phase, "step planned");
            match step {
                Step::Note(event) => tenant = self.note(&tenant, event, None).await?,
                Step::Done => return Ok(StepEnd::Settled),
                Step::Wait => return Ok(StepEnd::Waiting),
                Step::Join => return Ok(StepEnd::Joins(tenant.user_id)),
                Step::Leave => return Ok(StepEnd::Leaves(tenant.user_id)),
                Step::Call(call) => return self.call(&tenant, call).await,
            }
        }
    }

    async fn call(&self, tenant: &Tenant, call: Call) -> Result<StepEnd, StepError> {
        let end = match call {
            Call::StoreSecret => secret_steps::store(self, tenant).await?,
            Call::CreateUser => user_steps::create(self, tenant).await?,
            Call::AdoptUser => user_steps::adopt(self, tenant).await?,
            Call::Attest => attest_steps::prove(self, tenant).await?,
            Call::RemoveUser => user_steps::remove(self, tenant).await?,
            Call::RemoveSecret => secret_steps::remove(self, tenant).await?,
        };
        match end {
            CallEnd::Known(event) => {
                self.note(tenant, event, None).await?;
                Ok(StepEnd::Moved)
            }
            CallEnd::Attested(attestation) => {
                self.note(tenant, Event::Attested, Some(attestation)).await?;
                Ok(StepEnd::Moved)
            }
            CallEnd::Again => Ok(StepEnd::Moved),
            CallEnd::Wait => Ok(StepEnd::Waiting),
        }
    }

    async fn note(
        &self,
        tenant: &Tenant,
        event: Event,
        attestation: Option<Attestation>,
    ) -> Result<Tenant, StepError> {
        let phase = tenant.phase.on(event)?;
        let now = self.tools.clock.now();
        let moved = self.tools.store.save_phase(tenant, phase, attestation, now).await?;
        info!(from = %tenant.phase, to = %phase, ?event, "tenant moved on");
        Ok(moved)
    }

    fn observed(&self, tenant: &Tenant) -> Observed {
        Observed {
            user: self.seen.user(&tenant.user_id),
            membership: self.seen.group.view.membership(&tenant.user_id),
            absence_is_certain: self.absence_is_certain(tenant),
        }
    }

    /// Whether a thing of this tenant that AWS does not show is really not there.
    pub(super) fn absence_is_certain(&self, tenant: &Tenant) -> bool {
        let held = self.tools.clock.now().duration_since(tenant.phase_since);
        held.unsigned_abs() >= self.tools.settings.consistency_window
    }

    /// What the tenant should be allowed, if its profile is still configured.
    pub(super) fn access_string(&self, tenant: &Tenant) -> Result<String, StepError> {
        let profile = self.tools.profiles.get(&tenant.profile);
        let profile = profile.ok_or_else(|| StepError::profile_not_configured(&tenant.profile))?;
        Ok(profile.access_string(&tenant.key_pattern, &self.seen.facts.ground))
    }

    /// The tags on this tenant's things.
    pub(super) fn tags(&self, tenant: &Tenant) -> OwnershipTags {
        OwnershipTags::new(&tenant.name, &tenant.user_name, self.tools.store.installation())
    }
}
