//! What a sweep compares with: users at rest, and what is known to be ours.

use std::collections::BTreeSet;

use jiff::Timestamp;
use sqlx::{FromRow, SqliteConnection};
use uuid::Uuid;

use super::{
    Store, StoreError,
    columns::parsed,
    user_row::{UserRow, user_columns},
};
use crate::domain::{
    CacheName, CacheUser, CacheUserId, RotationPhase, SecretName, SecretVersion, ShownAccess,
    UserId,
};

/// A user at rest: nothing is left to be done for it, so that what differs is nobody's work. One whose
/// fence was found wrong rests too: nothing goes on before a person acts, and what differs may be why.
#[derive(Clone, Debug)]
pub struct SweptUser {
    /// The user.
    pub user: CacheUser,
    /// How far the rotation of its password has come, if there is one or was one a moment ago.
    pub rotation: Option<RotationPhase>,
    /// The version of its secret that holds its password.
    pub version: SecretVersion,
    /// What AWS made of its access string.
    pub shown: Option<ShownAccess>,
}

#[derive(FromRow)]
struct SweptRow {
    #[sqlx(flatten)]
    user: UserRow,
    rotation: Option<String>,
    promoted: Option<String>,
    imported_version: Option<String>,
    shown: Option<String>,
}

/// A page of the users of a cache that are at rest, in the order of their ids. The version that holds
/// a password was made by the last rotation that promoted one, unless the secret was made anew since,
/// or was found by an import. A rotation that has moved since AWS was looked at explains what was seen
/// as one that runs does.
pub(super) const AT_REST: &str = concat!(
    "SELECT ",
    user_columns!(),
    ",
       COALESCE(
         (SELECT phase FROM rotations WHERE rotations.user = users.id
            AND phase NOT IN ('completed', 'cancelled', 'failed')
            ORDER BY phase = 'queued' LIMIT 1),
         (SELECT phase FROM rotations WHERE rotations.user = users.id
            AND rotations.updated_at > 0 AND rotations.updated_at >= $4 LIMIT 1)
       ) AS rotation,
       (SELECT rotations.id FROM rotations WHERE rotations.user = users.id
          AND finished_step >= users.password_since
          ORDER BY finished_step DESC LIMIT 1) AS promoted,
       (SELECT shown FROM shown_access WHERE shown_access.user = users.id
          AND shown_access.access_revision = users.access_revision) AS shown
     FROM users JOIN tenants ON tenants.id = users.tenant_id
     WHERE users.cache = $1 AND users.phase IN ('active', 'suspended', 'attesting')
       AND users.wanted = CASE users.phase WHEN 'suspended' THEN 'suspended' ELSE 'present' END
       AND (users.phase <> 'attesting' OR users.problem_code IN ('fence-leaky', 'fence-too-tight'))
       AND (users.access_revision IS NOT NULL OR users.phase = 'suspended') AND users.id > $2
     ORDER BY users.id LIMIT $3"
);

impl Store {
    /// A page of the users of a cache that are at rest, to be compared with what AWS showed then.
    pub async fn users_at_rest(
        &self,
        cache: &CacheName,
        (after, limit): (Option<CacheUserId>, u32),
        looked_at: Timestamp,
    ) -> Result<Vec<SweptUser>, StoreError> {
        let rows: Vec<SweptRow> = sqlx::query_as(AT_REST)
            .bind(cache.as_str())
            .bind(after.map(|id| id.to_string()).unwrap_or_default())
            .bind(limit)
            .bind(looked_at.as_millisecond())
            .fetch_all(&self.reader)
            .await?;
        rows.into_iter().map(SweptUser::try_from).collect()
    }

    /// Those of the ids that no living user has.
    pub async fn unknown_user_ids(
        &self,
        ids: impl IntoIterator<Item = &UserId>,
    ) -> Result<BTreeSet<UserId>, StoreError> {
        let list: Vec<&str> = ids.into_iter().map(UserId::as_str).collect();
        let unknown: Vec<String> = sqlx::query_scalar(
            "SELECT value FROM json_each($1) WHERE NOT EXISTS (
               SELECT 1 FROM users WHERE user_id = value AND phase <> 'deleted')",
        )
        .bind(serde_json::Value::from(list).to_string())
        .fetch_all(&self.reader)
        .await?;
        Ok(unknown.iter().map(|id| UserId::new(id)).collect())
    }

    /// Those of the names that no living user's secret has.
    pub async fn unknown_secrets(
        &self,
        names: impl IntoIterator<Item = &SecretName>,
    ) -> Result<Vec<SecretName>, StoreError> {
        let list: Vec<&str> = names.into_iter().map(SecretName::as_str).collect();
        let unknown: Vec<String> = sqlx::query_scalar(
            "SELECT value FROM json_each($1) WHERE NOT EXISTS (
               SELECT 1 FROM users
               WHERE secret_name = value AND secret_name <> '' AND phase <> 'deleted')",
        )
        .bind(serde_json::Value::from(list).to_string())
        .fetch_all(&self.reader)
        .await?;
        Ok(unknown.into_iter().map(SecretName::new).collect())
    }
}

/// Notes what AWS made of the access string that the user was given last.
pub(super) async fn note_shown_access(
    connection: &mut SqliteConnection,
    user: &CacheUser,
    shown: ShownAccess,
) -> Result<(), StoreError> {
    let Some(access) = user.access else { return Ok(()) };
    sqlx::query(
        "INSERT INTO shown_access (user, access_revision, shown) VALUES ($1, $2, $3)
         ON CONFLICT (user) DO UPDATE
         SET access_revision = excluded.access_revision, shown = excluded.shown",
    )
    .bind(user.id.to_string())
    .bind(access.to_string())
    .bind(shown.0.to_string())
    .execute(connection)
    .await?;
    Ok(())
}

impl TryFrom<SweptRow> for SweptUser {
    type Error = StoreError;

    fn try_from(row: SweptRow) -> Result<Self, StoreError> {
        let user = CacheUser::try_from(row.user)?;
        let inconsistent =
            |why| StoreError::Inconsistent { table: "users", id: user.id.to_string(), why };
        let rotation = row.rotation.map(|phase| parsed("phase", &phase)).transpose();
        let shown = row.shown.map(|shown| parsed("shown", &shown).map(|id: Uuid| ShownAccess(id)));
        let version = row.promoted.or(row.imported_version);
        let version = version.unwrap_or_else(|| user.id.first_secret_version());
        Ok(Self {
            rotation: rotation.map_err(inconsistent)?,
            version: SecretVersion::new(version),
            shown: shown.transpose().map_err(inconsistent)?,
            user,
        })
    }
}
