//! Every migration is applied to a database that its predecessors have filled.

use std::{fs, path::Path};

use ringfence::{
    clock::{SystemClock, SystemEntropy},
    domain::{
        AccessRevision, AttestationVerdict, Auth, Bounds, CacheName, DisabledBecause, DriftKind,
        SecretHash, Status, TenantName, TokenStanding,
    },
    store::{DriftQuery, Store, TenantQuery},
};
use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;

#[tokio::test]
async fn each_migration_survives_the_data_of_the_one_before() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("r.db");
    let migrations = sqlx::migrate!("./migrations");
    let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    for migration in migrations.iter() {
        migrations.run_to(migration.version, &mut connection).await.unwrap();
        let name = format!("{:04}_{}.sql", migration.version, migration.description);
        let sample = Path::new("tests/data/migrations").join(name.replace(' ', "_"));
        let sql = fs::read_to_string(&sample)
            .unwrap_or_else(|error| panic!("{} has no data: {error}", sample.display()));
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    }
    connection.close().await.unwrap();

    let store = Store::open(&path, None, &SystemClock, &SystemEntropy::default()).await.unwrap();
    assert_eq!(store.installation().as_str(), "blue");
    let all = TenantQuery { limit: 10, ..TenantQuery::default() };
    let names: Vec<String> =
        store.tenants(&all).await.unwrap().iter().map(|tenant| tenant.name.to_string()).collect();
    assert_eq!(names, ["acme", "globex", "billing", "break-glass-1", "search", "initech", "hooli"]);
    for (label, labelled) in
        [(("plan", "gold"), vec!["acme"]), (("team", "checkout"), vec!["globex"])]
    {
        let labels = vec![(label.0.to_owned(), label.1.to_owned())];
        let found = store.tenants(&TenantQuery { labels, ..all.clone() }).await.unwrap();
        let names: Vec<&str> = found.iter().map(|tenant| tenant.name.as_str()).collect();
        assert_eq!(names, labelled, "{label:?}");
    }
    let tenant =
        async |name| store.tenant(&TenantName::parse(name).unwrap()).await.unwrap().unwrap();
    let statuses = [
        ("acme", Status::Active),
        ("globex", Status::Provisioning),
        ("billing", Status::Updating),
        ("initech", Status::Suspended),
        ("hooli", Status::Deleting),
    ];
    for (name, status) in statuses {
        assert_eq!(tenant(name).await.status(), status, "{name}");
    }
    let billing = tenant("billing").await;
    assert_eq!((billing.main.auth, billing.main.secret()), (Auth::Iam, None));
    assert_eq!(billing.rotate_every, Some("7d".parse().unwrap()));
    let outgoing = billing.outgoing.unwrap();
    assert_eq!(outgoing.auth, Auth::Password);
    assert!(outgoing.rotation_due_at.is_some());
    let acme = tenant("acme").await;
    assert_eq!(acme.main.access, Some(AccessRevision::UNKNOWN));
    let attestations = store.attestations(acme.id, None, 10).await.unwrap();
    let requests = attestations.iter().filter_map(|made| made.requested_by.as_ref());
    assert_eq!(requests.count(), 1, "only that which waits was asked for");
    let verdicts: Vec<_> =
        attestations.into_iter().map(|made| made.finding.map(|finding| finding.verdict)).collect();
    let why = "the engine did not answer in time".to_owned();
    assert_eq!(
        verdicts,
        [None, Some(AttestationVerdict::Inconclusive { why }), Some(AttestationVerdict::Isolated)]
    );
    let purge = tenant("hooli").await.purge.unwrap();
    assert_eq!((purge.progress.removed, purge.progress.next()), (42, Some((0, 17))));
    assert!(purge.user.is_some() && purge.proved_at.is_none());
    // Counted when the table was made, and by triggers since.
    let now = acme.created_at;
    let counts = store.cache_counts(None, now).await.unwrap();
    let count = |cache: &str| counts[&CacheName::parse(cache).unwrap()];
    assert_eq!((count("main").tenants, count("main").users), (3, 6));
    assert_eq!((count("spare").tenants, count("spare").users), (3, 3));
    let drift = store.drift_items(&DriftQuery { limit: 10, ..DriftQuery::default() }, now).await;
    let drift = drift.unwrap();
    assert_eq!(drift[0].found.difference.kind, DriftKind::NotInGroup);
    assert!(drift[0].repair_is_asked && drift[0].repaired_at.is_some());
    assert_eq!(drift[1].found.owner, None);
    let of = |first: u8| SecretHash::new(std::array::from_fn(|i| first + u8::try_from(i).unwrap()));
    let rotating = store.secrets_like(&of(0)).await.unwrap().remove(0);
    assert_eq!((rotating.token.name.as_str(), rotating.hash), ("signup", of(0)));
    assert!(rotating.valid_until.is_some());
    let of_acme = store.secrets_like(&of(0x40)).await.unwrap().remove(0).token;
    assert_eq!(of_acme.bounds, Bounds::Tenant(TenantName::parse("acme").unwrap()));
    let revoked = store.secrets_like(&of(0x60)).await.unwrap().remove(0);
    assert_eq!(revoked.standing(now), TokenStanding::Revoked);
    // Of the one that is being rotated both secrets sign; the other one is disabled.
    let (webhooks, far) =
        (store.webhooks().await.unwrap(), "2026-11-21T21:00:00Z".parse().unwrap());
    assert_eq!(webhooks[1].disabled.unwrap().0, DisabledBecause::Gone);
    let due = store.due_deliveries(&[], 10, far).await.unwrap();
    assert_eq!((due.len(), due[0].webhook, due[0].secrets.len()), (1, webhooks[0].id, 2));
}

