//! The HTTP server: connections, how many, and how long each may be at what.
//!
//! A caller is cut off where it is slow at its own part: the handshake, where TLS is spoken, the head of a
//! request, its body, taking the answer. A connection on which something was asked is held for long after that,
//! because that is what pools of connections do. What the service itself needs time for is limited elsewhere,
//! with the request.

mod connection;
mod exchange;
mod paced_stream;
mod tls;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::sleep,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::warn;

pub use self::tls::TlsError;
pub(crate) use self::tls::{Certificates, Renewal, Tls, TlsMetrics};
use crate::{api::Router, config::LimitsConfig};

/// How long nobody is let in when the system has no more descriptors or memory. Trying at once would only
/// keep the processor busy.
const PAUSE: Duration = Duration::from_secs(1);

/// What is needed to serve a listener.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    router: Router,
    limits: LimitsConfig,
    stop: CancellationToken,
    tls: Option<Tls>,
}

impl Server {
    /// Serves this router until `stop` is cancelled.
    pub(crate) fn new(router: Router, limits: LimitsConfig, stop: CancellationToken) -> Self {
        Self { router, limits, stop, tls: None }
    }

    /// Serves over TLS and not otherwise, if there is something to serve it with.
    pub(crate) fn over(self, tls: Option<Tls>) -> Self {
        Self { tls, ..self }
    }

    /// Serves until it is stopped, and then until the requests that it has are answered.
    pub(crate) async fn run(self, listener: TcpListener) {
        let connections = TaskTracker::new();
        let stop = self.stop.clone();
        tokio::select! {
            () = self.accept_all(listener, &connections) => {}
            () = stop.cancelled() => {}
        }
        connections.close();
        connections.wait().await;
    }

    async fn accept_all(self, listener: TcpListener, connections: &TaskTracker) {
        let n_places = usize::try_from(self.limits.connections.get()).unwrap_or(usize::MAX);
        let places = Arc::new(Semaphore::new(n_places.min(Semaphore::MAX_PERMITS)));
        let mut is_full = false;
        loop {
            let Some((stream, peer)) = accept(&listener).await else { continue };
            let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
                if !is_full {
                    warn!(limit = n_places, "no more connections are taken until some are closed");
                }
                is_full = true;
                continue;
            };
            is_full = false;
            let server = self.clone();
            connections.spawn(async move {
                match server.tls.clone() {
                    None => connection::serve(server, stream, peer).await,
                    // On the heap: what TLS needs is large, and who does without it is not to hold it.
                    Some(tls) => Box::pin(serve_over(tls, server, stream, peer)).await,
                }
                drop(place);
            });
        }
    }
}

/// Serves a client who can shake hands.
async fn serve_over(tls: Tls, server: Server, stream: TcpStream, peer: SocketAddr) {
    let stream = tokio::select! {
        stream = tls.accept(stream, server.limits.head_timeout) => stream,
        () = server.stop.cancelled() => None,
    };
    if let Some(stream) = stream {
        connection::serve(server, stream, peer).await;
    }
}

async fn accept(listener: &TcpListener) -> Option<(TcpStream, SocketAddr)> {
    match listener.accept().await {
        Ok((stream, peer)) => {
            // What is small is sent at once. A stream that is broken already shows it when it is read.
            let _ = stream.set_nodelay(true);
            Some((stream, peer))
        }
        Err(error) if is_of_one_connection(&error) => None,
        Err(error) => {
            warn!(error = &error as &dyn std::error::Error, "no connection can be taken");
            sleep(PAUSE).await;
            None
        }
    }
}

/// Whether only the connection that was to be taken is gone.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}
