//! The login that proves a user's fence.

use jiff::Timestamp;
use tracing::{info, warn};

use super::{
    failure::StepError,
    purge_steps,
    secret_steps::read_password,
    step::{Bench, CallEnd},
};
use crate::{
    attestation::Subject,
    config::Verify,
    domain::{
        Attestation, AttestationId, AttestationVerdict, Auth, CacheUser, Event, Evidence, Finding,
        Grant, Password, TenantProblemCode,
    },
};

/// Proves the fence before the user is called active, unless the cache asks for no proof. Who may
/// do everything has no fence, and who removes keys has to prove that none is left.
pub(super) async fn prove(bench: &Bench, user: &CacheUser) -> Result<CallEnd, StepError> {
    if user.grant == Grant::Purge {
        return purge_steps::purge(bench, user).await;
    }
    if bench.config.verify == Verify::Off || user.grant == Grant::Everything {
        return Ok(CallEnd::known(Event::Attested));
    }
    let now = bench.tools.clock.now();
    let id = AttestationId(bench.tools.entropy.uuid(now));
    let (verdict, attestation) = examine(bench, user, id, now).await?;
    let Some(code) = problem(&verdict) else { return Ok(CallEnd::attested(attestation)) };
    let detail = detail(user, &verdict);
    if bench.config.verify == Verify::Warn {
        warn!(problem = %code, detail, "the attestation failed; the cache's `verify` lets it pass");
        return Ok(CallEnd::attested(attestation));
    }
    Err(StepError::Problem { code, detail, attestation: Some(Box::new(attestation)) })
}

/// Makes an attestation that somebody asked for. Whatever comes of it is written down; a user
/// that is found leaky is told of, and goes on.
pub(super) async fn answer(
    bench: &Bench,
    user: &CacheUser,
    wanted: &Attestation,
) -> Result<(), StepError> {
    let examined = if bench.has_wanted_access(user) {
        examine(bench, user, wanted.id, wanted.requested_at).await
    } else {
        // What it can do would be compared with what it was never given.
        let why = "the user has not been given the current definition of its profile yet";
        Err(StepError::problem(TenantProblemCode::FenceTooTight, why))
    };
    let (verdict, attestation) = match examined {
        Ok(examined) => examined,
        Err(StepError::Problem { detail, .. }) => {
            let verdict = AttestationVerdict::Inconclusive { why: detail };
            record(bench, user, wanted.id, wanted.requested_at, (verdict, Evidence::default()))
        }
        Err(error) => return Err(error),
    };
    info!(verdict = %verdict.kind(), "attested");
    let attestation = Attestation { requested_by: wanted.requested_by.clone(), ..attestation };
    bench.tools.store.save_attestation(user, attestation, bench.tools.clock.now()).await?;
    Ok(())
}

async fn examine(
    bench: &Bench,
    user: &CacheUser,
    id: AttestationId,
    requested_at: Timestamp,
) -> Result<(AttestationVerdict, Attestation), StepError> {
    let login = match user.auth {
        Auth::Password => read_password(bench, user).await?.ok_or_else(|| {
            StepError::problem(
                TenantProblemCode::SecretUnreadable,
                format!("the secret {} is gone or scheduled for deletion", user.secret_name),
            )
        })?,
        Auth::Iam => {
            let (cloud, now) = (&bench.cloud, bench.tools.clock.now());
            cloud.connect_token(&bench.config.target, &user.user_id, now).await?
        }
    };
    examine_with(bench, user, &login, (id, requested_at)).await
}

/// Tries the fence with this password, whatever Secrets Manager calls its version.
pub(super) async fn examine_with(
    bench: &Bench,
    user: &CacheUser,
    password: &Password,
    (id, requested_at): (AttestationId, Timestamp),
) -> Result<(AttestationVerdict, Attestation), StepError> {
    let access_string = bench.access_string(user)?;
    let subject = subject(bench, user, password, &access_string);
    let found = bench.tools.attestor.attest(&subject, &id.0.simple().to_string()).await;
    Ok(record(bench, user, id, requested_at, found))
}

/// Who logs in, and where.
pub(super) fn subject<'a>(
    bench: &'a Bench,
    user: &'a CacheUser,
    password: &'a Password,
    access_string: &'a str,
) -> Subject<'a> {
    Subject {
        endpoint: &bench.seen.facts.endpoint,
        nodes: &bench.seen.facts.nodes,
        engine: bench.seen.facts.ground.engine,
        user: &user.user_name,
        password,
        pattern: &user.key_pattern,
        access_string,
    }
}

fn record(
    bench: &Bench,
    user: &CacheUser,
    id: AttestationId,
    requested_at: Timestamp,
    (verdict, evidence): (AttestationVerdict, Evidence),
) -> (AttestationVerdict, Attestation) {
    let finding = Finding {
        at: bench.tools.clock.now(),
        verdict: verdict.clone(),
        engine: bench.seen.facts.ground.engine.to_string(),
        // Without a profile nothing was tried, and the finding says why.
        access_string: bench.access_string(user).unwrap_or_default(),
        evidence,
    };
    let attestation = Attestation {
        id,
        tenant: user.tenant,
        user: user.id,
        user_name: user.user_name.clone(),
        requested_at,
        requested_by: None,
        finding: Some(finding),
    };
    (verdict, attestation)
}

/// What a person needs to know of a failed attestation.
fn detail(user: &CacheUser, verdict: &AttestationVerdict) -> String {
    let detail = verdict.detail();
    match (user.auth, verdict) {
        (Auth::Iam, AttestationVerdict::LoginRefused { .. }) => format!(
            "{detail}; Ringfence's own role must be allowed elasticache:Connect to the cache as {}",
            user.user_id
        ),
        _ => detail,
    }
}

/// What stands in the way of an active user by this verdict.
pub(super) fn problem(verdict: &AttestationVerdict) -> Option<TenantProblemCode> {
    match verdict {
        AttestationVerdict::Isolated => None,
        AttestationVerdict::Leaky { .. } => Some(TenantProblemCode::FenceLeaky),
        AttestationVerdict::TooTight { .. } => Some(TenantProblemCode::FenceTooTight),
        AttestationVerdict::LoginRefused { .. } => Some(TenantProblemCode::LoginRefused),
        AttestationVerdict::Inconclusive { .. } => Some(TenantProblemCode::EngineUnreachable),
    }
}
