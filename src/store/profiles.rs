//! Which access profiles users have.

use super::{Store, StoreError, user_row::PURGE};
use crate::domain::ProfileName;

impl Store {
    /// The profiles of living users, in the order of their names, each with how many have it.
    pub async fn profiles_in_use(&self) -> Result<Vec<(ProfileName, u64)>, StoreError> {
        let rows: Vec<(String, i64)> = sqlx::query_as(
            "SELECT profile, COUNT(*) FROM users
             WHERE phase <> 'deleted' AND profile IS NOT NULL AND profile <> $1 GROUP BY profile ORDER BY profile",
        )
        .bind(PURGE)
        .fetch_all(&self.reader)
        .await?;
        rows.into_iter()
            .map(|(profile, count)| {
                let inconsistent = |why| StoreError::Inconsistent {
                    table: "users",
                    id: format!("with profile {profile:?}"),
                    why,
                };
                let name = ProfileName::parse(&profile).map_err(|e| inconsistent(e.to_string()))?;
                let count = u64::try_from(count).map_err(|e| inconsistent(e.to_string()))?;
                Ok((name, count))
            })
            .collect()
    }
}
