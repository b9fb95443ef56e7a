//! `DeleteSecret`.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::receipt;
use crate::secretsmanager::Call;
use crate::secretsmanager::arn::{self, SecretId};
use crate::secretsmanager::error::SecretsError;
use crate::secretsmanager::fields::Fields;
use crate::secretsmanager::metadata::epoch_seconds;
use crate::secretsmanager::secret::Deletion;
use crate::secretsmanager::vault::Vault;

const DEFAULT_WINDOW_DAYS: i64 = 30;

/// Schedules a secret for deletion, or deletes it without a recovery window.
///
/// A forced deletion cuts short a scheduled one; scheduling a second time is refused.
pub(super) fn delete_secret(vault: &mut Vault, call: &mut Call<'_>) -> Result<Value, SecretsError> {
    let fields = Fields::of(call.body)?;
    let id = SecretId::from_fields(&fields, call)?;
    let is_forced = fields.flag("ForceDeleteWithoutRecovery")?;
    let window_days = fields.whole("RecoveryWindowInDays")?;
    if window_days.is_some_and(|days| !(7..=30).contains(&days)) {
        return Err(SecretsError::invalid_parameter(
            "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).",
        ));
    }
    match (is_forced, window_days) {
        (true, Some(_)) => Err(SecretsError::invalid_parameter(
            "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
        )),
        (true, None) => Ok(force(vault, call, &id)),
        (false, days) => schedule(vault, call, &id, days.unwrap_or(DEFAULT_WINDOW_DAYS)),
    }
}

fn schedule(
    vault: &mut Vault,
    call: &Call<'_>,
    id: &SecretId,
    days: i64,
) -> Result<Value, SecretsError> {
    let secret = vault.find_mut(id)?;
    secret.refuse_if_deleted()?;
    let date = later(call.now, SignedDuration::from_hours(24 * days));
    secret.deletion = Some(Deletion::Scheduled(date));
    secret.changed_at = call.now;
    Ok(receipt(secret, [("DeletionDate", epoch_seconds(date))]))
}

fn force(vault: &mut Vault, call: &mut Call<'_>, id: &SecretId) -> Value {
    let deletion_date = ("DeletionDate", epoch_seconds(call.now));
    let Ok(secret) = vault.find_mut(id) else {
        // Documented: forcing the deletion of what is not there is no fault.
        let arn = match id {
            SecretId::Arn { arn, .. } => arn.clone(),
            SecretId::Name(name) => arn::generate(name, call),
        };
        return json!({"ARN": arn, "Name": id.name(), deletion_date.0: deletion_date.1});
    };
    let lag = SignedDuration::from_secs(call.quotas.forced_deletion_seconds.into());
    secret.deletion = Some(Deletion::Forced(later(call.now, lag)));
    let response = receipt(secret, [deletion_date]);
    vault.purge(call.now);
    response
}

/// The clock stops at the end of jiff's time, in the year 9999.
fn later(now: Timestamp, span: SignedDuration) -> Timestamp {
    now.checked_add(span).unwrap_or(Timestamp::MAX)
}
