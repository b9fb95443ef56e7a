//! What is counted of commits, once and for good.
//!
//! Triggers note it, as they do for [`news`](super::news): what is taken back is never counted, be it
//! for a failed unit or for a dry run, and a restart in between counts nothing twice. The store keeps
//! no sums, so the counts begin from nothing when the service starts.

use std::time::Duration;

use sqlx::SqliteConnection;

/// To be run on the connection that writes, once.
pub(super) const NOTE_COUNTED: &str = "
    CREATE TEMP TABLE counted (
        what TEXT NOT NULL, cache TEXT NOT NULL, label TEXT NOT NULL, milliseconds INTEGER NOT NULL
    ) STRICT;
    CREATE TEMP TRIGGER tenant_activated AFTER UPDATE OF activated_at ON main.tenants
    WHEN OLD.activated_at IS NULL AND NEW.activated_at IS NOT NULL BEGIN
        INSERT INTO counted
        VALUES ('activated', NEW.cache, NEW.tier, NEW.activated_at - NEW.created_at);
    END;
    CREATE TEMP TRIGGER attestation_found_at_once AFTER INSERT ON main.attestations
    WHEN NEW.found_at IS NOT NULL BEGIN
        INSERT INTO counted
        SELECT 'attested', cache, NEW.verdict, NEW.found_at - NEW.requested_at
        FROM main.users WHERE id = NEW.user;
    END;
    CREATE TEMP TRIGGER attestation_found AFTER UPDATE OF found_at ON main.attestations
    WHEN OLD.found_at IS NULL AND NEW.found_at IS NOT NULL BEGIN
        INSERT INTO counted
        SELECT 'attested', cache, NEW.verdict, NEW.found_at - NEW.requested_at
        FROM main.users WHERE id = NEW.user;
    END;
    CREATE TEMP TRIGGER rotation_ended AFTER UPDATE OF phase ON main.rotations
    WHEN NEW.phase IN ('completed', 'cancelled', 'failed') AND OLD.phase <> NEW.phase BEGIN
        INSERT INTO counted
        VALUES ('rotated', NEW.cache, NEW.phase, NEW.phase_since - NEW.created_at);
    END;
    CREATE TEMP TRIGGER message_tried AFTER UPDATE OF attempts ON main.webhook_deliveries
    WHEN NEW.attempts > OLD.attempts BEGIN
        INSERT INTO counted VALUES ('tried', '', NEW.state, 0);
    END;
";

/// Something that has happened, mostly to a tenant of a cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Counted {
    pub(super) what: What,
    /// Empty if it has nothing to do with one.
    pub(super) cache: String,
    /// The tier, the verdict, the last phase, or the state.
    pub(super) label: String,
    /// Since it was asked for.
    pub(super) after: Duration,
}

/// What has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// A tenant became active for the first time.
    Activated,
    /// An attestation came to a verdict.
    Attested,
    /// A rotation is over.
    Rotated,
    /// A message was sent to a webhook, or should have been.
    Tried,
}

/// Takes what the transaction has noted.
pub(super) async fn take_counted(
    connection: &mut SqliteConnection,
) -> Result<Vec<Counted>, sqlx::Error> {
    let rows: Vec<(String, String, String, i64)> =
        sqlx::query_as("SELECT what, cache, label, milliseconds FROM temp.counted")
            .fetch_all(&mut *connection)
            .await?;
    if !rows.is_empty() {
        sqlx::query("DELETE FROM temp.counted").execute(connection).await?;
    }
    Ok(rows.into_iter().filter_map(read).collect())
}

fn read((what, cache, label, milliseconds): (String, String, String, i64)) -> Option<Counted> {
    let what = match what.as_str() {
        "activated" => What::Activated,
        "attested" => What::Attested,
        "rotated" => What::Rotated,
        "tried" => What::Tried,
        _ => return None,
    };
    // A clock may have been put back since.
    let after = Duration::from_millis(u64::try_from(milliseconds).unwrap_or(0));
    Some(Counted { what, cache, label, after })
}