/// So many tenants, a third of them deleted, have been made by the first version.
const TENANTS: i64 = 6_000;
const EVENTS_OF_EACH: i64 = 5;

const OLD_DATA: &str = "
    INSERT INTO installation VALUES (1, 'blue', 0);
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 6000)
    INSERT INTO tenants (id, name, cache, profile, labels, key_pattern, user_id, user_name, secret_name,
      wanted, phase, phase_since, problem_code, problem_detail, retry_at, attempts, revision, created_at,
      updated_at)
    SELECT printf('01a2001e-33c4-7e40-8f1a-%012d', n), 't' || n, 'main', 'read-write',
      json_object('plan', CAST(n % 7 AS TEXT)), 't' || n || ':*', 'rf-t' || n, 't' || n, 'ringfence/t' || n,
      iif(n % 3 = 0, 'absent', 'present'),
      CASE n % 3 WHEN 0 THEN 'deleted' WHEN 1 THEN 'active' ELSE 'creating-user' END,
      1795292109000, NULL, NULL, NULL, 0, 5, 1795292100000 + n, 1795292109000 + n
    FROM numbers;
    INSERT INTO events (at, kind, tenant_id, tenant_name, detail)
    SELECT 1795292100000 + value, 'tenant.changed', tenants.id, name, 'event ' || value
    FROM tenants, json_each('[1, 2, 3, 4, 5]');
";

/// Nothing is lost on the way, and what is counted when a table is made is counted right.
#[tokio::test]
async fn a_database_full_of_the_first_versions_data_is_carried_to_the_newest() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("r.db");
    let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::migrate!("./migrations").run_to(1, &mut connection).await.unwrap();
    sqlx::raw_sql(OLD_DATA).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();

    let store = Store::open(&path, None, &SystemClock, &SystemEntropy::default()).await.unwrap();
    let all = TenantQuery { limit: u32::MAX, ..TenantQuery::default() };
    let tenants = store.tenants(&all).await.unwrap();
    let n_active = tenants.iter().filter(|tenant| tenant.status() == Status::Active).count();
    assert_eq!((tenants.len(), n_active), (4_000, 2_000));
    let last = tenants.last().unwrap();
    assert_eq!((last.name.as_str(), last.main.user_id.as_str()), ("t5999", "rf-t5999"));
    let labels = vec![("plan".to_owned(), "3".to_owned())];
    let labelled = store.tenants(&TenantQuery { labels, ..all }).await.unwrap();
    assert!(labelled.len() > 500, "{}", labelled.len());
    let counts = store.cache_counts(None, last.created_at).await.unwrap();
    let count = &counts[&CacheName::parse("main").unwrap()];
    assert_eq!((count.tenants, count.users), (4_000, 4_000));
    store.close().await;

    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    for (what, expected) in [
        ("SELECT count(*) FROM tenants", TENANTS),
        ("SELECT count(*) FROM users", TENANTS),
        ("SELECT count(*) FROM events", TENANTS * EVENTS_OF_EACH),
        ("SELECT count(*) FROM pragma_foreign_key_check", 0),
        ("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'", 0),
    ] {
        let found: i64 = sqlx::query_scalar(what).fetch_one(&mut connection).await.unwrap();
        assert_eq!(found, expected, "{what}");
    }
}
