//! The steps of a rotation.

use tracing::warn;

use super::{
    attest_steps,
    failure::StepError,
    secret_steps::{credentials, new_password, require_ours},
    step::Bench,
    user_steps,
};
use crate::{
    attestation::Logins,
    cloud::{CloudErrorKind, NewSecretValue, SecretReport},
    config::Verify,
    domain::{
        AttestationId, CacheUser, Password, Phase, Rotation, RotationCall, RotationEvent,
        RotationId, RotationMode, SecretVersion, TenantCredentials, TenantProblemCode,
    },
};

/// A rotation and the user whose password it replaces.
#[derive(Clone, Copy)]
pub(super) struct Work<'a> {
    pub(super) rotation: &'a Rotation,
    pub(super) user: &'a CacheUser,
}

/// What a call has made known.
pub(super) struct Learned {
    pub(super) event: RotationEvent,
    /// The version that was `AWSCURRENT`, when the first step has read it.
    pub(super) from: Option<SecretVersion>,
}

impl From<RotationEvent> for Learned {
    fn from(event: RotationEvent) -> Self {
        Self { event, from: None }
    }
}

/// Does one step that leaves the process.
pub(super) async fn call(
    bench: &Bench,
    work: Work<'_>,
    call: RotationCall,
) -> Result<Learned, StepError> {
    match call {
        RotationCall::StorePending => store_pending(bench, work).await,
        RotationCall::SetBoth => set_both(bench, work).await,
        RotationCall::TestNew => test_new(bench, work).await,
        RotationCall::Promote => promote(bench, work).await,
        RotationCall::SetNew => set_new(bench, work).await,
        RotationCall::ProveOldDead => prove_old_dead(bench, work).await,
        RotationCall::SetOld => set_old(bench, work).await,
        RotationCall::DropPending => drop_pending(bench, work).await,
    }
}

/// Puts a new password into Secrets Manager, where nobody reads it yet.
///
/// Before that it is made sure that the secret is as Ringfence left it: another's rotation, or a
/// password that somebody wrote by hand, is not for us to overwrite.
async fn store_pending(bench: &Bench, work: Work<'_>) -> Result<Learned, StepError> {
    let Work { rotation, user } = work;
    let (secret, to) = (secret(bench, user).await?, rotation.to());
    if secret.is_rotated_by_aws {
        return Err(StepError::problem(
            TenantProblemCode::SecretRotatedElsewhere,
            format!(
                "Secrets Manager is set to rotate {} by itself; two rotations of one secret undo \
                 each other: cancel the one there (CancelRotateSecret)",
                user.secret_name
            ),
        ));
    }
    let Some(from) = secret.current_version else { return Err(unreadable(user)) };
    if from == to {
        // Another process of ours has come that far with the same rotation.
        let Some(from) = secret.previous_version else { return Err(unreadable(user)) };
        return Ok(Learned { event: RotationEvent::Promoted, from: Some(from) });
    }
    if let Some(pending) = secret.pending_version.filter(|p| *p != to && *p != from)
        && !is_left_behind(bench, user, &pending).await?
    {
        return Err(StepError::problem(
            TenantProblemCode::SecretRotatedElsewhere,
            format!(
                "another rotation of {} is under way: AWSPENDING is on version {}",
                user.secret_name,
                pending.as_str()
            ),
        ));
    }
    let old = password(bench, user, &from).await?;
    match logins(bench, user, &old, &old).await? {
        Logins::Everywhere => {}
        Logins::Nowhere => return Err(changed(user, "its AWSCURRENT password cannot log in")),
        Logins::Somewhere => return Err(differing(bench, work, "the AWSCURRENT password")),
        Logins::Unknown { why } => return Err(unreachable(why)),
    }
    let new = new_password(bench);
    let text = credentials(bench, user, new.clone())
        .to_secret_string(&bench.seen.group.user_arn(&user.user_id));
    let value = NewSecretValue { text: &text, password: &new, version: to.as_str() };
    match bench.cloud.put_pending_value(&user.secret_name, &value).await {
        Ok(()) => {}
        // An earlier try had its effect; the password in it is the one that counts. Unless that was
        // long ago, and others have promoted and replaced it since.
        Err(error) if error.kind == CloudErrorKind::AlreadyExists => {
            if self::secret(bench, user).await?.pending_version != Some(to) {
                return Err(changed(user, "the new password has come and gone already"));
            }
        }
        Err(error) => return Err(error.into()),
    }
    Ok(Learned { event: RotationEvent::PendingStored, from: Some(from) })
}

