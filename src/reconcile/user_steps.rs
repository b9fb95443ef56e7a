//! The steps that touch the tenant's user.

use tracing::{info, warn};

use super::{
    failure::StepError,
    secret_steps::read_password,
    step::{Bench, CallEnd},
};
use crate::{
    cloud::{CloudErrorKind, NewUser, UserReport},
    domain::{Event, Password, Tenant, TenantProblemCode},
};

/// Makes the user with the password that Secrets Manager holds.
pub(super) async fn create(bench: &Bench<'_>, tenant: &Tenant) -> Result<CallEnd, StepError> {
    let Some(password) = read_password(bench, tenant).await? else {
        return Ok(CallEnd::Known(Event::SecretLost));
    };
    match bench.tools.cloud.create_user(&new_user(bench, tenant, password)?).await {
        Ok(()) => Ok(CallEnd::Known(Event::UserCreated)),
        // Not visible yet when we looked. When it is, its tags tell whose it is.
        Err(error) if error.kind == CloudErrorKind::AlreadyExists => Ok(CallEnd::Wait),
        Err(error) => Err(error.into()),
    }
}

/// Takes over a user whose creation no answer told of. Its password and access string are set
/// again, because nobody can read from AWS which password it has.
pub(super) async fn adopt(bench: &Bench<'_>, tenant: &Tenant) -> Result<CallEnd, StepError> {
    let Some(user) = bench.seen.users.get(&tenant.user_id) else { return Ok(CallEnd::Wait) };
    if !is_ours(bench, tenant, user).await? {
        return Err(StepError::problem(
            TenantProblemCode::UserIdTaken,
            format!(
                "a user with the id {} exists and does not carry this installation's tags",
                tenant.user_id
            ),
        ));
    }
    let Some(password) = read_password(bench, tenant).await? else {
        return Ok(CallEnd::Known(Event::SecretLost));
    };
    bench.tools.cloud.reset_user(&new_user(bench, tenant, password)?).await?;
    info!(user.id = %tenant.user_id, "user adopted");
    Ok(CallEnd::Known(Event::UserCreated))
}

/// Deletes the user. What is not ours stays as it is.
pub(super) async fn remove(bench: &Bench<'_>, tenant: &Tenant) -> Result<CallEnd, StepError> {
    let Some(user) = bench.seen.users.get(&tenant.user_id) else { return Ok(CallEnd::Wait) };
    if !is_ours(bench, tenant, user).await? {
        warn!(user.id = %tenant.user_id, "the user is not ours and is left alone");
        return Ok(CallEnd::Known(Event::UserGone));
    }
    bench.tools.cloud.delete_user(&tenant.user_id).await?;
    Ok(CallEnd::Known(Event::RemovalAccepted))
}

async fn is_ours(bench: &Bench<'_>, tenant: &Tenant, user: &UserReport) -> Result<bool, StepError> {
    match bench.tools.cloud.user_tags(&user.arn).await {
        Ok(tags) => Ok(bench.tags(tenant).prove(&tags)),
        // "Not available for tagging": untrue of a user that was just listed, for a while.
        Err(error) if error.kind == CloudErrorKind::NotFound => Err(StepError::Busy),
        Err(error) => Err(error.into()),
    }
}

fn new_user(bench: &Bench<'_>, tenant: &Tenant, password: Password) -> Result<NewUser, StepError> {
    Ok(NewUser {
        id: tenant.user_id.clone(),
        name: tenant.user_name.clone(),
        engine: bench.seen.group.engine.clone(),
        access_string: bench.access_string(tenant)?,
        password,
        tags: bench.tags(tenant),
    })
}
