//! Beginning repairs.

use std::collections::BTreeSet;

use tracing::{debug, info, warn};

use super::{
    SweepError, SweepTools,
    cache_sweep::{Compared, Sweep},
    pacing::Aftermath,
};
use crate::{
    domain::{
        CacheName, DriftFilter, DriftItem, DriftItemId, DriftPolicy, DriftRemedy, Event,
        FoundDrift, Mend, first_mend,
    },
    reconcile::Cache,
    store::{DriftQuery, RepairBegin, Restart, StoreError, SweptUser},
};

/// The repairs of one sweep.
pub(super) struct Mending<'a> {
    tools: &'a SweepTools,
    cache: CacheName,
    asked: BTreeSet<DriftItemId>,
    mended: Mended,
}

/// What was repaired.
#[derive(Default)]
pub(super) struct Mended {
    pub(super) items: Vec<DriftItemId>,
    /// Whether there was more to repair than one sweep begins.
    has_more: bool,
}

impl<'a> Mending<'a> {
    pub(super) async fn new(tools: &'a SweepTools, cache: &CacheName) -> Result<Self, SweepError> {
        let asked = tools.store.asked_drift_repairs(cache).await?.into_iter().collect();
        Ok(Self { tools, cache: cache.clone(), asked, mended: Mended::default() })
    }

    /// Whether this is to be repaired: by its policy, or because somebody asked for it.
    pub(super) fn is_wanted(&self, found: &FoundDrift) -> bool {
        match found.policy {
            DriftPolicy::Repair => true,
            DriftPolicy::Report => self.asked.contains(&found.id()),
            DriftPolicy::Ignore => false,
        }
    }

    /// Begins the repair of what stands first of what differs about a user. Also what is ignored may
    /// stand in the way.
    pub(super) async fn mend_user(
        &mut self,
        sweep: &Sweep<'_>,
        row: &SweptUser,
        compared: &Compared,
    ) -> Result<(), SweepError> {
        let Compared { found, hindrances, proof } = compared;
        let differing = found.iter().map(|found| {
            let policy = if self.is_wanted(found) { DriftPolicy::Repair } else { found.policy };
            (found.difference.kind, policy)
        });
        let remembered = hindrances.iter().map(|kind| (*kind, DriftPolicy::Report));
        let first = first_mend(differing.chain(remembered));
        let Some(first) = found.iter().find(|found| Some(found.difference.kind) == first) else {
            return Ok(());
        };
        if self.is_full() {
            return Ok(());
        }
        let DriftRemedy::Repair(mend) = first.difference.kind.remedy() else { return Ok(()) };
        let tags = sweep.tags(row);
        let tagged = match mend {
            Mend::Phases(event) => {
                let Ok(phase) = row.user.phase.on(event) else { return Ok(()) };
                let mut user = row.user.clone();
                if event == Event::AccessOutdated {
                    user.access = None;
                }
                let restart = Box::new(Restart { user, phase });
                return self.begin(first, RepairBegin::Restarted(restart)).await;
            }
            Mend::TagUser if proof.of_user => {
                let Some(report) = sweep.seen.users.get(&row.user.user_id) else { return Ok(()) };
                sweep.cloud.tag_user(&report.arn, &tags).await
            }
            Mend::TagSecret if proof.of_secret => {
                sweep.cloud.tag_secret(&row.user.secret_name, &tags).await
            }
            Mend::TagUser | Mend::TagSecret => {
                let subject = &first.subject;
                warn!(subject, "it lacks more than its tags, and is not proven ours");
                return Ok(());
            }
            Mend::Accept => return Ok(()),
        };
        match tagged {
            Ok(()) => self.begin(first, RepairBegin::Tagged).await,
            // The others are not to wait for it; the next sweep tries again.
            Err(error) => {
                warn!(%error, subject = first.subject, "it cannot be tagged");
                Ok(())
            }
        }
    }

    /// Writes down that a repair begins, and has the work begin.
    pub(super) async fn begin(
        &mut self,
        found: &FoundDrift,
        begin: RepairBegin,
    ) -> Result<(), SweepError> {
        let now = self.tools.clock.now();
        match self.tools.store.begin_drift_repair(found.clone(), begin, now).await {
            Ok(()) => {}
            // Somebody was faster: the next sweep looks anew.
            Err(StoreError::Stale) => {
                debug!(subject = found.subject, "the user has changed since it was compared");
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        }
        let kind = found.difference.kind;
        info!(kind = %kind, subject = found.subject, "drift is being repaired");
        self.tools.metrics.repaired(kind.as_str());
        self.tools.caches.nudge(&self.cache);
        self.mended.items.push(found.id());
        Ok(())
    }

    fn is_full(&mut self) -> bool {
        let is_full = self.mended.items.len() >= self.tools.settings.repairs_at_once.get();
        self.mended.has_more |= is_full;
        is_full
    }

    pub(super) fn end(self) -> Mended {
        self.mended
    }
}

impl Mended {
    /// What is left to be looked at again. Somebody who undoes repairs again and again is told of.
    pub(super) async fn aftermath(
        &self,
        tools: &SweepTools,
        cache: &Cache,
    ) -> Result<Aftermath, SweepError> {
        let asked = tools.store.asked_drift_repairs(&cache.config().name).await?;
        let ids: Vec<DriftItemId> = self.items.iter().chain(&asked).cloned().collect();
        if ids.is_empty() {
            return Ok(Aftermath::default());
        }
        let limit = u32::try_from(ids.len()).unwrap_or(u32::MAX);
        let filter = DriftFilter { ids: Some(ids), ..DriftFilter::default() };
        let query = DriftQuery { filter, after: None, limit };
        let now = tools.clock.now();
        let items = tools.store.drift_items(&query, now).await?;
        let mended = items.iter().filter(|item| self.items.contains(&item.id));
        let most = mended.max_by_key(|item| item.repairs);
        let repairs = most.map_or(1, |item| item.repairs);
        if let Some(who) = most.and_then(DriftItem::who_fights) {
            cache.fights().tell(&who, now);
        }
        let of_secrets = items.iter().any(|item| item.found.difference.kind.is_of_secret());
        Ok(Aftermath {
            repairs: (!self.items.is_empty()).then_some(repairs),
            is_awaited: !asked.is_empty(),
            // What there was no room for may be anything.
            of_secrets: of_secrets || self.has_more,
        })
    }
}
