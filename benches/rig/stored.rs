//! Many tenants, stored and in AWS, all of them active.
//!
//! One is made as any other is, by the service. The rest are copies of its rows under other names,
//! ids and caches, whatever columns the tables have: a hundred thousand sign-ups would take hours.

use std::{collections::BTreeMap, path::Path};

use anyhow::Context as _;
use ringfence_simulator::{SeedGroup, SeedUser};
use sqlx::{
    AssertSqlSafe, Connection as _, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteSynchronous},
};

use super::{Service, aws::Aws, waiting::sign_up};

/// The tables that have a tenant's rows.
const TABLES: [&str; 3] = ["tenants", "users", "events"];
/// The work on the first one is not measured.
const IN_A_HURRY: &str = "[reconciler]\npoll_min = \"10ms\"\npoll_max = \"50ms\"\n";
const PASSWORD: &str = "correct-horse-battery-staple";

/// How many tenants there are, and on how many caches.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stored {
    pub(crate) tenants: usize,
    pub(crate) caches: usize,
}

/// What the first tenant was given, which the others are given too.
#[derive(Debug)]
pub(crate) struct Pattern {
    access_string: String,
    tags: Vec<(String, String)>,
    engine: String,
    engine_version: String,
}

/// The n-th tenant.
pub(crate) fn name(n: usize) -> String {
    format!("tenant-{n:06}")
}

impl Stored {
    /// Writes them into the database of a service that is to start in this directory.
    pub(crate) async fn write(self, directory: &Path) -> anyhow::Result<Pattern> {
        let pattern = first_tenant(directory).await?;
        let options = SqliteConnectOptions::new()
            .filename(directory.join("ringfence.db"))
            .synchronous(SqliteSynchronous::Off);
        let mut database = SqliteConnection::connect_with(&options).await?;
        let id: String =
            sqlx::query_scalar("SELECT id FROM tenants").fetch_one(&mut database).await?;
        let mut transaction = database.begin().await?;
        for table in TABLES {
            self.copy(&mut transaction, table, &id).await?;
        }
        transaction.commit().await?;
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut database).await?;
        database.close().await?;
        Ok(pattern)
    }

    /// Copies the first tenant's rows of a table, once for each of the others.
    async fn copy(
        self,
        database: &mut SqliteConnection,
        table: &str,
        first_id: &str,
    ) -> anyhow::Result<()> {
        let columns: Vec<(String, String)> = sqlx::query_as(
            "SELECT name, type FROM pragma_table_info($1) WHERE name <> 'sequence' ORDER BY cid",
        )
        .bind(table)
        .fetch_all(&mut *database)
        .await?;
        let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
        let values: Vec<String> = columns
            .iter()
            .map(|(name, kind)| match kind.as_str() {
                "TEXT" => format!(
                    "replace(replace(replace({name}, $1, printf('%08x', i) || substr($1, 9)), \
                     'tenant-000000', printf('tenant-%06d', i)), \
                     'cache-0000', printf('cache-%04d', i * {caches} / {tenants}))",
                    caches = self.caches,
                    tenants = self.tenants
                ),
                _ => name.clone(),
            })
            .collect();
        let sql = format!(
            "INSERT INTO {table} ({}) \
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {}) \
             SELECT {} FROM n, {table}",
            names.join(", "),
            self.tenants,
            values.join(", ")
        );
        sqlx::query(AssertSqlSafe(sql)).bind(first_id).execute(database).await?;
        Ok(())
    }

    /// The same tenants as AWS has them.
    pub(crate) fn groups(self, pattern: &Pattern) -> Vec<SeedGroup> {
        let mut groups: Vec<SeedGroup> = (0..self.caches)
            .map(|cache| SeedGroup { user_group: group(cache), members: Vec::new() })
            .collect();
        for n in 0..self.tenants {
            groups[n * self.caches / self.tenants].members.push(pattern.user(n));
        }
        groups
    }

    /// All caches as sections of the service's configuration.
    pub(crate) fn cache_sections(self, pattern: &Pattern) -> String {
        (0..self.caches)
            .map(|cache| section(cache, &pattern.engine, &pattern.engine_version))
            .collect()
    }
}

impl Pattern {
    fn user(&self, n: usize) -> SeedUser {
        let (first, name) = (name(0), name(n));
        let tags = self.tags.iter();
        SeedUser {
            id: format!("rf-{name}"),
            access_string: self.access_string.replace(&first, &name),
            password: PASSWORD.to_owned(),
            tags: tags.map(|(key, value)| (key.clone(), value.replace(&first, &name))).collect(),
            name,
        }
    }
}

/// Lets the service make one tenant, and stops it.
async fn first_tenant(directory: &Path) -> anyhow::Result<Pattern> {
    let nobody = SeedGroup { user_group: group(0), members: Vec::new() };
    let aws = Aws::with_groups(&directory.join("first"), vec![nobody]).await?;
    let (engine, engine_version) = (aws.engine(), aws.engine_version().to_owned());
    let sections = format!("{IN_A_HURRY}{}", section(0, &engine, &engine_version));
    let service = Service::start(directory, &aws.url(), &sections).await?;
    sign_up(&service, &name(0)).await?;
    drop(service);
    let state = aws.control().dump().await;
    aws.shutdown().await;
    let users = state["users"].as_array().context("the simulator shows no users")?;
    let user = users.iter().find(|user| user["user_name"] == name(0).as_str());
    let user = user.context("the first tenant has no user")?;
    let access_string = user["access_string"].as_str().context("a user has no access string")?;
    let tags: BTreeMap<String, String> = serde_json::from_value(user["tags"].clone())?;
    Ok(Pattern {
        access_string: access_string.to_owned(),
        tags: tags.into_iter().collect(),
        engine,
        engine_version,
    })
}

fn group(cache: usize) -> String {
    format!("group-{cache:04}")
}

/// A cache without nodes. Everything is said, so that AWS is not asked where it is.
fn section(cache: usize, engine: &str, engine_version: &str) -> String {
    format!(
        r#"
[[caches]]
name = "cache-{cache:04}"
user_group = "{}"
replication_group = "nodes-{cache:04}"
host = "127.0.0.1"
port = 6379
tls = false
engine = "{engine}"
engine_version = "{engine_version}"
cluster_mode = true
verify = "off"
"#,
        group(cache)
    )
}
