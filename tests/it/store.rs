//! The store, through its own front door, on a real file.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use ringfence::{
    clock::{Clock as _, Entropy as _, SystemClock, SystemEntropy},
    domain::{
        Auth, CacheName, CacheUserId, CacheWish, Candidate, Cause, Grant, GroupLimits,
        InstallationId, KeyPatternTemplate, Labels, LocalUserName, NamingScheme, NewTenant,
        NewUser, Patch, Phase, ProfileName, RequestId, Revision, Tenant, TenantId, TenantName,
        Tier,
    },
    store::{
        Description, OpenError, Progress, Reservation, Store, StoreError, Target, TenantChange,
        TenantQuery,
    },
};
use tempfile::TempDir;
use tokio_util::task::TaskTracker;

pub(crate) async fn open(path: &Path) -> Result<Store, OpenError> {
    Store::open(path, None, &SystemClock, &SystemEntropy::default()).await
}

pub(crate) fn new(name: &str) -> NewTenant {
    let name = TenantName::parse(name).unwrap();
    let naming = NamingScheme { user_id_prefix: "rf-".into(), secret_prefix: "ringfence/".into() };
    let now = SystemClock.now();
    let id = SystemEntropy::default().uuid(now);
    let key_pattern = KeyPatternTemplate::Hyphen.pattern(&name);
    let main = NewUser {
        id: CacheUserId(id),
        name: LocalUserName::main(),
        grant: Grant::Profile(ProfileName::default()),
        key_pattern: key_pattern.clone(),
        auth: Auth::Password,
        names: naming.names(&name, &LocalUserName::main(), Auth::Password),
    };
    NewTenant {
        id: TenantId(id),
        tier: Tier::Tenant,
        name,
        cache: CacheWish::This(roomy("main")),
        labels: Labels::try_from(BTreeMap::from([("plan".into(), "gold".into())])).unwrap(),
        rotate_every: None,
        key_pattern,
        users: vec![main],
        names_users: false,
        inherit_keys: false,
        now,
    }
}

/// A cache that takes everybody.
pub(crate) fn roomy(cache: &str) -> Candidate {
    Candidate {
        cache: CacheName::parse(cache).unwrap(),
        limits: GroupLimits { configured: 1_000, learned: None, foreign: Some(0) },
        obstacle: None,
        reserved_name: None,
    }
}

fn to(phase: Phase) -> Progress {
    let password_is_new = phase == Phase::CreatingUser;
    Progress { phase, access: None, attestation: None, password_is_new, shown: None }
}

#[tokio::test]
async fn a_tenant_reads_back_as_it_was_written() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("r.db");
    let store = open(&path).await.unwrap();
    let installation = store.installation().clone();
    let reserved = store.reserve_tenant(new("acme"), None, Cause::SERVICE).await.unwrap();
    let Reservation::Created(tenant) = reserved else { panic!("{reserved:?}") };
    let now = SystemClock.now();
    let moved = store.save_progress(&tenant.main, to(Phase::CreatingUser), now).await.unwrap();
    store.close().await;

    let store = open(&path).await.unwrap();
    assert_eq!(store.installation(), &installation);
    let read = store.tenant(&tenant.name).await.unwrap().unwrap();
    assert_eq!(read.main, moved);
    assert_eq!((read.revision, moved.revision), (Revision(2), Revision(2)));
    assert_eq!((read.labels, read.key_pattern), (tenant.labels, tenant.key_pattern));
}

#[tokio::test]
async fn a_new_tenant_is_answered_as_it_reads_back() {
    let directory = TempDir::new().unwrap();
    let store = open(&directory.path().join("r.db")).await.unwrap();
    let mut asked = new("acme");
    for (name, auth) in [("queue", Auth::Password), ("cache", Auth::Iam)] {
        let name = LocalUserName::parse(name).unwrap();
        let naming = NamingScheme { user_id_prefix: "rf-".into(), secret_prefix: "rf/".into() };
        let names = naming.names(&asked.name, &name, auth);
        let id = CacheUserId(SystemEntropy::default().uuid(asked.now));
        asked.users.push(NewUser { id, name, auth, names, ..asked.users[0].clone() });
    }
    let request = Some(RequestId("r-1".to_owned()));
    let reserved = store.reserve_tenant(asked, None, Cause::asked_for_by(request)).await.unwrap();
    let read = store.tenant(&TenantName::parse("acme").unwrap()).await.unwrap();
    assert_eq!(read.as_ref(), Some(reserved.tenant()));
}

