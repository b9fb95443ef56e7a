//! What clients connect to.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::door::Door;
use super::requests::Requests;
use crate::elasticache::ADDRESS;

/// How much is read from a client at once.
const CHUNK: usize = 64 * 1024;

/// After a connection could not be taken, for want of descriptors for example.
const ACCEPT_RETRY: Duration = Duration::from_millis(100);

/// The gateways of one cache, one for each of its nodes.
#[derive(Debug)]
pub(crate) struct Entrance {
    ports: Vec<u16>,
    hall: Arc<Hall>,
}

/// What all gateways of a cache share.
#[derive(Debug)]
struct Hall {
    door: Door,
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// Listens on these ports, or where there is room.
pub(crate) async fn listen(
    ports: impl IntoIterator<Item = Option<u16>>,
) -> io::Result<Vec<TcpListener>> {
    let mut listeners = Vec::new();
    for port in ports {
        listeners.push(TcpListener::bind((ADDRESS, port.unwrap_or(0))).await?);
    }
    Ok(listeners)
}

impl Entrance {
    /// Lets clients in, each listener's to the engine at its place.
    pub(crate) fn open(
        door: Door,
        listeners: Vec<TcpListener>,
        engines: &[SocketAddr],
    ) -> io::Result<Self> {
        let ports = listeners.iter().map(|listener| Ok(listener.local_addr()?.port()));
        let ports = ports.collect::<io::Result<_>>()?;
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let hall = Arc::new(Hall { door, stop, tasks });
        for (listener, engine) in listeners.into_iter().zip(engines) {
            hall.tasks.spawn(accept(listener, *engine, Arc::clone(&hall)));
        }
        Ok(Self { ports, hall })
    }

    pub(crate) fn door(&self) -> &Door {
        &self.hall.door
    }

    /// Where clients connect, node by node.
    pub(crate) fn ports(&self) -> &[u16] {
        &self.ports
    }

    /// Cuts everybody off, and waits until the ports are free.
    pub(crate) async fn close(self) {
        self.hall.stop.cancel();
        self.hall.tasks.close();
        self.hall.tasks.wait().await;
    }
}

impl Drop for Entrance {
    fn drop(&mut self) {
        self.hall.stop.cancel();
    }
}

async fn accept(listener: TcpListener, engine: SocketAddr, hall: Arc<Hall>) {
    loop {
        let accepted = tokio::select! {
            () = hall.stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((client, _)) => {
                let its = Arc::clone(&hall);
                hall.tasks.spawn(async move {
                    // How a connection ends is between the two who talk.
                    its.stop.run_until_cancelled(carry(client, engine, &its.door)).await;
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a gateway could not take a connection");
                tokio::time::sleep(ACCEPT_RETRY).await;
            }
        }
    }
}

/// Carries what a client and an engine tell each other. When the engine hangs up, as it does on a
/// user that is removed, so does the gateway.
async fn carry(client: TcpStream, engine: SocketAddr, door: &Door) -> io::Result<()> {
    let engine = TcpStream::connect(engine).await?;
    // Somebody waits for each answer: it must not wait for more to come.
    client.set_nodelay(true)?;
    engine.set_nodelay(true)?;
    let (client_read, mut client_write) = client.into_split();
    let (mut engine_read, engine_write) = engine.into_split();
    let mut answers = std::pin::pin!(tokio::io::copy(&mut engine_read, &mut client_write));
    tokio::select! {
        ended = &mut answers => return ended.map(|_| ()),
        // Who has said everything may still listen.
        said = requests(client_read, engine_write, door) => said?,
    }
    answers.await.map(|_| ())
}

async fn requests(
    mut client: OwnedReadHalf,
    mut engine: OwnedWriteHalf,
    door: &Door,
) -> io::Result<()> {
    let (mut requests, mut output) = (Requests::new(), Vec::new());
    let mut input = vec![0; CHUNK];
    loop {
        let n_bytes = client.read(&mut input).await?;
        if n_bytes == 0 {
            return engine.shutdown().await;
        }
        requests.pass(&input[..n_bytes], &mut output, |words| door.exchange(words));
        engine.write_all(&output).await?;
        output.clear();
    }
}
