//! Profiles that tenants have and the configuration does not.

use tracing::warn;

use super::step::Tools;
use crate::store::StoreError;

/// Says at start which tenants nobody can be sure of any more: one line for each profile. Work on
/// such a tenant is hindered when it comes to need the profile.
pub(super) async fn report_missing(tools: &Tools) -> Result<(), StoreError> {
    for (profile, tenants) in tools.store.profiles_in_use().await? {
        if tools.profiles.get(&profile).is_none() {
            warn!(%profile, tenants, "tenants have a profile that is not configured");
        }
    }
    Ok(())
}
