//! Waiting until what was asked for has come true, by looking again and again.

use std::time::Duration;

use clap::Args;
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::{error::ClientError, progress::Progress};

const PAUSE_FIRST: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(2);
/// A service that is started again is back by then.
const AWAY_MAX: Duration = Duration::from_mins(5);

#[derive(Clone, Copy, Debug, Args)]
pub(super) struct WaitArgs {
    /// Wait until it is done, for five minutes or as many seconds as are given
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = "300")]
    wait: Option<u64>,
}

/// What a look has shown.
pub(super) enum Sight {
    /// It is done; this is how it is told.
    Done(Value),
    /// It goes on; this is how far it is.
    Under(String),
    /// It has come to another end.
    Ended(String),
}

impl WaitArgs {
    /// To wait for as long as it takes.
    pub(super) fn without_end() -> Self {
        Self { wait: Some(u64::MAX) }
    }

    /// Whether the caller wants to wait at all.
    pub(super) fn is_wanted(self) -> bool {
        self.wait.is_some()
    }

    /// Looks until it is done. `what` is what is waited for, as an error would name it.
    pub(super) async fn until<F>(
        self,
        what: &str,
        look: impl Fn() -> F,
    ) -> Result<Value, ClientError>
    where
        F: Future<Output = Result<Sight, ClientError>>,
    {
        let seconds = self.wait.unwrap_or(0);
        let started = Instant::now();
        let progress = Progress::of(what);
        let mut pause = PAUSE_FIRST;
        let mut last: Option<String> = None;
        let mut away_since: Option<Instant> = None;
        loop {
            let state = match look().await {
                Ok(Sight::Done(body)) => return Ok(body),
                Ok(Sight::Ended(how)) => {
                    return Err(ClientError::EndedOtherwise { what: what.to_owned(), how });
                }
                Ok(Sight::Under(state)) => {
                    away_since = None;
                    state
                }
                // The service was there, so it is being started again.
                Err(error) => match last {
                    Some(state)
                        if error.is_passing()
                            && away_since.get_or_insert_with(Instant::now).elapsed() < AWAY_MAX =>
                    {
                        state
                    }
                    _ => return Err(error),
                },
            };
            progress.say(&format!("{what}: {state}"));
            let left = Duration::from_secs(seconds).saturating_sub(started.elapsed());
            if left.is_zero() {
                return Err(ClientError::NotInTime { what: what.to_owned(), state, seconds });
            }
            sleep(pause.min(left)).await;
            pause = (pause * 2).min(PAUSE_MAX);
            last = Some(state);
        }
    }
}
