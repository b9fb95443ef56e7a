//! The rotations that a worker's pass has to look at.
//!
//! Most of those that are not over rest in their grace for days. They are not read: of them it is
//! enough to know when the first grace ends.

use jiff::Timestamp;

use super::{Store, StoreError, columns::time, rotation_row::RotationRow};
use crate::domain::{CacheName, Rotation};

/// Those that need not wait for the end of their grace, oldest first. Those of users that are
/// suspended wait for them to be let in again.
pub(super) const AT_HAND: &str = "SELECT * FROM rotations
     WHERE cache = $1 AND phase NOT IN ('queued', 'completed', 'cancelled', 'failed')
       AND rests_until IS NULL
       AND (SELECT wanted FROM users WHERE users.id = rotations.user) <> 'suspended'
     UNION ALL
     SELECT * FROM rotations
     WHERE cache = $1 AND rests_until IS NOT NULL AND rests_until <= $2 AND gate <> 'manual'
       AND (SELECT wanted FROM users WHERE users.id = rotations.user) <> 'suspended'
     ORDER BY id";

/// When the first grace ends of those that last.
pub(super) const NEXT_END: &str = "SELECT rests_until FROM rotations
     WHERE cache = $1 AND rests_until IS NOT NULL AND rests_until > $2 AND gate <> 'manual'
     ORDER BY rests_until LIMIT 1";

/// The rotations of a cache on which there may be work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RotationsAtHand {
    /// All that are not over, oldest first, without those whose grace lasts, those whose old password
    /// is retired by a person's word only, and those of suspended users.
    pub rotations: Vec<Rotation>,
    /// When the first of the graces ends that last.
    pub next: Option<Timestamp>,
}

impl Store {
    /// The rotations of a cache on which there may be work now, and when there may be more.
    pub async fn rotations_at_hand(
        &self,
        cache: &CacheName,
        now: Timestamp,
    ) -> Result<RotationsAtHand, StoreError> {
        let rows: Vec<RotationRow> = sqlx::query_as(AT_HAND)
            .bind(cache.as_str())
            .bind(now.as_millisecond())
            .fetch_all(&self.reader)
            .await?;
        // After the rows: one that comes to its grace in between is missed in neither.
        let next: Option<i64> = sqlx::query_scalar(NEXT_END)
            .bind(cache.as_str())
            .bind(now.as_millisecond())
            .fetch_optional(&self.reader)
            .await?;
        let next = next.map(|at| time("rests_until", at)).transpose();
        let next = next.map_err(|why| StoreError::Inconsistent {
            table: "rotations",
            id: format!("first to end its grace in {cache}"),
            why,
        })?;
        let rotations = rows.into_iter().map(Rotation::try_from).collect::<Result<_, _>>()?;
        Ok(RotationsAtHand { rotations, next })
    }
}
