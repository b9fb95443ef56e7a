//! The steps that touch Secrets Manager.

use tracing::{info, warn};

use super::{
    failure::StepError,
    step::{Bench, CallEnd},
};
use crate::{
    cloud::{CloudError, CloudErrorKind, NewSecretValue, SecretReport},
    domain::{CacheUser, Event, Password, TenantCredentials, TenantProblemCode},
};

/// Puts a new password into Secrets Manager, before anybody else hears of it.
///
/// The version's id follows from the user's. If an earlier try had its effect, the secret's
/// current version has that id, and the password in it is the one that counts.
pub(super) async fn store(bench: &Bench, user: &CacheUser) -> Result<CallEnd, StepError> {
    let (password, version) = (new_password(bench), user.id.first_secret_version());
    let text = credentials(bench, user, password.clone())
        .to_secret_string(&bench.seen.group.user_arn(&user.user_id));
    let value = NewSecretValue { text: &text, password: &password, version: &version };
    let created = bench.cloud.create_secret(&user.secret_name, &value, &bench.tags(user)).await;
    match created {
        Ok(()) => Ok(stored(bench, user, password.clone())),
        Err(error) if name_is_in_use(&error) => reclaim(bench, user, &value).await,
        Err(error) => Err(error.into()),
    }
}

/// The password for `CreateUser`: the one that was just put into Secrets Manager, or else what is
/// there.
pub(super) async fn first_password(
    bench: &Bench,
    user: &CacheUser,
) -> Result<Option<Password>, StepError> {
    match bench.tools.new_passwords.get(user.id) {
        Some(password) => Ok(Some(password)),
        None => read_password(bench, user).await,
    }
}

/// Reads the password that counts: what is in Secrets Manager. `None` if there is nothing to read
/// and that is certain.
pub(super) async fn read_password(
    bench: &Bench,
    user: &CacheUser,
) -> Result<Option<Password>, StepError> {
    let text = match bench.cloud.secret_string(&user.secret_name).await {
        Ok(text) => text,
        Err(error) if is_lost(&error) && bench.absence_is_certain(user) => return Ok(None),
        // Not visible yet.
        Err(error) if is_lost(&error) => return Err(StepError::Busy),
        Err(error) => return Err(error.into()),
    };
    let unreadable = |error| {
        StepError::problem(
            TenantProblemCode::SecretUnreadable,
            format!("{}: {error}", user.secret_name),
        )
    };
    TenantCredentials::password_in(&text).map(Some).map_err(unreadable)
}

/// Schedules the secret for deletion. What is not ours stays as it is.
pub(super) async fn remove(bench: &Bench, user: &CacheUser) -> Result<CallEnd, StepError> {
    let cloud = &bench.cloud;
    let scheduled = Ok(CallEnd::known(Event::SecretScheduled));
    match cloud.secret(&user.secret_name).await? {
        None if bench.absence_is_certain(user) => scheduled,
        None => Ok(CallEnd::Wait),
        Some(secret) if !bench.tags(user).prove(&secret.tags) => {
            warn!(secret.name = %user.secret_name, "the secret is not ours and is left alone");
            scheduled
        }
        Some(secret) if secret.is_scheduled_for_deletion => scheduled,
        Some(_) => {
            cloud.delete_secret(&user.secret_name, bench.tools.recovery_days).await?;
            scheduled
        }
    }
}

/// The name is in use: by an earlier try of ours, by a deleted namesake in its recovery window,
/// or by somebody else.
async fn reclaim(
    bench: &Bench,
    user: &CacheUser,
    value: &NewSecretValue<'_>,
) -> Result<CallEnd, StepError> {
    let (cloud, name) = (&bench.cloud, &user.secret_name);
    let Some(found) = cloud.secret(name).await? else { return Ok(CallEnd::Wait) };
    require_ours(bench, user, &found)?;
    if found.is_scheduled_for_deletion {
        cloud.restore_secret(name).await?;
        info!(secret.name = %name, "secret restored from its recovery window");
        return Ok(CallEnd::Again);
    }
    match &found.current_version {
        Some(current) if current.as_str() == value.version => {
            return Ok(CallEnd::known(Event::SecretStored));
        }
        // A user that could log in before goes on with the password that it had. The secret was seen
        // a moment ago: if it cannot be read, that is not yet so, and no reason for a new password.
        Some(_) if user.activated_at.is_some() => {
            return Ok(match read_password(bench, user).await? {
                Some(_) => CallEnd::known(Event::SecretKept),
                None => CallEnd::Wait,
            });
        }
        _ => {}
    }
    cloud.put_secret_value(name, value).await?;
    Ok(stored(bench, user, value.password.clone()))
}

fn stored(bench: &Bench, user: &CacheUser, password: Password) -> CallEnd {
    bench.tools.new_passwords.keep(user.id, password);
    CallEnd::known(Event::SecretStored)
}

pub(super) fn require_ours(
    bench: &Bench,
    user: &CacheUser,
    found: &SecretReport,
) -> Result<(), StepError> {
    if bench.tags(user).prove(&found.tags) {
        return Ok(());
    }
    Err(StepError::problem(
        TenantProblemCode::SecretNameTaken,
        format!(
            "a secret named {} exists and does not carry this installation's tags",
            user.secret_name
        ),
    ))
}

fn name_is_in_use(error: &CloudError) -> bool {
    // InvalidRequestException: the name belongs to a secret in its recovery window.
    error.kind == CloudErrorKind::AlreadyExists || error.is("InvalidRequestException")
}

fn is_lost(error: &CloudError) -> bool {
    error.kind == CloudErrorKind::NotFound || error.is("InvalidRequestException")
}

pub(super) fn new_password(bench: &Bench) -> Password {
    let mut random = zeroize::Zeroizing::new([0; Password::ENTROPY_BYTES]);
    bench.tools.entropy.fill(random.as_mut_slice());
    Password::generate(&random)
}

pub(super) fn credentials(
    bench: &Bench,
    user: &CacheUser,
    password: Password,
) -> TenantCredentials {
    TenantCredentials::new(
        user.user_name.clone(),
        password,
        bench.seen.facts.endpoint.clone(),
        &user.key_pattern,
    )
}
