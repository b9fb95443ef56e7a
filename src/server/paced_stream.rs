//! A connection that is cut when its caller is slow.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep_until},
};

use super::exchange::Exchanges;
use crate::config::LimitsConfig;

/// Cuts a head that does not come to its end, and an answer that is not taken.
///
/// Hyper's own limit for a head runs from the end of the request before it, so that it is the limit of
/// idleness too, which has to be much longer. The first head has no request before it: its time runs from the
/// beginning, or whoever only connects could take all places for as long as a connection may be idle.
#[derive(Debug)]
pub(super) struct PacedStream<S> {
    stream: S,
    exchanges: Exchanges,
    /// How many requests there were when last something was read.
    n_seen: u64,
    head: Patience,
    write: Patience,
}

impl<S> PacedStream<S> {
    pub(super) fn new(stream: S, exchanges: Exchanges, limits: &LimitsConfig) -> Self {
        let mut head = Patience::of(limits.head_timeout);
        head.begin();
        let write = Patience::of(limits.write_timeout);
        Self { stream, exchanges, n_seen: 0, head, write }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for PacedStream<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let n_begun = this.exchanges.n_begun();
        if n_begun != this.n_seen {
            this.n_seen = n_begun;
            this.head.end();
        }
        let n_before = buffer.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(cx, buffer);
        // What is read now is a body, or the head of a request that has to wait for its turn.
        if this.exchanges.is_under_way() {
            return read;
        }
        match read {
            Poll::Ready(result) => {
                if buffer.filled().len() > n_before {
                    this.head.begin();
                }
                Poll::Ready(result)
            }
            Poll::Pending => this.head.poll_end(cx).map(Err),
        }
    }
}

impl<S: AsyncWrite + Unpin> PacedStream<S> {
    /// Passes on what has become of writing, unless it has come to nothing for too long.
    fn paced<T>(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.write.end();
            return written;
        }
        self.write.begin();
        let cut = ready!(self.write.poll_end(cx));
        Poll::Ready(Err(cut))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for PacedStream<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(cx, bytes);
        this.paced(cx, written)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let flushed = Pin::new(&mut this.stream).poll_flush(cx);
        // To flush a socket does nothing, and says nothing of whether the caller takes what is sent.
        if flushed.is_ready() { flushed } else { this.paced(cx, flushed) }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let shut = Pin::new(&mut this.stream).poll_shutdown(cx);
        this.paced(cx, shut)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write_vectored(cx, slices);
        this.paced(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

/// How long something may last, once it has begun. The timer is only made where there is something to
/// wait for: most heads come in one piece.
#[derive(Debug)]
struct Patience {
    limit: Duration,
    began: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Patience {
    fn of(limit: Duration) -> Self {
        Self { limit, began: None, timer: None }
    }

    /// Begins, unless it has begun already.
    fn begin(&mut self) {
        self.began.get_or_insert_with(Instant::now);
    }

    fn end(&mut self) {
        (self.began, self.timer) = (None, None);
    }

    /// Ready when it has lasted too long.
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        let Some(began) = self.began else { return Poll::Pending };
        let limit = self.limit;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(began + limit)));
        ready!(timer.as_mut().poll(cx));
        Poll::Ready(io::ErrorKind::TimedOut.into())
    }
}
