//! What would come of a request. It is done in full, under the same rules and against everything that is
//! written, and then taken back: what a caller is told cannot differ from what it would have got.

use super::{
    Reservation, Store, StoreError,
    capacity::refusals,
    changes::{ChangeEnd, Target, TenantChange, change},
    reserve::reserve,
};
use crate::domain::{Cause, Considered, NewTenant, Tenant};

impl Store {
    /// What [`reserve_tenant`](Self::reserve_tenant) would answer, and the caches that would not have
    /// taken the tenant.
    pub async fn rehearse_reservation(
        &self,
        new: NewTenant,
    ) -> Result<(Reservation, Vec<Considered>), StoreError> {
        self.rehearse(move |connection| {
            Box::pin(async move {
                let considered = refusals(connection, &new).await?;
                Ok((reserve(connection, new, &Cause::SERVICE).await?, considered))
            })
        })
        .await
    }

    /// What [`change_tenant`](Self::change_tenant) would answer.
    pub async fn rehearse_change(
        &self,
        target: Target,
        wanted: TenantChange,
    ) -> Result<(Tenant, ChangeEnd), StoreError> {
        self.rehearse(move |connection| {
            Box::pin(async move { change(connection, &target, wanted).await })
        })
        .await
    }
}
