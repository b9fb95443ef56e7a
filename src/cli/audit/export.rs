//! `ringfence audit export`

use std::io::{self, BufWriter, Write as _};

use clap::Args;
use jiff::Timestamp;

use crate::{
    api::EventView,
    cli::database::DatabaseArgs,
    domain::{Actor, EventFilter, EventKinds, TenantName},
    store::{EventLog, EventQuery},
};

/// Write events to standard output, oldest first, a line of JSON for each.
///
/// A line is what GET /events tells of an event.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct ExportArgs {
    /// Only of this tenant, service or session
    #[arg(long, value_name = "NAME")]
    tenant: Option<TenantName>,

    /// Only of this kind, such as credentials.read, or of all that begin so, such as rotation.
    #[arg(long, value_name = "KIND")]
    kind: Option<EventKinds>,

    /// Only on the word of this one, such as service
    #[arg(long, value_name = "ACTOR")]
    actor: Option<Actor>,

    /// Only what happened then or later
    #[arg(long, value_name = "TIME")]
    since: Option<Timestamp>,

    /// Only what happened before
    #[arg(long, value_name = "TIME")]
    until: Option<Timestamp>,

    /// Only what comes after the event with this number
    #[arg(long, value_name = "SEQUENCE", default_value_t = 0)]
    after: u64,

    #[command(flatten)]
    database: DatabaseArgs,
}

const EXAMPLES: &str = "\
Examples:
  ringfence audit export --config ringfence.toml --kind credentials.read
  ringfence audit export --database copy.db --tenant acme --since 2026-11-01T00:00:00Z";

/// How many events are read at once.
const AT_ONCE: u32 = 1000;

impl ExportArgs {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let Self { tenant, kind: kinds, actor, since, until, after, database } = self;
        let mut log = EventLog::open(&database.path()?).await?;
        let filter = EventFilter { tenant, kinds, actor, since, until };
        let mut query = EventQuery { filter, after, limit: AT_ONCE };
        let mut out = BufWriter::new(io::stdout().lock());
        loop {
            let page = log.page(&query).await?;
            for event in &page.events {
                writeln!(out, "{}", EventView::from(event).line())?;
            }
            if page.events.len() < AT_ONCE as usize {
                break;
            }
            query.after = page.seen_to;
        }
        out.flush()?;
        Ok(())
    }
}
