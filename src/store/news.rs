//! Which tenants a commit changes, and who is to know.
//!
//! Triggers note it, whatever statement makes the change: a statement added later cannot forget to
//! tell. They and their table are the writing connection's own (`TEMP`), no part of the schema.

use sqlx::SqliteConnection;
use tokio::sync::watch;
use uuid::Uuid;

use super::{kept_views::KeptViews, unit::Committed};
use crate::domain::{TenantId, TenantName};

/// To be run on the connection that writes, once.
pub(super) const NOTE_TOUCHED: &str = "
    CREATE TEMP TABLE touched (tenant TEXT NOT NULL) STRICT;
    CREATE TEMP TRIGGER tenant_made AFTER INSERT ON main.tenants
      BEGIN INSERT INTO touched VALUES (NEW.id); END;
    CREATE TEMP TRIGGER tenant_changed AFTER UPDATE ON main.tenants
      BEGIN INSERT INTO touched VALUES (NEW.id); END;
    CREATE TEMP TRIGGER user_made AFTER INSERT ON main.users
      BEGIN INSERT INTO touched VALUES (NEW.tenant_id); END;
    CREATE TEMP TRIGGER user_changed AFTER UPDATE ON main.users
      BEGIN INSERT INTO touched VALUES (NEW.tenant_id); END;
    CREATE TEMP TRIGGER rotation_made AFTER INSERT ON main.rotations
      BEGIN INSERT INTO touched VALUES (NEW.tenant_id); END;
    CREATE TEMP TRIGGER rotation_changed AFTER UPDATE ON main.rotations
      BEGIN INSERT INTO touched VALUES (NEW.tenant_id); END;
    CREATE TEMP TRIGGER attestation_made AFTER INSERT ON main.attestations
      BEGIN INSERT INTO touched VALUES (NEW.tenant_id); END;
    CREATE TEMP TRIGGER attestation_changed AFTER UPDATE ON main.attestations
      BEGIN INSERT INTO touched VALUES (NEW.tenant_id); END;
";

/// A tenant that something was written of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Touched {
    pub(super) id: TenantId,
    pub(super) name: TenantName,
}

/// Takes what the transaction has touched.
pub(super) async fn take_touched(
    connection: &mut SqliteConnection,
) -> Result<Vec<Touched>, sqlx::Error> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "SELECT id, name FROM tenants WHERE id IN (SELECT tenant FROM temp.touched)",
    )
    .fetch_all(&mut *connection)
    .await?;
    sqlx::query("DELETE FROM temp.touched").execute(connection).await?;
    rows.iter().map(|(id, name)| touched(id, name)).collect()
}

fn touched(id: &str, name: &str) -> Result<Touched, sqlx::Error> {
    let id = Uuid::parse_str(id).map_err(|error| sqlx::Error::Decode(error.into()))?;
    let name = TenantName::parse(name).map_err(|error| sqlx::Error::Decode(error.into()))?;
    Ok(Touched { id: TenantId(id), name })
}

/// How many bells there are. Tenants share them, so some rings are for another tenant.
const BELLS: usize = 256;

/// Tells of commits: to those who wait for a tenant, and to what is kept in memory.
#[derive(Debug)]
pub(super) struct News {
    pub(super) views: KeptViews,
    bells: [watch::Sender<()>; BELLS],
    /// For those who wait for anything at all.
    main_bell: watch::Sender<()>,
}

impl News {
    pub(super) fn new() -> Self {
        Self {
            views: KeptViews::new(),
            bells: std::array::from_fn(|_| watch::Sender::new(())),
            main_bell: watch::Sender::new(()),
        }
    }

    /// Rings after commits that have touched the tenant, and after some others.
    pub(super) fn of(&self, tenant: TenantId) -> watch::Receiver<()> {
        self.bell(tenant).subscribe()
    }

    /// Rings after every commit.
    pub(super) fn of_all(&self) -> watch::Receiver<()> {
        self.main_bell.subscribe()
    }

    /// To be called right before the commit.
    pub(super) fn announce(&self, touched: Vec<Touched>) -> Announcement<'_> {
        self.views.begin_commit(touched.iter().map(|touched| &touched.name));
        Announcement { news: self, touched }
    }

    fn bell(&self, tenant: TenantId) -> &watch::Sender<()> {
        // The last part of an id is chance.
        let low = usize::from(tenant.0.as_bytes()[15]);
        &self.bells[low % BELLS]
    }
}

/// A commit that is under way.
pub(super) struct Announcement<'a> {
    news: &'a News,
    touched: Vec<Touched>,
}

impl Announcement<'_> {
    pub(super) fn end(self, committed: &Committed) {
        self.news.views.end_commit();
        if committed.is_ok() {
            for touched in self.touched {
                self.news.bell(touched.id).send_replace(());
            }
            self.news.main_bell.send_replace(());
        }
    }
}
