//! Whether a request is being answered on a connection.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
};

use hyper::body::{Body, Frame, SizeHint};

/// The requests of one connection, counted where they begin and where their answers end. Clones count
/// together.
#[derive(Clone, Debug, Default)]
pub(super) struct Exchanges(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    begun: AtomicU64,
    ended: AtomicU64,
}

impl Exchanges {
    /// A request has come in.
    pub(super) fn begin(&self) -> Exchange {
        self.0.begun.fetch_add(1, Ordering::Relaxed);
        Exchange(Arc::clone(&self.0))
    }

    /// How many requests have ever come in.
    pub(super) fn n_begun(&self) -> u64 {
        self.0.begun.load(Ordering::Relaxed)
    }

    /// Whether one of them is being answered.
    pub(super) fn is_under_way(&self) -> bool {
        self.n_begun() != self.0.ended.load(Ordering::Relaxed)
    }
}

/// A request that is being answered. It is over when this is dropped.
pub(super) struct Exchange(Arc<Counts>);

impl Exchange {
    /// Goes on until all of this body is sent, or nobody wants it any more.
    pub(super) fn until_sent<B>(self, body: B) -> AnswerBody<B> {
        AnswerBody { body, _exchange: self }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::Relaxed);
    }
}

/// The body of an answer, with the request that it answers.
pub(super) struct AnswerBody<B> {
    body: B,
    _exchange: Exchange,
}

impl<B: Body + Unpin> Body for AnswerBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
