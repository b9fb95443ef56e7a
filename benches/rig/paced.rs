//! Requests at a pace that does not depend on the answers.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::task::JoinSet;

use super::http::Connection;

/// How the requests come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    pub(crate) per_second: u32,
    /// They share these connections, each kept open.
    pub(crate) connections: u32,
    pub(crate) lasts: Duration,
}

/// What became of them.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// From the moment at which each was due until it was answered.
    pub(crate) waits: Vec<Duration>,
    /// What was no 200, the first of each connection.
    pub(crate) failures: Vec<String>,
    pub(crate) n_failed: usize,
}

impl Pace {
    /// Sends the n-th request when it is due, or as soon afterwards as its connection is free.
    pub(crate) async fn run(
        self,
        server: SocketAddr,
        request: impl Fn(u32) -> Vec<u8> + Send + Sync + 'static,
    ) -> anyhow::Result<Outcome> {
        let request = Arc::new(request);
        let begun = Instant::now();
        let mut connections = JoinSet::new();
        for first in 0..self.connections {
            let request = Arc::clone(&request);
            connections.spawn(self.share(server, begun, first, request));
        }
        let mut all = Outcome::default();
        while let Some(share) = connections.join_next().await {
            let share = share??;
            all.waits.extend(share.waits);
            all.failures.extend(share.failures);
            all.n_failed += share.n_failed;
        }
        Ok(all)
    }

    async fn share(
        self,
        server: SocketAddr,
        begun: Instant,
        first: u32,
        request: Arc<impl Fn(u32) -> Vec<u8>>,
    ) -> anyhow::Result<Outcome> {
        let mut outcome = Outcome::default();
        let mut connection = Connection::open(server).await?;
        let step = usize::try_from(self.connections)?;
        for n in (first..).step_by(step) {
            let due = begun + Duration::from_secs_f64(f64::from(n) / f64::from(self.per_second));
            if due.duration_since(begun) >= self.lasts {
                break;
            }
            tokio::time::sleep_until(due.into()).await;
            let failure = match connection.exchange(&request(n)).await {
                Ok(answer) if answer.status == 200 => None,
                Ok(answer) => Some(answer.head.to_owned()),
                Err(error) => {
                    connection = Connection::open(server).await?;
                    Some(error.to_string())
                }
            };
            outcome.waits.push(due.elapsed());
            if let Some(failure) = failure {
                outcome.n_failed += 1;
                if outcome.failures.is_empty() {
                    outcome.failures.push(failure);
                }
            }
        }
        Ok(outcome)
    }
}

/// Opens so many connections, on each of which something was answered.
pub(crate) async fn open(
    server: SocketAddr,
    connections: usize,
    request: &[u8],
) -> anyhow::Result<Idle> {
    let mut idle = Vec::with_capacity(connections);
    for _ in 0..connections {
        let mut connection = Connection::open(server).await?;
        connection.exchange(request).await?;
        idle.push(connection);
    }
    Ok(Idle(idle))
}

/// Connections on which nobody says anything.
#[derive(Debug)]
pub(crate) struct Idle(Vec<Connection>);

impl Idle {
    /// On how many of them there is still an answer.
    pub(crate) async fn answering(&mut self, request: &[u8]) -> usize {
        let mut n_answering = 0;
        for connection in &mut self.0 {
            let answer = connection.exchange(request).await;
            n_answering += usize::from(answer.is_ok_and(|answer| answer.status == 200));
        }
        n_answering
    }
}
