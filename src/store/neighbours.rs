//! The tenants whose keys a new one could share.
//!
//! Two patterns share a key only if the plain beginning of one begins the other's. So of the tenants
//! of a cache those are read whose beginning begins the new one's, and those whose beginning starts
//! with it; an index has them in order. Whether they do share a key is decided by the exact test.

use futures_util::TryStreamExt as _;
use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{StoreError, columns::time};
use crate::domain::{CacheName, KeyPattern, NewTenant, TenantName};

/// The tenants of a cache that may share a key with a pattern, living and deleted. Those count no more
/// whose keys were proved to be gone.
pub(super) const NEIGHBOURS: &str = "SELECT name, key_pattern, status = 'deleted', updated_at
     FROM tenants WHERE cache = $1 AND tier <> 'break-glass'
       AND key_prefix IN (SELECT value FROM json_each($2))
       AND (status <> 'deleted' OR keys_purged_at IS NULL)
     UNION ALL
     SELECT name, key_pattern, status = 'deleted', updated_at
     FROM tenants WHERE cache = $1 AND tier <> 'break-glass'
       AND key_prefix > $3 AND key_prefix < $3 || char(1114111)
       AND (status <> 'deleted' OR keys_purged_at IS NULL)";

/// No two tenants of one cache have patterns that share a key.
///
/// And keys outlive their tenant: until the prefix is proved empty, a new tenant whose pattern meets
/// a deleted one's would find them, which it must ask for.
pub(super) async fn refuse_shared_keys(
    connection: &mut SqliteConnection,
    new: &NewTenant,
    cache: &CacheName,
) -> Result<(), StoreError> {
    let prefix = new.key_pattern.prefix();
    let mut rows = sqlx::query_as::<_, Row>(NEIGHBOURS)
        .bind(cache.as_str())
        .bind(beginnings(prefix).collect::<serde_json::Value>().to_string())
        .bind(prefix)
        .fetch(connection);
    let mut last_deleted: Option<Neighbour> = None;
    while let Some(row) = rows.try_next().await? {
        let other = Neighbour::try_from(row)?;
        let Some(witness) = new.key_pattern.shared_key(&other.pattern) else { continue };
        if !other.is_deleted {
            return Err(StoreError::PatternOverlap { other: other.name, witness });
        }
        if last_deleted.as_ref().is_none_or(|last| last.updated_at < other.updated_at) {
            last_deleted = Some(other);
        }
    }
    match last_deleted {
        Some(Neighbour { name, updated_at: deleted_at, .. }) if !new.inherit_keys => {
            Err(StoreError::KeysLeftBehind { name, deleted_at })
        }
        _ => Ok(()),
    }
}

/// All that a text begins with, from nothing to the whole text.
fn beginnings(text: &str) -> impl Iterator<Item = &str> {
    (0..=text.len()).filter_map(|length| text.get(..length))
}

/// Name, pattern, whether it is deleted, and since when it is as it is.
type Row = (String, String, bool, i64);

struct Neighbour {
    name: TenantName,
    pattern: KeyPattern,
    is_deleted: bool,
    updated_at: Timestamp,
}

impl TryFrom<Row> for Neighbour {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let (id, pattern, is_deleted, updated_at) = row;
        let read = || -> Result<Self, String> {
            Ok(Self {
                name: TenantName::parse(&id).map_err(|error| format!("name: {error}"))?,
                pattern: KeyPattern::from_stored(&pattern)
                    .ok_or_else(|| format!("key_pattern: {pattern:?}"))?,
                is_deleted,
                updated_at: time("updated_at", updated_at)?,
            })
        };
        read().map_err(|why| StoreError::Inconsistent { table: "tenants", id, why })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use sqlx::Connection as _;

    use super::*;

    /// The patterns of `others` that are read for a new tenant with `pattern`.
    fn read_for(pattern: &str, others: &BTreeSet<String>) -> BTreeSet<String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut memory = SqliteConnection::connect("sqlite::memory:").await.unwrap();
            sqlx::migrate!("./migrations").run(&mut memory).await.unwrap();
            for (index, other) in others.iter().enumerate() {
                sqlx::query(
                    "INSERT INTO tenants (id, tier, name, cache, labels, key_pattern, wanted,
                       status, revision, created_at, updated_at)
                     VALUES ($1, 'tenant', $1, 'main', '{}', $2, 'present', 'provisioning', 1, 0, 0)",
                )
                .bind(format!("t{index}"))
                .bind(other)
                .execute(&mut memory)
                .await
                .unwrap();
            }
            let prefix = pattern.strip_suffix('*').unwrap();
            let rows: Vec<Row> = sqlx::query_as(NEIGHBOURS)
                .bind("main")
                .bind(beginnings(prefix).collect::<serde_json::Value>().to_string())
                .bind(prefix)
                .fetch_all(&mut memory)
                .await
                .unwrap();
            rows.into_iter().map(|(_, pattern, ..)| pattern).collect()
        })
    }

    fn share_a_key(one: &str, other: &str) -> bool {
        let glob = |text: &str| ringfence_acl::Glob::parse(text.as_bytes());
        glob(one).intersection(&glob(other)).is_some()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Against the test of all pairs, and with patterns that no template makes.
        #[test]
        fn whoever_shares_a_key_is_read(
            pattern in "[ab]{0,3}[:-]?\\*",
            others in prop::collection::btree_set("[ab]{1,3}[:-]?[ab]{0,2}([*?]|\\[ab\\])?[ab]?\\*", 0..12),
        ) {
            let read = read_for(&pattern, &others);
            for other in &others {
                prop_assert!(read.contains(other) || !share_a_key(&pattern, other), "{}", other);
            }
        }

        /// Of the patterns that templates make nobody else is read.
        #[test]
        fn whoever_shares_no_key_is_not_read(
            pattern in "[ab]{1,3}[:-]\\*",
            others in prop::collection::btree_set("[ab]{1,3}[:-]\\*", 0..12),
        ) {
            for other in read_for(&pattern, &others) {
                prop_assert!(share_a_key(&pattern, &other), "{}", other);
            }
        }
    }
}
