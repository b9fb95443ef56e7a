//! Beginning repairs.

use std::{collections::BTreeSet, time::Duration};

use tokio::time::Instant;
use tracing::{debug, info, warn};

use super::{
    SweepError, SweepTools,
    cache_sweep::{ByKind, Sweep},
};
use crate::{
    domain::{
        CacheName, DriftFilter, DriftItem, DriftItemId, DriftKind, DriftPolicy, DriftRemedy,
        FoundDrift, Mend, first_mend,
    },
    reconcile::Cache,
    store::{DriftQuery, Restart, StoreError, SweptUser},
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

/// What a user must not differ in if it is to be taken for ours without its tags.
const PROOF_OF_USER: [DriftKind; 5] = [
    DriftKind::UserMissing,
    DriftKind::UserDisabled,
    DriftKind::AccessChanged,
    DriftKind::AuthChanged,
    DriftKind::PasswordsChanged,
];

/// The same of a secret.
const PROOF_OF_SECRET: [DriftKind; 2] = [DriftKind::SecretScheduled, DriftKind::SecretChanged];

impl<'a> Mending<'a> {
    pub(super) async fn new(tools: &'a SweepTools, cache: &CacheName) -> Result<Self, SweepError> {
        let asked = tools.store.asked_drift_repairs(cache).await?.into_iter().collect();
        Ok(Self { tools, cache: cache.clone(), asked, mended: Mended::default() })
    }

    /// Whether this is to be repaired: by its policy, or because somebody asked for it.
    pub(super) fn is_wanted(&self, found: &FoundDrift) -> bool {
        found.policy == DriftPolicy::Repair || self.asked.contains(&found.id())
    }

    /// Begins the repair of what stands first of what differs about a user.
    pub(super) async fn mend_user(
        &mut self,
        sweep: &Sweep<'_>,
        row: &SweptUser,
        found: Vec<FoundDrift>,
    ) -> Result<(), SweepError> {
        let found: ByKind = found.into_iter().map(|found| (found.difference.kind, found)).collect();
        let differing = found.values().map(|found| {
            let policy = if self.is_wanted(found) { DriftPolicy::Repair } else { found.policy };
            (found.difference.kind, policy)
        });
        let Some(first) = first_mend(differing).and_then(|kind| found.get(&kind)) else {
            return Ok(());
        };
        if self.is_full() {
            return Ok(());
        }
        let DriftRemedy::Repair(mend) = first.difference.kind.remedy() else { return Ok(()) };
        let tags = sweep.tags(row);
        let has = |kinds: &[DriftKind]| kinds.iter().any(|kind| found.contains_key(kind));
        let tagged = match mend {
            Mend::Phases(event) => {
                let Ok(phase) = row.user.phase.on(event) else { return Ok(()) };
                let restart = Restart { user: row.user.clone(), phase };
                return self.begin(first, Some(restart)).await;
            }
            Mend::TagUser if !has(&PROOF_OF_USER) => {
                let Some(report) = sweep.seen.users.get(&row.user.user_id) else { return Ok(()) };
                sweep.cloud.tag_user(&report.arn, &tags).await
            }
            Mend::TagSecret if !has(&PROOF_OF_SECRET) => {
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
            Ok(()) => self.begin(first, None).await,
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
        restart: Option<Restart>,
    ) -> Result<(), SweepError> {
        let now = self.tools.clock.now();
        match self.tools.store.begin_drift_repair(found.clone(), restart, now).await {
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
    /// When to look again at what was repaired, if anything was. Somebody who undoes it again and again
    /// is told of.
    pub(super) async fn recheck(
        &self,
        tools: &SweepTools,
        cache: &Cache,
    ) -> Result<Option<Instant>, SweepError> {
        if self.items.is_empty() {
            return Ok(self.has_more.then(|| Instant::now() + tools.settings.recheck));
        }
        let filter = DriftFilter { ids: Some(self.items.clone()), ..DriftFilter::default() };
        let limit = u32::try_from(self.items.len()).unwrap_or(u32::MAX);
        let query = DriftQuery { filter, after: None, limit };
        let now = tools.clock.now();
        let items = tools.store.drift_items(&query, now).await?;
        let most = items.iter().max_by_key(|item| item.repairs);
        let repairs = most.map_or(1, |item| item.repairs);
        if let Some(who) = most.and_then(DriftItem::who_fights) {
            cache.fights().tell(&who, now);
        }
        Ok(Some(Instant::now() + pause(tools, repairs)))
    }
}

/// Twice as long after each repair of the same thing, so that a fight costs less and less.
fn pause(tools: &SweepTools, repairs: u32) -> Duration {
    let doubled = 2_u32.saturating_pow(repairs.saturating_sub(1));
    tools.settings.recheck.saturating_mul(doubled).min(tools.settings.period)
}
