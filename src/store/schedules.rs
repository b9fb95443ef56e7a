//! When passwords are due to be replaced by the schedule.
//!
//! `users.rotation_due_at` follows from other columns by one formula, and is made anew whenever one
//! of them may have changed: with every [`touch`](super::write::touch), and for all users when the
//! service starts.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{Store, StoreError};
use crate::domain::{CacheUserId, ProfileName, RotationInterval, TenantId};

/// What stands in `rotation_intervals` for the profiles that have no row of their own.
const ALL_PROFILES: &str = "*";

/// The formula.
///
/// A password is replaced before it is `every` old, up to a tenth earlier, so that tenants that were
/// made together are not rotated together. After a rotation that ended with the old password there
/// is a pause of an hour, which doubles with each further one up to the interval.
macro_rules! due {
    () => {
        "MAX(
           since + every - every * spread / 10000,
           COALESCE(tried_at + MIN(every, 3600000 << MIN(tries - 1, 20)), 0)
         )"
    };
}

/// Writes down when the users that `$which` names are due. Answers whose tenants' changed.
macro_rules! reschedule {
    ($which:literal) => {
        concat!(
            "UPDATE users SET rotation_due_at = schedule.due_at
             FROM (SELECT id, ",
            due!(),
            " AS due_at
               FROM (SELECT users.id, users.password_since AS since, users.rotation_spread AS spread,
                 CASE WHEN users.wanted = 'present' AND tenants.tier <> 'break-glass'
                   AND tenants.wanted <> 'absent' THEN
                   COALESCE(tenants.rotate_every_seconds, of_profile.seconds, of_all.seconds) * 1000
                 END AS every,
                 (SELECT COUNT(*) FROM rotations WHERE rotations.user = users.id
                    AND rotations.phase IN ('cancelled', 'failed') AND finished_step IS NULL
                    AND rotations.phase_since >= users.password_since) AS tries,
                 (SELECT MAX(rotations.phase_since) FROM rotations WHERE rotations.user = users.id
                    AND rotations.phase IN ('cancelled', 'failed') AND finished_step IS NULL
                    AND rotations.phase_since >= users.password_since) AS tried_at
               FROM users
               JOIN tenants ON tenants.id = users.tenant_id
               LEFT JOIN rotation_intervals AS of_profile ON of_profile.profile = users.profile
               LEFT JOIN rotation_intervals AS of_all ON of_all.profile = '*'
               WHERE ",
            $which,
            ")) AS schedule
             WHERE users.id = schedule.id AND users.rotation_due_at IS NOT schedule.due_at
             RETURNING users.tenant_id"
        )
    };
}

impl Store {
    /// Takes over how old passwords become: with these profiles, and with all others. Passwords that
    /// are due at another time now are so at once.
    pub async fn set_rotation_intervals(
        &self,
        every: Option<RotationInterval>,
        profiles: &BTreeMap<ProfileName, RotationInterval>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let of_profiles = profiles.iter().map(|(name, every)| (name.as_str(), *every));
        let of_all = every.map(|every| (ALL_PROFILES, every));
        let rows: BTreeMap<&str, u32> =
            of_profiles.chain(of_all).map(|(name, every)| (name, every.seconds())).collect();
        let rows = serde_json::json!(rows).to_string();
        self.write(move |connection| Box::pin(async move {
            sqlx::query("DELETE FROM rotation_intervals").execute(&mut *connection).await?;
            sqlx::query(
                "INSERT INTO rotation_intervals (profile, seconds) SELECT key, value FROM json_each($1)",
            )
            .bind(rows)
            .execute(&mut *connection)
            .await?;
            reschedule_all(connection, now).await?;
            Ok(())
        })).await
    }
}

/// Writes down when the users of a tenant are due.
pub(super) async fn reschedule(
    connection: &mut SqliteConnection,
    tenant: TenantId,
) -> Result<(), StoreError> {
    sqlx::query(reschedule!("users.tenant_id = $1"))
        .bind(tenant.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// Writes down that a user's first password is in Secrets Manager, if that is news. To be followed by
/// [`touch`](super::write::touch).
pub(super) async fn first_password_is_stored(
    connection: &mut SqliteConnection,
    user: CacheUserId,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE users SET password_since = $1, imported_version = NULL
         WHERE id = $2 AND phase = 'storing-secret'",
    )
    .bind(now.as_millisecond())
    .bind(user.to_string())
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes down that another password of a user is `AWSCURRENT`. To be followed by
/// [`touch`](super::write::touch).
pub(super) async fn password_is_promoted(
    connection: &mut SqliteConnection,
    user: CacheUserId,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE users SET password_since = $1 WHERE id = $2")
        .bind(now.as_millisecond())
        .bind(user.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// Writes down when all users are due. What is told of their tenants changes with it.
async fn reschedule_all(
    connection: &mut SqliteConnection,
    now: Timestamp,
) -> Result<(), StoreError> {
    let changed: Vec<String> = sqlx::query_scalar(reschedule!("users.phase <> 'deleted'"))
        .fetch_all(&mut *connection)
        .await?;
    sqlx::query(
        "UPDATE tenants SET revision = revision + 1, updated_at = $1
         WHERE id IN (SELECT value FROM json_each($2))",
    )
    .bind(now.as_millisecond())
    .bind(serde_json::Value::from(changed).to_string())
    .execute(connection)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sqlx::Connection as _;

    use super::*;

    const HOUR: i64 = 3_600_000;

    /// What the formula says.
    #[derive(Clone, Copy, Debug)]
    struct Case {
        since: i64,
        every: Option<i64>,
        spread: i64,
        tries: i64,
        tried_at: Option<i64>,
    }

    fn due_at(case: Case) -> Option<i64> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut memory = SqliteConnection::connect("sqlite::memory:").await.unwrap();
            sqlx::query_scalar(concat!(
                "SELECT ",
                due!(),
                " FROM (SELECT $1 AS since, $2 AS every, $3 AS spread, $4 AS tries, $5 AS tried_at)"
            ))
            .bind(case.since)
            .bind(case.every)
            .bind(case.spread)
            .bind(case.tries)
            .bind(case.tried_at)
            .fetch_one(&mut memory)
            .await
            .unwrap()
        })
    }

    fn case() -> impl Strategy<Value = Case> {
        let interval = RotationInterval::MIN.seconds()..=RotationInterval::MAX.seconds();
        let tried = prop::option::of((1..100_i64, 0..1000 * HOUR));
        (0..4_102_444_800_000_i64, interval, 0..1000_i64, tried).prop_map(
            |(since, every, spread, tried)| Case {
                since,
                every: Some(i64::from(every) * 1000),
                spread,
                tries: tried.map_or(0, |(tries, _)| tries),
                tried_at: tried.map(|(_, after)| since + after),
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        /// No later than its interval, no more than a tenth earlier, and more than ten minutes after
        /// the last password was made.
        #[test]
        fn a_password_is_due_in_the_last_tenth_of_its_interval(case in case()) {
            let untried = Case { tries: 0, tried_at: None, ..case };
            let (every, age) = (case.every.unwrap(), due_at(untried).unwrap() - case.since);
            prop_assert!(every - every / 10 <= age && age <= every, "{age}");
            prop_assert!(age > HOUR / 6);
        }

        /// The pause is an hour at least and the interval at most, whatever has failed how often.
        #[test]
        fn what_failed_is_not_tried_again_at_once(case in case()) {
            let due = due_at(case).unwrap();
            let age = due - case.since;
            prop_assert!(age >= case.every.unwrap() - case.every.unwrap() / 10);
            if let Some(tried_at) = case.tried_at {
                prop_assert!(due - tried_at >= HOUR);
                let latest = case.since.max(tried_at) + case.every.unwrap();
                prop_assert!(due <= latest, "{due} {latest}");
            }
        }
    }

    #[test]
    fn the_pause_after_failures_doubles() {
        let failed = |tries| Case {
            since: 0,
            every: Some(24 * HOUR),
            spread: 0,
            tries,
            tried_at: Some(100 * HOUR),
        };
        let pauses = (1..8).map(|tries| due_at(failed(tries)).unwrap() / HOUR - 100);
        assert_eq!(pauses.collect::<Vec<_>>(), [1, 2, 4, 8, 16, 24, 24]);
    }

    #[test]
    fn without_an_interval_nothing_is_ever_due() {
        let case = Case { since: 0, every: None, spread: 500, tries: 1, tried_at: Some(HOUR) };
        assert_eq!(due_at(case), None);
    }
}
