//! How many tenants have ever been made to work.

use super::{Store, StoreError, columns::parsed};
use crate::domain::TierKind;

/// Tenants that were active once, by their kind.
pub(super) const ACTIVATED: &str =
    "SELECT tier, COUNT(*) FROM tenants WHERE activated_at IS NOT NULL GROUP BY tier";

impl Store {
    /// How many tenants, services and sessions have become active since the store was made, those
    /// that are deleted by now included.
    pub async fn activations(&self) -> Result<Vec<(TierKind, u64)>, StoreError> {
        let rows: Vec<(String, i64)> = sqlx::query_as(ACTIVATED).fetch_all(&self.reader).await?;
        rows.into_iter()
            .map(|(tier, count)| {
                let inconsistent =
                    |why| StoreError::Inconsistent { table: "tenants", id: tier.clone(), why };
                let kind = parsed("tier", &tier).map_err(inconsistent)?;
                Ok((kind, count.unsigned_abs()))
            })
            .collect()
    }
}
