//! Every migration is applied to a database that its predecessors have filled.

use std::{fs, path::Path};

use ringfence::{
    clock::{SystemClock, SystemEntropy},
    domain::{AccessRevision, AttestationVerdict, Auth, CacheName, Status, TenantName},
    store::{Store, TenantQuery},
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
    assert_eq!(names, ["acme", "globex", "billing", "break-glass-1", "search", "initech"]);
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
    let verdicts: Vec<_> =
        attestations.into_iter().map(|made| made.finding.map(|finding| finding.verdict)).collect();
    let why = "the engine did not answer in time".to_owned();
    assert_eq!(
        verdicts,
        [None, Some(AttestationVerdict::Inconclusive { why }), Some(AttestationVerdict::Isolated)]
    );
    // Counted when the table was made, and by triggers since.
    let now = acme.created_at;
    let counts = store.cache_counts(None, now).await.unwrap();
    let count = |cache: &str| counts[&CacheName::parse(cache).unwrap()];
    assert_eq!((count("main").tenants, count("main").users), (3, 6));
    assert_eq!((count("spare").tenants, count("spare").users), (2, 2));
}
