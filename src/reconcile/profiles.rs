//! Profiles that tenants have and the configuration does not.

use tracing::warn;

use crate::{
    domain::Profiles,
    store::{Store, StoreError},
};

/// Says at start which tenants nobody can be sure of any more: one line for each profile. Work on
/// such a tenant is hindered when it comes to need the profile.
pub(super) async fn report_missing(store: &Store, profiles: &Profiles) -> Result<(), StoreError> {
    for (profile, tenants) in store.profiles_in_use().await? {
        if profiles.get(&profile).is_none() {
            warn!(%profile, tenants, "tenants have a profile that is not configured");
        }
    }
    Ok(())
}