async fn set_both(bench: &Bench, work: Work<'_>) -> Result<Learned, StepError> {
    let Work { rotation, user } = work;
    let old = password(bench, user, from(rotation)?).await?;
    let new = password(bench, user, &rotation.to()).await?;
    require_our_user(bench, user).await?;
    if is_promoted(&secret(bench, user).await?, work)? {
        return Ok(RotationEvent::Promoted.into());
    }
    bench.cloud.set_passwords(&user.user_id, &[&new, &old]).await?;
    Ok(RotationEvent::BothSet.into())
}

/// Logs in with the new password on every node and tries the fence.
async fn test_new(bench: &Bench, work: Work<'_>) -> Result<Learned, StepError> {
    let Work { rotation, user } = work;
    let is_emergency = rotation.mode == RotationMode::Emergency;
    // While it is being given other rights, what it can do would be compared with these.
    let is_settled = user.phase == Phase::Active && bench.has_wanted_access(user);
    if !is_settled && !is_emergency {
        let why = "the user waits for the current rights of its profile, and cannot be attested";
        return Err(lasting(bench, work, TenantProblemCode::FenceTooTight, why.to_owned()));
    }
    if bench.config.verify == Verify::Off {
        return Ok(RotationEvent::NewProved.into());
    }
    let new = password(bench, user, &rotation.to()).await?;
    match logins(bench, user, &new, &new).await? {
        Logins::Everywhere => {}
        Logins::Nowhere | Logins::Somewhere => {
            return Err(differing(bench, work, "the new password"));
        }
        Logins::Unknown { why } => return Err(unreachable(why)),
    }
    if !is_settled {
        return Ok(RotationEvent::NewProved.into());
    }
    let now = bench.tools.clock.now();
    let id = AttestationId(bench.tools.entropy.uuid(now));
    let (verdict, attestation) = attest_steps::examine_with(bench, user, &new, (id, now)).await?;
    bench.tools.store.save_attestation(user, attestation, now).await?;
    let Some(code) = attest_steps::problem(&verdict) else {
        return Ok(RotationEvent::NewProved.into());
    };
    // What has leaked must go, whatever else there is to say of the user.
    if bench.config.verify != Verify::Warn && !is_emergency {
        return Err(StepError::problem(code, verdict.detail()));
    }
    let detail = verdict.detail();
    warn!(problem = %code, detail, "the attestation failed; the rotation goes on all the same");
    Ok(RotationEvent::NewProved.into())
}

/// Whether the new password is the one that consumers are given, and not the old one any more. It is
/// an error if that is a third one.
///
/// `ModifyUser` replaces all passwords whoever asks: a process that wakes up late must not take away
/// the ones in use. So this is asked last, right before.
fn is_promoted(secret: &SecretReport, work: Work<'_>) -> Result<bool, StepError> {
    let Work { rotation, user } = work;
    let current = secret.current_version.as_ref();
    if current == Some(&rotation.to()) {
        Ok(true)
    } else if current == Some(from(rotation)?) {
        Ok(false)
    } else {
        Err(changed(user, "AWSCURRENT was moved while the password was being replaced"))
    }
}

/// Moves `AWSCURRENT`, if it is where this rotation found it.
async fn promote(bench: &Bench, work: Work<'_>) -> Result<Learned, StepError> {
    let Work { rotation, user } = work;
    if !is_promoted(&secret(bench, user).await?, work)? {
        let (from, to) = (from(rotation)?, rotation.to());
        bench.cloud.promote(&user.secret_name, from, &to).await?;
    }
    Ok(RotationEvent::Promoted.into())
}

/// Takes the old password away, if the new one is still the one that consumers are given.
async fn set_new(bench: &Bench, work: Work<'_>) -> Result<Learned, StepError> {
    let Work { rotation, user } = work;
    let new = password(bench, user, &rotation.to()).await?;
    require_our_user(bench, user).await?;
    if secret(bench, user).await?.current_version != Some(rotation.to()) {
        return Err(changed(user, "AWSCURRENT was moved during the grace"));
    }
    bench.cloud.set_passwords(&user.user_id, &[&new]).await?;
    Ok(RotationEvent::OldRemoved.into())
}

async fn prove_old_dead(bench: &Bench, work: Work<'_>) -> Result<Learned, StepError> {
    let Work { rotation, user } = work;
    let end = match rotation.mode {
        RotationMode::Overlap { .. } => RotationEvent::OldRefused,
        RotationMode::Emergency => RotationEvent::CutWanted,
    };
    if bench.config.verify == Verify::Off {
        return Ok(end.into());
    }
    let old = password(bench, user, from(rotation)?).await?;
    let new = password(bench, user, &rotation.to()).await?;
    match logins(bench, user, &new, &old).await? {
        Logins::Nowhere => Ok(end.into()),
        Logins::Everywhere | Logins::Somewhere => {
            Err(differing(bench, work, "the old password, which was taken away,"))
        }
        Logins::Unknown { why } => Err(unreachable(why)),
    }
}

