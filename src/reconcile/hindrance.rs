//! Telling users what stands in the way of the work on them.

use jiff::{SignedDuration, Timestamp};
use tracing::{debug, error, warn};

use super::{failure::StepError, step::Tools};
use crate::{
    domain::{Backoff, CacheUser, Grant, Remedy, TenantProblem, TenantProblemCode, Wanted},
    store::StoreError,
};

/// Writes a problem on each user, with the time of its next try.
pub(super) async fn fail(
    tools: &Tools,
    users: &[CacheUser],
    reason: StepError,
) -> Result<(), StoreError> {
    let (code, detail, attestation) = match reason {
        StepError::Busy => return Ok(()),
        StepError::Problem { code, detail, attestation } => (code, detail, attestation),
        StepError::Store(error) => return Err(error),
        StepError::Illegal(illegal) => {
            error!(error = %illegal, "the plan and the phases disagree");
            return Ok(());
        }
        StepError::IllegalRotation(illegal) => {
            error!(error = %illegal, "the plan and the phases disagree");
            return Ok(());
        }
    };
    for user in users {
        let remedy = remedy(tools, user, code);
        log(user, code, &detail, remedy);
        let problem = TenantProblem { code, detail: detail.clone(), remedy };
        let attestation = attestation.as_deref().cloned();
        match tools.store.save_problem(user, problem, attestation, tools.clock.now()).await {
            Ok(_) | Err(StoreError::Stale) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn remedy(tools: &Tools, user: &CacheUser, code: TenantProblemCode) -> Remedy {
    // Who may do everything is to be taken out however long it takes, and without being asked again.
    let must_go = user.wanted == Wanted::Absent && user.grant == Grant::Everything;
    if !code.is_retryable() && !must_go {
        return Remedy::Person;
    }
    let mut random = [0];
    tools.entropy.fill(&mut random);
    let backoff = Backoff { base: tools.settings.retry_base, max: tools.settings.retry_max };
    let delay = backoff.delay(user.attempts.saturating_add(1), random[0]);
    let delay = SignedDuration::try_from(delay).unwrap_or(SignedDuration::MAX);
    Remedy::Retry { at: tools.clock.now().saturating_add(delay).unwrap_or(Timestamp::MAX) }
}

/// One WARN when a problem begins; the tries that change nothing are DEBUG.
fn log(user: &CacheUser, code: TenantProblemCode, detail: &str, remedy: Remedy) {
    let name = &user.user_name;
    if user.problem.as_ref().is_some_and(|old| old.code == code) {
        debug!(user.name = %name, problem = %code, detail, "still hindered");
    } else if remedy == Remedy::Person {
        error!(user.name = %name, problem = %code, detail, "blocked until a person acts");
    } else {
        warn!(user.name = %name, problem = %code, detail, "hindered, will try again");
    }
}
