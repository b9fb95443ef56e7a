//! The steps that touch the user in ElastiCache.

use tracing::{info, warn};

use super::{
    failure::StepError,
    secret_steps::first_password,
    step::{Bench, CallEnd},
};
use crate::{
    cloud::{Authentication, CloudErrorKind, NewUser, UserReport},
    domain::{Auth, CacheUser, Event, TenantProblemCode},
};

/// Makes the user, with the password that Secrets Manager holds if it has one.
pub(super) async fn create(bench: &Bench, user: &CacheUser) -> Result<CallEnd, StepError> {
    let Some(authentication) = authentication(bench, user).await? else {
        return Ok(CallEnd::known(Event::SecretLost));
    };
    match bench.cloud.create_user(&new_user(bench, user, authentication)?).await {
        Ok(_state) => Ok(CallEnd::given(Event::UserCreated, bench.access_revision(user)?)),
        // Not visible yet when we looked. When it is, its tags tell whose it is.
        Err(error) if error.kind == CloudErrorKind::AlreadyExists => Ok(CallEnd::Wait),
        Err(error) => Err(error.into()),
    }
}

/// Takes over a user whose creation no answer told of. Its password and access string are set
/// again, because nobody can read from AWS which password it has.
pub(super) async fn adopt(bench: &Bench, user: &CacheUser) -> Result<CallEnd, StepError> {
    let Some(report) = bench.seen.report(&user.user_id) else { return Ok(CallEnd::Wait) };
    require_ours(bench, user, report).await?;
    let Some(authentication) = authentication(bench, user).await? else {
        return Ok(CallEnd::known(Event::SecretLost));
    };
    bench.cloud.reset_user(&new_user(bench, user, authentication)?).await?;
    info!(user.id = %user.user_id, "user adopted");
    Ok(CallEnd::given(Event::UserCreated, bench.access_revision(user)?))
}

/// Gives the user the wanted rights. Its passwords stay.
pub(super) async fn set_access(bench: &Bench, user: &CacheUser) -> Result<CallEnd, StepError> {
    let Some(report) = bench.seen.report(&user.user_id) else { return Ok(CallEnd::Wait) };
    require_ours(bench, user, report).await?;
    let access_string = bench.access_string(user)?;
    bench.cloud.set_access_string(&user.user_id, &access_string).await?;
    Ok(CallEnd::given(Event::AccessSet, bench.access_revision(user)?))
}

/// Deletes the user. What is not ours stays as it is.
pub(super) async fn remove(bench: &Bench, user: &CacheUser) -> Result<CallEnd, StepError> {
    let Some(report) = bench.seen.report(&user.user_id) else { return Ok(CallEnd::Wait) };
    if !is_ours(bench, user, report).await? {
        warn!(user.id = %user.user_id, "the user is not ours and is left alone");
        return Ok(CallEnd::known(Event::UserGone));
    }
    bench.cloud.delete_user(&user.user_id).await?;
    Ok(CallEnd::known(Event::RemovalAccepted))
}

pub(super) async fn require_ours(
    bench: &Bench,
    user: &CacheUser,
    report: &UserReport,
) -> Result<(), StepError> {
    if is_ours(bench, user, report).await? {
        return Ok(());
    }
    Err(StepError::problem(
        TenantProblemCode::UserIdTaken,
        format!(
            "a user with the id {} exists and does not carry this installation's tags",
            user.user_id
        ),
    ))
}

async fn is_ours(bench: &Bench, user: &CacheUser, report: &UserReport) -> Result<bool, StepError> {
    match bench.cloud.user_tags(&report.arn).await {
        Ok(tags) => Ok(bench.tags(user).prove(&tags)),
        // "Not available for tagging": untrue of a user that was just listed, for a while.
        Err(error) if error.kind == CloudErrorKind::NotFound => Err(StepError::Busy),
        Err(error) => Err(error.into()),
    }
}

/// How the user is to prove who it is. `None` if its secret is lost.
async fn authentication(
    bench: &Bench,
    user: &CacheUser,
) -> Result<Option<Authentication>, StepError> {
    match user.auth {
        Auth::Password => Ok(first_password(bench, user).await?.map(Authentication::Password)),
        Auth::Iam => Ok(Some(Authentication::Iam)),
    }
}

fn new_user(
    bench: &Bench,
    user: &CacheUser,
    authentication: Authentication,
) -> Result<NewUser, StepError> {
    Ok(NewUser {
        id: user.user_id.clone(),
        name: user.user_name.clone(),
        engine: bench.seen.group.engine.clone(),
        access_string: bench.access_string(user)?,
        authentication,
        tags: bench.tags(user),
    })
}
