//! `ringfence audit verify`

use std::io::{self, IsTerminal as _, Write};

use clap::Args;

use crate::{cli::database::DatabaseArgs, domain::EventHash, store::EventLog};

/// Check that no event was changed, removed, added or moved.
///
/// Each event has a hash that also covers the one before it. Fails and names the first event that is not as
/// it was. That events are missing at the end can only be told with --head.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct VerifyArgs {
    /// A head that an earlier run has told, noted elsewhere: it must still be in the record
    #[arg(long, value_name = "HASH")]
    head: Option<EventHash>,

    #[command(flatten)]
    database: DatabaseArgs,
}

const EXAMPLES: &str = "\
Examples:
  ringfence audit verify --config ringfence.toml
  ringfence audit verify --database /backup/ringfence.db --head \"$(cat /elsewhere/head)\"";

/// After how many events it is said how far it has come.
const PROGRESS_EVERY: u64 = 100_000;

impl VerifyArgs {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let database = self.database.path()?;
        let mut log = EventLog::open(&database).await?;
        let sound = log.verify(self.head, tell_progress).await?;
        let removed = match sound.removed {
            0 => String::new(),
            removed => format!(", after {removed} that were removed because of their age"),
        };
        let count = sound.count;
        writeln!(io::stdout(), "{count} events are as they were recorded{removed}")?;
        writeln!(io::stdout(), "head {}", sound.head)?;
        Ok(())
    }
}

/// For a person who waits.
fn tell_progress(sequence: u64) {
    let mut stderr = io::stderr();
    if sequence.is_multiple_of(PROGRESS_EVERY) && stderr.is_terminal() {
        // There is nowhere left to report a failure of standard error.
        let _ = writeln!(stderr, "… up to event {sequence}");
    }
}
