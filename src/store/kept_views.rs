//! Tenants as they are shown, kept in memory as long as nobody changes them.
//!
//! The file belongs to this process alone, so the one that writes knows of every change. Right
//! before a commit it takes the views of the tenants in question away, and until the commit has
//! ended none of theirs is kept again. A reader that began to load one before that holds a place
//! that is gone, so what it loaded is shown to its own caller and is not kept. So a view that is
//! found here is what SQLite would give at that moment.

use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use quick_cache::{Weighter, sync::Cache};

use super::StoreError;
use crate::domain::{Revision, TenantId, TenantName, TierKind};

/// What is kept in memory at most, in bytes.
const BYTES_MAX: u64 = 160 * 1024 * 1024;
/// How many views that is, about.
const VIEWS: usize = 100_000;
/// What a view takes beside its body, in bytes: its name, its place, the allocations' own.
const OVERHEAD: u64 = 256;

/// A tenant, service or session as it is shown to callers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptView {
    /// What it is.
    pub kind: TierKind,
    /// Which life of it.
    pub id: TenantId,
    /// At which revision.
    pub revision: Revision,
    /// As it is sent.
    pub body: Bytes,
}

/// The views that are kept.
#[derive(Debug)]
pub(super) struct KeptViews {
    views: Cache<TenantName, KeptView, InBytes>,
    being_committed: Mutex<HashSet<TenantName>>,
}

#[derive(Clone, Debug)]
struct InBytes;

impl Weighter<TenantName, KeptView> for InBytes {
    fn weight(&self, _name: &TenantName, view: &KeptView) -> u64 {
        OVERHEAD + view.body.len() as u64
    }
}

impl KeptViews {
    pub(super) fn new() -> Self {
        let views = Cache::with_weighter(VIEWS, BYTES_MAX, InBytes);
        Self { views, being_committed: Mutex::default() }
    }

    /// The view that is kept, or else the one that `load` finds. It is loaded once for all who ask
    /// at the same time.
    pub(super) async fn get_or_load(
        &self,
        name: &TenantName,
        load: impl Future<Output = Result<Option<KeptView>, StoreError>>,
    ) -> Result<Option<KeptView>, StoreError> {
        if let Some(view) = self.views.get(name) {
            return Ok(Some(view));
        }
        if self.being_committed().contains(name) {
            return load.await;
        }
        let place = match self.views.get_value_or_guard_async(name).await {
            Ok(view) => return Ok(Some(view)),
            Err(place) => place,
        };
        // Looked at again now that there is a place: a commit that begins from here on takes it away.
        let may_keep = !self.being_committed().contains(name);
        let found = load.await?;
        if may_keep && let Some(view) = &found {
            let _taken_away = place.insert(view.clone());
        }
        Ok(found)
    }

    /// Takes these views away. To be called before the commit that changes their tenants.
    pub(super) fn begin_commit<'a>(&self, names: impl Iterator<Item = &'a TenantName> + Clone) {
        // In this order: who takes a place after it was taken away sees that a commit is under way.
        self.being_committed().extend(names.clone().cloned());
        names.for_each(|name| drop(self.views.remove(name)));
    }

    /// Lets views be kept again. To be called after the commit, however it ended.
    pub(super) fn end_commit(&self) {
        self.being_committed().clear();
    }

    fn being_committed(&self) -> MutexGuard<'_, HashSet<TenantName>> {
        self.being_committed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::{future::ready, iter::once};

    use tokio::sync::oneshot;
    use uuid::Uuid;

    use super::*;

    fn acme() -> TenantName {
        TenantName::parse("acme").unwrap()
    }

    fn view(revision: u64) -> KeptView {
        let (id, body) = (TenantId(Uuid::nil()), Bytes::from_static(b"{}"));
        KeptView { kind: TierKind::Tenant, id, revision: Revision(revision), body }
    }

    async fn loads(kept: &KeptViews, revision: u64) -> Revision {
        let found = kept.get_or_load(&acme(), ready(Ok(Some(view(revision))))).await;
        found.unwrap().unwrap().revision
    }

    #[tokio::test]
    async fn a_view_is_loaded_once_and_again_after_a_commit() {
        let kept = KeptViews::new();
        assert_eq!(loads(&kept, 1).await, Revision(1));
        assert_eq!(loads(&kept, 2).await, Revision(1));
        kept.begin_commit(once(&acme()));
        kept.end_commit();
        assert_eq!(loads(&kept, 2).await, Revision(2));
    }

    /// The reader reads its row, the row is changed, and only then the reader comes to keep it.
    #[tokio::test]
    async fn what_was_loaded_before_a_commit_is_not_kept_after_it() {
        let kept = KeptViews::new();
        let (row_is_read, wait) = oneshot::channel();
        let name = acme();
        let slow = kept.get_or_load(&name, async { Ok(Some(wait.await.unwrap())) });
        let writes = async {
            tokio::task::yield_now().await;
            kept.begin_commit(once(&acme()));
            kept.end_commit();
            row_is_read.send(view(1)).unwrap();
        };
        let (old, ()) = tokio::join!(slow, writes);
        assert_eq!(old.unwrap().unwrap().revision, Revision(1));
        assert_eq!(loads(&kept, 2).await, Revision(2));
    }

    #[tokio::test]
    async fn nothing_is_kept_of_a_tenant_whose_commit_is_under_way() {
        let kept = KeptViews::new();
        kept.begin_commit(once(&acme()));
        assert_eq!(loads(&kept, 1).await, Revision(1));
        kept.end_commit();
        assert_eq!(loads(&kept, 2).await, Revision(2));
        assert_eq!(loads(&kept, 3).await, Revision(2));
    }

    /// Somebody waits for what another one loads, which then is not to be kept.
    #[tokio::test]
    async fn who_comes_after_a_commit_does_not_get_what_was_loaded_before() {
        let kept = KeptViews::new();
        let (row_is_read, wait) = oneshot::channel();
        let name = acme();
        let slow = kept.get_or_load(&name, async { Ok(Some(wait.await.unwrap())) });
        let later = async {
            tokio::task::yield_now().await;
            kept.begin_commit(once(&acme()));
            kept.end_commit();
            let seen = loads(&kept, 2).await;
            row_is_read.send(view(1)).unwrap();
            seen
        };
        let (_, seen) = tokio::join!(slow, later);
        assert_eq!(seen, Revision(2));
    }

    #[tokio::test]
    async fn what_is_not_there_is_not_kept() {
        let kept = KeptViews::new();
        assert_eq!(kept.get_or_load(&acme(), ready(Ok(None))).await.unwrap(), None);
        assert_eq!(loads(&kept, 1).await, Revision(1));
    }

    #[tokio::test]
    async fn more_is_not_kept_than_there_is_room_for() {
        let kept = KeptViews::new();
        let body = Bytes::from(vec![b' '; 1024 * 1024]);
        for i in 0..400 {
            let name = TenantName::parse(&format!("t{i}")).unwrap();
            let large = KeptView { body: body.clone(), ..view(1) };
            kept.get_or_load(&name, ready(Ok(Some(large)))).await.unwrap();
        }
        assert!(kept.views.weight() <= BYTES_MAX, "{}", kept.views.weight());
        assert!(kept.views.len() > 50, "{}", kept.views.len());
    }
}