#[tokio::test]
async fn a_write_from_an_old_revision_changes_nothing() {
    let directory = TempDir::new().unwrap();
    let store = open(&directory.path().join("r.db")).await.unwrap();
    let reserved = store.reserve_tenant(new("acme"), None, Cause::SERVICE).await.unwrap();
    let old = &reserved.tenant().main;
    let now = SystemClock.now();
    let moved = store.save_progress(old, to(Phase::CreatingUser), now).await.unwrap();
    let stale = store.save_progress(old, to(Phase::JoiningGroup), now).await;
    assert!(matches!(stale, Err(StoreError::Stale)), "{stale:?}");
    assert_eq!(store.user_by_id(old.id).await.unwrap(), Some(moved));
}

/// Concurrent requests for names whose prefixes nest: the test and the reservation are one
/// transaction, so exactly one of each pair wins.
#[tokio::test]
async fn of_two_overlapping_tenants_at_once_exactly_one_wins() {
    let directory = TempDir::new().unwrap();
    let store = open(&directory.path().join("r.db")).await.unwrap();
    for round in 0..10 {
        let (short, long) = (format!("t{round}"), format!("t{round}-eu"));
        let (one, other) = tokio::join!(
            store.reserve_tenant(new(&short), None, Cause::SERVICE),
            store.reserve_tenant(new(&long), None, Cause::SERVICE),
        );
        let refused = [one.err(), other.err()].into_iter().flatten().collect::<Vec<_>>();
        assert!(
            matches!(&refused[..], [StoreError::PatternOverlap { witness, .. }]
                if witness.starts_with(&format!("{long}-"))),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn a_second_process_on_the_same_file_is_refused() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("r.db");
    let _store = open(&path).await.unwrap();
    assert!(matches!(open(&path).await, Err(OpenError::InUse { .. })));
}

#[tokio::test]
async fn a_file_from_a_newer_version_is_refused() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("r.db");
    open(&path).await.unwrap().close().await;
    execute(
        &path,
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9999, 'from the future', 1, x'00', 0)",
    )
    .await
    .unwrap();
    let error = open(&path).await.unwrap_err();
    assert!(matches!(error, OpenError::Newer { found: 9999, .. }), "{error:?}");
    assert!(error.to_string().contains("newer ringfence"));
}

#[tokio::test]
async fn a_file_of_another_installation_is_refused() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("r.db");
    open(&path).await.unwrap().close().await;
    let other = Some(InstallationId::new("blue".into()));
    let error = Store::open(&path, other, &SystemClock, &SystemEntropy::default()).await;
    assert!(matches!(error, Err(OpenError::OtherInstallation { .. })), "{error:?}");
}

#[tokio::test]
async fn sqlite_itself_refuses_half_states() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("r.db");
    let store = open(&path).await.unwrap();
    store.reserve_tenant(new("acme"), None, Cause::SERVICE).await.unwrap();
    store.close().await;
    for half_state in [
        "UPDATE users SET phase = 'dreaming'",
        "UPDATE users SET wanted = 'perhaps'",
        "UPDATE users SET problem_code = 'x'",
        "UPDATE users SET retry_at = 1",
        "UPDATE users SET phase = 'deleted'",
        "UPDATE users SET revision = 0",
        "UPDATE users SET attempts = 'many'",
        "UPDATE users SET key_pattern = '*'",
        "UPDATE users SET attested_at = 1",
        "UPDATE tenants SET status = 'dreaming'",
        "UPDATE tenants SET status = 'active'",
        "UPDATE tenants SET status = 'deleted'",
        "UPDATE tenants SET labels = '[]'",
        "UPDATE tenants SET tier = 'break-glass'",
        "UPDATE tenants SET expires_at = 1",
        "UPDATE tenants SET key_pattern = '*'",
    ] {
        assert!(execute(&path, half_state).await.is_err(), "{half_state}");
    }
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repeat() {
    let directory = TempDir::new().unwrap();
    let store = open(&directory.path().join("r.db")).await.unwrap();
    for i in 0..7 {
        store.reserve_tenant(new(&format!("t{i}")), None, Cause::SERVICE).await.unwrap();
    }
    let mut query = TenantQuery {
        labels: vec![("plan".into(), "gold".into())],
        limit: 3,
        ..TenantQuery::default()
    };
    let mut names = Vec::new();
    loop {
        let page = store.tenants(&query).await.unwrap();
        let Some(last) = page.last() else { break };
        query.after = Some(last.id);
        names.extend(page.iter().map(|tenant| tenant.name.to_string()));
    }
    // Ids of one millisecond have no order among each other.
    names.sort();
    assert_eq!(names, ["t0", "t1", "t2", "t3", "t4", "t5", "t6"]);
    query.labels[0].1 = "silver".into();
    query.after = None;
    assert!(store.tenants(&query).await.unwrap().is_empty());
}

