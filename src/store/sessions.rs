//! Break-glass sessions, which end by themselves.

use jiff::Timestamp;

use super::{
    Store, StoreError,
    events::{Entry, TenantEvent, record},
    load::by_id,
    write::want_all_absent,
};
use crate::domain::{CacheName, Cause, TenantId, Wanted};

/// The open sessions of a cache, and when each ends.
pub(super) const OPEN: &str = "SELECT id, expires_at FROM tenants
     WHERE cache = $1 AND expires_at IS NOT NULL AND wanted = 'present'
     ORDER BY expires_at";

impl Store {
    /// Writes down that the sessions whose time is over are to be removed. Answers when the next
    /// one's is.
    pub async fn expire_sessions(
        &self,
        cache: &CacheName,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let open: Vec<(String, i64)> =
            sqlx::query_as(OPEN).bind(cache.as_str()).fetch_all(&self.reader).await?;
        for (id, expires_at) in open {
            if expires_at > now.as_millisecond() {
                return Ok(Timestamp::from_millisecond(expires_at).ok());
            }
            let id = uuid::Uuid::parse_str(&id).map_err(|error| StoreError::Inconsistent {
                table: "tenants",
                id: id.clone(),
                why: format!("id: {error}"),
            })?;
            self.expire(TenantId(id), now).await?;
        }
        Ok(None)
    }

    async fn expire(&self, session: TenantId, now: Timestamp) -> Result<(), StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                let session = by_id(connection, session).await?.ok_or(StoreError::NotFound)?;
                // Somebody has closed it since it was listed.
                if session.wanted == Wanted::Absent {
                    return Ok(());
                }
                record(connection, Entry::of_tenant(&session, TenantEvent::Expired), now).await?;
                want_all_absent(connection, &session, &Cause::SERVICE, now).await?;
                Ok(())
            })
        })
        .await
    }
}
