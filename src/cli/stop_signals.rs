//! The signals that ask the process to stop.

use anyhow::{Context, bail};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// SIGTERM and ctrl-C, caught from the moment this is made.
#[derive(Debug)]
pub(super) struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
    n_caught: u32,
}

impl StopSignals {
    pub(super) fn listen() -> anyhow::Result<Self> {
        let listen = |kind| signal(kind).context("cannot listen for signals");
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
            n_caught: 0,
        })
    }

    /// Waits for the next one.
    pub(super) async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
        self.n_caught += 1;
    }

    /// Does what belongs to an orderly end, unless there is a second signal, which may have come before.
    pub(super) async fn finish(&mut self, work: impl Future<Output = ()>) -> anyhow::Result<()> {
        tokio::select! {
            biased;
            () = self.second() => bail!("stopped at once; the next start finishes what was cut off"),
            () = work => Ok(()),
        }
    }

    async fn second(&mut self) {
        while self.n_caught < 2 {
            self.next().await;
        }
    }
}
