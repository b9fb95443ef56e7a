//! The cache and its user group.

use tracing::debug;

use super::{SweepError, cache_sweep::Sweep, mending::Mending};
use crate::{
    cloud::CloudErrorKind,
    domain::{Difference, DriftKind, KnownSurroundings, SeenSurroundings, surroundings_changed},
    store::RepairBegin,
};

/// Compares what is known of the cache and its group with what AWS says, and answers what is known
/// from now on. What is seen for the first time is taken for right.
pub(super) async fn compare(
    sweep: &mut Sweep<'_>,
    mending: &mut Mending<'_>,
) -> Result<KnownSurroundings, SweepError> {
    let store = &sweep.tools.store;
    let mut known = store.known_surroundings(&sweep.config.name).await?;
    let seen = look(sweep).await?;
    let mut all = Vec::new();
    for difference in surroundings_changed(&sweep.config.user_group, &known, &seen) {
        let subject = subject(sweep, &difference).to_owned();
        let found = sweep.found(None, &subject, difference);
        let kind = found.difference.kind;
        if kind != DriftKind::GroupDetached && mending.is_wanted(&found) {
            store.note_drift(vec![found.clone()], sweep.tools.clock.now()).await?;
            match kind {
                DriftKind::GroupChanged => known.group_engine.clone_from(&seen.group_engine),
                _ => known.endpoint.clone_from(&seen.endpoint),
            }
            mending.begin(&found, RepairBegin::Accepted(known.clone())).await?;
        }
        all.push(found);
    }
    sweep.note(&all).await?;
    Ok(KnownSurroundings {
        group_engine: known.group_engine.or(seen.group_engine),
        endpoint: known.endpoint.or(seen.endpoint),
    })
}

async fn look(sweep: &mut Sweep<'_>) -> Result<SeenSurroundings, SweepError> {
    let group_engine = sweep.group.map(|group| group.engine.clone());
    if group_engine.is_none() {
        sweep.not_looked_at.insert(DriftKind::GroupChanged);
    }
    match sweep.cloud.cache(&sweep.config.target).await {
        Ok(report) => Ok(SeenSurroundings {
            group_engine,
            // One that the configuration names is not AWS's to change.
            endpoint: sweep.config.host.is_none().then_some(report.endpoint),
            attached_groups: Some(report.user_groups),
        }),
        // Where the configuration says where the cache is, AWS need not know it.
        Err(error) if error.kind == CloudErrorKind::NotFound => {
            debug!(%error, "AWS does not know the cache");
            sweep.not_looked_at.extend([DriftKind::EndpointChanged, DriftKind::GroupDetached]);
            Ok(SeenSurroundings { group_engine, ..SeenSurroundings::default() })
        }
        Err(error) => Err(error.into()),
    }
}

/// What the difference is about.
fn subject<'a>(sweep: &'a Sweep<'_>, difference: &Difference) -> &'a str {
    match difference.kind {
        DriftKind::EndpointChanged => sweep.config.target.name(),
        _ => &sweep.config.user_group,
    }
}
