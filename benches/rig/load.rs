//! Many clients that ask again as soon as they are answered.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::ensure;
use tokio::task::JoinSet;

use super::http::Connection;
pub(crate) use super::http::{get, post};

/// How the clients ask.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    /// So many connections, each kept open.
    pub(crate) clients: usize,
    pub(crate) lasts: Duration,
    /// Any other answer is a failure of the benchmark.
    pub(crate) status: u16,
}

/// The status, headers and body of one answer.
#[derive(Debug)]
pub(crate) struct Sample {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Load {
    /// Answers per second. `request` makes the n-th request of a client.
    pub(crate) async fn per_second(
        self,
        server: SocketAddr,
        request: impl Fn(usize, u64) -> Vec<u8> + Send + Sync + 'static,
    ) -> anyhow::Result<f64> {
        let request = Arc::new(request);
        let mut clients = JoinSet::new();
        let begun = Instant::now();
        for client in 0..self.clients {
            let request = Arc::clone(&request);
            clients.spawn(self.ask(server, begun, move |n| request(client, n)));
        }
        let mut n_answers = 0;
        while let Some(client) = clients.join_next().await {
            n_answers += client??;
        }
        Ok(f64::from(n_answers) / begun.elapsed().as_secs_f64())
    }

    /// Answers per second when each of `n` requests is sent once.
    pub(crate) async fn per_second_once(
        self,
        server: SocketAddr,
        n: usize,
        request: impl Fn(usize) -> Vec<u8> + Send + Sync + 'static,
    ) -> anyhow::Result<f64> {
        let request = Arc::new(request);
        let mut clients = JoinSet::new();
        let begun = Instant::now();
        for client in 0..self.clients {
            let request = Arc::clone(&request);
            clients.spawn(async move {
                let mut connection = Connection::open(server).await?;
                for n in (client..n).step_by(self.clients) {
                    let answer = connection.exchange(&request(n)).await?;
                    ensure!(answer.status == self.status, "{}", answer.head);
                }
                anyhow::Ok(())
            });
        }
        while let Some(client) = clients.join_next().await {
            client??;
        }
        #[expect(clippy::cast_precision_loss, reason = "a hundred thousand fit exactly")]
        Ok(n as f64 / begun.elapsed().as_secs_f64())
    }

    async fn ask(
        self,
        server: SocketAddr,
        begun: Instant,
        request: impl Fn(u64) -> Vec<u8>,
    ) -> anyhow::Result<u32> {
        let mut connection = Connection::open(server).await?;
        let mut n_answers = 0;
        while begun.elapsed() < self.lasts {
            let answer = connection.exchange(&request(u64::from(n_answers))).await?;
            ensure!(
                answer.status == self.status,
                "{}{}",
                answer.head,
                String::from_utf8_lossy(answer.body)
            );
            n_answers += 1;
        }
        Ok(n_answers)
    }
}

/// One answer, to be looked at.
pub(crate) async fn sample(server: SocketAddr, request: &[u8]) -> anyhow::Result<Sample> {
    let mut connection = Connection::open(server).await?;
    let answer = connection.exchange(request).await?;
    ensure!(answer.status == 200, "{}", answer.head);
    Ok(Sample { head: answer.head.to_owned(), body: answer.body.to_vec() })
}

/// How long each of these requests takes when they are sent in turn, one at a time, again and again.
pub(crate) async fn alternate(
    server: SocketAddr,
    requests: [&[u8]; 2],
    rounds: usize,
) -> anyhow::Result<[Vec<Duration>; 2]> {
    let mut connection = Connection::open(server).await?;
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..rounds {
        for (request, times) in requests.iter().zip(&mut times) {
            let begun = Instant::now();
            let answer = connection.exchange(request).await?;
            times.push(begun.elapsed());
            ensure!(answer.status == 200, "{}", answer.head);
        }
    }
    Ok(times)
}
