//! TLS on the listener: what is served, and how it is replaced while the service runs.
//!
//! What is served is one value, made of all the files, and is replaced as a whole. A connection takes what there is
//! when it begins and keeps it, so a replacement cuts nobody. What rustls remembers to resume sessions goes with the
//! value: whoever was let in by an authority that is not there any more has to show a certificate again.

mod certificates;
mod contents;
mod error;
mod metrics;
mod renewal;
mod validity;

use std::{sync::Arc, time::Duration};

use tokio::{net::TcpStream, sync::watch, time::timeout};
use tokio_rustls::{TlsAcceptor, rustls::ServerConfig, server::TlsStream};
use tracing::debug;

pub use self::error::TlsError;
use self::metrics::Handshake;
pub(crate) use self::{certificates::Certificates, metrics::TlsMetrics, renewal::Renewal};

/// What the listener serves now. Clones see the same.
#[derive(Clone, Debug)]
pub(crate) struct Tls {
    served: watch::Receiver<Arc<ServerConfig>>,
    metrics: TlsMetrics,
}

impl Tls {
    /// Shakes hands with a client, who has this long for it. What went wrong is between it and us: TLS tells it by
    /// an alert.
    pub(super) async fn accept(
        &self,
        stream: TcpStream,
        patience: Duration,
    ) -> Option<TlsStream<TcpStream>> {
        let served = Arc::clone(&self.served.borrow());
        match timeout(patience, TlsAcceptor::from(served).accept(stream)).await {
            Ok(Ok(stream)) => {
                self.metrics.shaken(Handshake::Done);
                Some(stream)
            }
            Ok(Err(error)) => {
                self.metrics.shaken(Handshake::Failed);
                debug!(error = &error as &dyn std::error::Error, "a TLS handshake failed");
                None
            }
            Err(_) => {
                self.metrics.shaken(Handshake::Late);
                debug!("a TLS handshake took too long");
                None
            }
        }
    }
}
