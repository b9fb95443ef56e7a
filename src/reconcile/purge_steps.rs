//! The removal of a deleted tenant's keys, slice by slice.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::{
    attest_steps::subject,
    failure::StepError,
    secret_steps::read_password,
    step::{Bench, CallEnd},
};
use crate::domain::{CacheUser, Event, PurgeSlice, TenantProblemCode};

/// How long a slice of the work takes: what is looked at in it is the pace.
const SLICE: Duration = Duration::from_secs(1);
/// How long one goes on by what was last seen of the cache: its nodes may be others by now.
const SHIFT: Duration = Duration::from_mins(1);

/// Removes the keys of the user's tenant until none is left, as far as that goes in one shift. After each
/// slice it is written down how far it came.
pub(super) async fn purge(bench: &Bench, user: &CacheUser) -> Result<CallEnd, StepError> {
    let tools = &bench.tools;
    // Nobody but Ringfence uses this password, so another does as well.
    let Some(password) = read_password(bench, user).await? else {
        return Ok(CallEnd::known(Event::SecretLost));
    };
    let access_string = bench.access_string(user)?;
    let subject = subject(bench, user, &password, &access_string);
    let mut progress = tools.store.purge_progress(user.tenant).await?;
    let end_of_shift = Instant::now() + SHIFT;
    loop {
        let begun = Instant::now();
        let end = tools.attestor.purge(&subject, &mut progress, tools.purge.keys_per_second).await;
        let news = (progress.clone(), end.clone());
        let saved = tools.store.save_purge(user, news, tools.clock.now()).await?;
        if let PurgeSlice::Hindered { why } = end {
            return Err(StepError::problem(TenantProblemCode::EngineUnreachable, why));
        }
        // It was written down that the keys are gone, or that nothing stands in the way any more.
        let is_over = saved.revision != user.revision || begun >= end_of_shift;
        if is_over || tools.stop.is_cancelled() {
            return Ok(CallEnd::Saved(Box::new(saved)));
        }
        tokio::select! {
            () = tools.stop.cancelled() => {}
            () = sleep_until(begun + SLICE) => {}
        }
    }
}
