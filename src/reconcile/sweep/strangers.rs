//! Things that say they are ours, and that the store does not know.
//!
//! They are what a lost or restored database leaves behind. They are listed and never touched. Users
//! and secrets without our tags are nobody's business.

use std::collections::{BTreeMap, BTreeSet};

use tracing::debug;

use super::{SweepError, cache_sweep::Sweep};
use crate::{
    cloud::{CloudErrorKind, OwnershipTags},
    domain::{Difference, DriftKind, FoundDrift, UserId},
};

/// About how many users without a row one sweep asks.
const ASKED_MAX: usize = 200;
/// How many ids the store is asked about at a time.
const PAGE: usize = 500;

/// Notes the orphans of a cache: the members of its group, and with `is_first` also the users of the
/// place that are in no group of ours, and the secrets.
pub(super) async fn note(sweep: &mut Sweep<'_>, is_first: bool) -> Result<(), SweepError> {
    let mut found = Vec::new();
    for id in unknown_users(sweep, is_first).await?.iter().take(ASKED_MAX) {
        let Some(report) = sweep.seen.users.get(id) else { continue };
        match sweep.cloud.user_tags(&report.arn).await {
            Ok(tags) => found.extend(orphan(sweep, DriftKind::UserOrphaned, id.as_str(), &tags)),
            Err(error) if error.kind == CloudErrorKind::NotFound => {
                debug!(user.id = %id, "the user is gone, or being changed");
            }
            Err(error) if error.is_permanent() => {
                sweep.cannot_look_at(&[DriftKind::UserOrphaned], &error);
            }
            Err(error) => return Err(error.into()),
        }
    }
    if let Some(secrets) = sweep.seen.secrets.as_ref().filter(|_| is_first) {
        for name in &secrets.strangers {
            let shown = match sweep.cloud.secret(name).await {
                Ok(Some(shown)) => shown,
                Ok(None) => continue,
                Err(error) if error.is_permanent() => {
                    sweep.cannot_look_at(&[DriftKind::SecretOrphaned], &error);
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            if !shown.is_scheduled_for_deletion {
                let (kind, name) = (DriftKind::SecretOrphaned, name.as_str());
                found.extend(orphan(sweep, kind, name, &shown.tags));
            }
        }
    }
    sweep.note(&found).await
}

fn orphan(
    sweep: &Sweep<'_>,
    kind: DriftKind,
    subject: &str,
    tags: &BTreeMap<String, String>,
) -> Option<FoundDrift> {
    let (tenant, user) = OwnershipTags::owner_in(tags, sweep.tools.store.installation())?;
    let found = format!("tagged for user {user} of tenant {tenant}");
    let expected = "a user that the store knows".to_owned();
    Some(sweep.found(None, subject, Difference { kind, found, expected }))
}

/// The users that no row knows and that may be ours, going by their ids.
async fn unknown_users(sweep: &Sweep<'_>, is_first: bool) -> Result<BTreeSet<UserId>, SweepError> {
    let prefix = &sweep.tools.naming.user_id_prefix;
    let may_be_ours = |id: &&UserId| id.as_str().starts_with(prefix.as_str());
    let mut ids: BTreeSet<&UserId> =
        sweep.group.iter().flat_map(|group| &group.view.members).filter(may_be_ours).collect();
    if is_first {
        let configs = sweep.tools.caches.iter().map(|cache| &cache.config().user_group);
        let groups = configs.filter_map(|group| sweep.seen.groups.groups.get(group));
        let in_groups: BTreeSet<&UserId> = groups.flat_map(|group| &group.view.members).collect();
        let others = sweep.seen.users.users.keys().filter(may_be_ours);
        ids.extend(others.filter(|id| !in_groups.contains(id)));
    }
    let mut unknown = BTreeSet::new();
    let ids: Vec<&UserId> = ids.into_iter().collect();
    for page in ids.chunks(PAGE) {
        unknown.extend(sweep.tools.store.unknown_user_ids(page.iter().copied()).await?);
    }
    Ok(unknown)
}
