//! Where connections to a receiver come in.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::serve::Listener;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tokio_util::either::Either;

/// Lets connections in, by TLS if it has a certificate, unless it hangs up.
pub(super) struct Door {
    pub(super) listener: TcpListener,
    pub(super) tls: Option<TlsAcceptor>,
    pub(super) hangs_up: Arc<AtomicBool>,
}

impl Listener for Door {
    type Io = Either<TcpStream, TlsStream<TcpStream>>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        loop {
            let (stream, address) = self.listener.accept().await.unwrap();
            if self.hangs_up.load(Ordering::SeqCst) {
                continue;
            }
            let Some(tls) = &self.tls else { return (Either::Left(stream), address) };
            // Who does not trust the certificate goes away.
            if let Ok(stream) = tls.accept(stream).await {
                return (Either::Right(stream), address);
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}
