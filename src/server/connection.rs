//! One connection, from its first byte to its last.

use std::{net::SocketAddr, pin::pin};

use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tracing::debug;

use super::{Server, exchange::Exchanges, paced_stream::PacedStream};
use crate::api;

/// The longest head of a request, in bytes: the request line and all headers. Hyper answers a longer one
/// with 431, and so it does a head with more than 100 headers.
const HEAD_SIZE_MAX: usize = 16 * 1024;

/// What is buffered of a connection, in each direction.
const BUFFER_SIZE_MAX: usize = 64 * 1024;

/// Answers what is asked on a connection, until either side closes it.
pub(super) async fn serve<S>(server: Server, stream: S, peer: SocketAddr)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let Server { router, limits, stop, tls: _ } = server;
    let exchanges = Exchanges::default();
    let stream = PacedStream::new(stream, exchanges.clone(), &limits);
    let counted = exchanges.clone();
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let exchange = counted.begin();
        let answer = api::answer(router.clone(), request, peer);
        async { answer.await.map(|answer| answer.map(|body| exchange.until_sent(body))) }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.idle_timeout)
        .max_header_size(HEAD_SIZE_MAX)
        .max_buf_size(BUFFER_SIZE_MAX);
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), service));
    let outcome = tokio::select! {
        outcome = connection.as_mut() => outcome,
        () = stop.cancelled() => {
            // Hyper would wait for a first request that may never come.
            if exchanges.n_begun() == 0 {
                return;
            }
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = outcome {
        // The caller's doing: it was slow, hung up, or speaks no HTTP.
        debug!(error = &error as &dyn std::error::Error, "a connection was cut");
    }
}