async fn set_old(bench: &Bench, work: Work<'_>) -> Result<Learned, StepError> {
    let Work { rotation, user } = work;
    let old = password(bench, user, from(rotation)?).await?;
    require_our_user(bench, user).await?;
    if is_promoted(&secret(bench, user).await?, work)? {
        return Err(changed(user, "the new password was promoted while it was being cancelled"));
    }
    bench.cloud.set_passwords(&user.user_id, &[&old]).await?;
    Ok(RotationEvent::OldRestored.into())
}

async fn drop_pending(bench: &Bench, work: Work<'_>) -> Result<Learned, StepError> {
    let Work { rotation, user } = work;
    let to = rotation.to();
    if secret(bench, user).await?.pending_version == Some(to.clone()) {
        bench.cloud.drop_pending(&user.secret_name, &to).await?;
    }
    Ok(RotationEvent::PendingDropped.into())
}

async fn require_our_user(bench: &Bench, user: &CacheUser) -> Result<(), StepError> {
    let Some(report) = bench.seen.report(&user.user_id) else { return Err(StepError::Busy) };
    user_steps::require_ours(bench, user, report).await
}

/// The secret, if it is ours and not on its way out.
async fn secret(bench: &Bench, user: &CacheUser) -> Result<SecretReport, StepError> {
    let Some(secret) = bench.cloud.secret(&user.secret_name).await? else {
        return Err(unreadable(user));
    };
    require_ours(bench, user, &secret)?;
    if secret.is_scheduled_for_deletion { Err(unreadable(user)) } else { Ok(secret) }
}

async fn password(
    bench: &Bench,
    user: &CacheUser,
    version: &SecretVersion,
) -> Result<Password, StepError> {
    let text = bench.cloud.secret_version(&user.secret_name, version).await?;
    TenantCredentials::password_in(&text).map_err(|_| unreadable(user))
}

/// Where `tried` lets the user in, seen from where `known` does.
async fn logins(
    bench: &Bench,
    user: &CacheUser,
    known: &Password,
    tried: &Password,
) -> Result<Logins, StepError> {
    if bench.config.verify == Verify::Off {
        return Ok(Logins::Everywhere);
    }
    let access_string = bench.access_string(user)?;
    let subject = attest_steps::subject(bench, user, known, &access_string);
    Ok(bench.tools.attestor.logins(&subject, tried).await)
}

/// Some nodes take the password and some do not: AWS says that it is done before every node has heard
/// of it. It is told of when it lasts.
fn differing(bench: &Bench, work: Work<'_>, which: &str) -> StepError {
    let user = &work.user.user_name;
    let detail = format!("{which} of {user} does not work on every node as it should, or on none");
    lasting(bench, work, TenantProblemCode::LoginRefused, detail)
}

/// What passes by itself mostly, and is told of when it lasts.
fn lasting(bench: &Bench, work: Work<'_>, code: TenantProblemCode, detail: String) -> StepError {
    // The user may have been let in again since.
    let since = work.rotation.phase_since.max(work.user.phase_since);
    let held = bench.tools.clock.now().duration_since(since).unsigned_abs();
    if held < bench.tools.settings.consistency_window {
        return StepError::Busy;
    }
    StepError::problem(code, detail)
}

/// Whether the version was made by a rotation of this secret that is over, maybe in an earlier life of
/// its tenant, and is nobody's any more.
async fn is_left_behind(
    bench: &Bench,
    user: &CacheUser,
    version: &SecretVersion,
) -> Result<bool, StepError> {
    let Ok(id) = version.as_str().parse().map(RotationId) else { return Ok(false) };
    let made_by = bench.tools.store.rotation_by_id(id).await?;
    let Some(rotation) = made_by.filter(|rotation| rotation.phase.is_over()) else {
        return Ok(false);
    };
    let owner = bench.tools.store.user_by_id(rotation.user).await?;
    Ok(owner.is_some_and(|owner| owner.secret_name == user.secret_name))
}

fn from(rotation: &Rotation) -> Result<&SecretVersion, StepError> {
    rotation.from.as_ref().ok_or(StepError::Busy)
}

fn unreadable(user: &CacheUser) -> StepError {
    let detail = format!("the secret {} holds no usable password", user.secret_name);
    StepError::problem(TenantProblemCode::SecretUnreadable, detail)
}

fn changed(user: &CacheUser, how: &str) -> StepError {
    let detail = format!("the secret {} was changed by somebody else: {how}", user.secret_name);
    StepError::problem(TenantProblemCode::SecretChanged, detail)
}

fn unreachable(why: String) -> StepError {
    StepError::problem(TenantProblemCode::EngineUnreachable, why)
}