/// Readers go on without a pause while one tenant changes again and again: nobody sees it older than
/// it was known to be before they asked, nor older than they saw it before.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_view_is_never_older_than_what_was_acknowledged() {
    const CHANGES: u64 = 200;
    let directory = TempDir::new().unwrap();
    let store = open(&directory.path().join("r.db")).await.unwrap();
    let reserved = store.reserve_tenant(new("acme"), None, Cause::SERVICE).await.unwrap();
    let tenant = reserved.tenant().clone();
    let acknowledged = Arc::new(AtomicU64::new(tenant.revision.0));
    let readers: Vec<_> = (0..6)
        .map(|_| {
            let (store, acknowledged) = (store.clone(), Arc::clone(&acknowledged));
            let name = tenant.name.clone();
            TaskTracker::new().spawn(async move {
                let mut seen = 0;
                while seen <= CHANGES {
                    let floor = acknowledged.load(Ordering::SeqCst).max(seen);
                    let view = store.tenant_view(&name, show_revision).await.unwrap().unwrap();
                    assert!(view.revision.0 >= floor, "{} after {floor}", view.revision);
                    assert_eq!(view.body, view.revision.to_string());
                    seen = view.revision.0;
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    for change in 0..CHANGES {
        let description = Description {
            grant: None,
            login: None,
            labels: BTreeMap::from([("change".to_owned(), Some(change.to_string()))]),
            rotate_every: Patch::Keep,
            suspension: None,
        };
        let now = SystemClock.now();
        let target =
            Target { tenant: tenant.id, expected: None, cause: Cause::SERVICE, now, limits: None };
        let changed = store.change_tenant(target, TenantChange::Describe(description)).await;
        acknowledged.store(changed.unwrap().0.revision.0, Ordering::SeqCst);
    }
    for reader in readers {
        reader.await.unwrap();
    }
}

fn show_revision(tenant: &Tenant) -> Bytes {
    Bytes::from(tenant.revision.to_string())
}

#[tokio::test]
async fn who_waits_for_a_tenant_is_told_after_its_commit_and_not_before() {
    let directory = TempDir::new().unwrap();
    let store = open(&directory.path().join("r.db")).await.unwrap();
    let acme =
        store.reserve_tenant(new("acme"), None, Cause::SERVICE).await.unwrap().tenant().clone();
    let mut changes = store.changes(acme.id);
    assert!(!changes.has_changed().unwrap());
    let now = SystemClock.now();
    store.save_progress(&acme.main, to(Phase::CreatingUser), now).await.unwrap();
    assert!(changes.has_changed().unwrap());
    changes.mark_unchanged();
    let stale = store.save_progress(&acme.main, to(Phase::JoiningGroup), now).await;
    assert!(matches!(stale, Err(StoreError::Stale)), "{stale:?}");
    assert!(!changes.has_changed().unwrap(), "nothing was written");
}

#[tokio::test]
async fn tenants_are_listed_by_the_labels_that_they_have_now() {
    let directory = TempDir::new().unwrap();
    let store = open(&directory.path().join("r.db")).await.unwrap();
    let acme =
        store.reserve_tenant(new("acme"), None, Cause::SERVICE).await.unwrap().tenant().clone();
    let listed = async |key: &str, value: &str| {
        let labels = vec![(key.to_owned(), value.to_owned())];
        let query = TenantQuery { labels, limit: 10, ..TenantQuery::default() };
        store.tenants(&query).await.unwrap().len()
    };
    assert_eq!((listed("plan", "gold").await, listed("plan", "silver").await), (1, 0));
    let silver = Description {
        grant: None,
        login: None,
        labels: BTreeMap::from([
            ("plan".to_owned(), Some("silver".to_owned())),
            ("team".to_owned(), Some("checkout".to_owned())),
        ]),
        rotate_every: Patch::Keep,
        suspension: None,
    };
    let now = SystemClock.now();
    let target =
        Target { tenant: acme.id, expected: None, cause: Cause::SERVICE, now, limits: None };
    store.change_tenant(target, TenantChange::Describe(silver)).await.unwrap();
    assert_eq!((listed("plan", "gold").await, listed("plan", "silver").await), (0, 1));
    assert_eq!(listed("team", "checkout").await, 1);
}

pub(crate) async fn execute(path: &Path, sql: &'static str) -> Result<(), sqlx::Error> {
    use sqlx::Connection as _;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
    let mut connection = sqlx::SqliteConnection::connect_with(&options).await?;
    sqlx::query(sql).execute(&mut connection).await?;
    connection.close().await
}
