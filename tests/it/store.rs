//! The store, through its own front door, on a real file.

use std::{collections::BTreeMap, path::Path};

use ringfence::{
    clock::{Clock as _, Entropy as _, SystemClock, SystemEntropy},
    domain::{
        Auth, CacheName, CacheUserId, CacheWish, Candidate, Grant, GroupLimits, InstallationId,
        KeyPatternTemplate, Labels, LocalUserName, NamingScheme, NewTenant, NewUser, Phase,
        ProfileName, Revision, TenantId, TenantName, Tier,
    },
    store::{OpenError, Progress, Reservation, Store, StoreError, TenantQuery},
};
use tempfile::TempDir;

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
        limits: GroupLimits { configured: 100, learned: None, foreign: Some(0) },
        obstacle: None,
        reserved_name: None,
    }
}

fn to(phase: Phase) -> Progress {
    Progress { phase, access: None, attestation: None }
}

#[tokio::test]
async fn a_tenant_reads_back_as_it_was_written() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("r.db");
    let store = open(&path).await.unwrap();
    let installation = store.installation().clone();
    let reserved = store.reserve_tenant(new("acme"), None, None).await.unwrap();
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
async fn a_write_from_an_old_revision_changes_nothing() {
    let directory = TempDir::new().unwrap();
    let store = open(&directory.path().join("r.db")).await.unwrap();
    let reserved = store.reserve_tenant(new("acme"), None, None).await.unwrap();
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
            store.reserve_tenant(new(&short), None, None),
            store.reserve_tenant(new(&long), None, None),
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
    store.reserve_tenant(new("acme"), None, None).await.unwrap();
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
        store.reserve_tenant(new(&format!("t{i}")), None, None).await.unwrap();
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

async fn execute(path: &Path, sql: &'static str) -> Result<(), sqlx::Error> {
    use sqlx::Connection as _;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
    let mut connection = sqlx::SqliteConnection::connect_with(&options).await?;
    sqlx::query(sql).execute(&mut connection).await?;
    connection.close().await
}
