//! A listing that is made once for all who ask for it.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_util::{
    FutureExt as _,
    future::{BoxFuture, Shared},
};
use tokio::{task::AbortHandle, time::Instant};
use tracing::Instrument as _;

use super::CloudError;

/// Makes listings, one at a time, and hands each to all who can use it. Clones share them.
pub(super) struct SingleFlight<T> {
    operation: &'static str,
    listings: Arc<Mutex<Listings<T>>>,
}

/// The last listing is kept for those who come soon, and because the next one takes from it what
/// has not changed.
struct Listings<T> {
    latest: Option<(Instant, Arc<T>)>,
    flight: Option<Flight<T>>,
}

/// A listing under way, in a task of its own: whoever waits for it may be dropped.
struct Flight<T> {
    began: Instant,
    task: AbortHandle,
    outcome: Shared<BoxFuture<'static, Result<Arc<T>, CloudError>>>,
}

impl<T: Send + Sync + 'static> SingleFlight<T> {
    pub(super) fn new(operation: &'static str) -> Self {
        let listings = Listings { latest: None, flight: None };
        Self { operation, listings: Arc::new(Mutex::new(listings)) }
    }

    /// A listing that began at `not_before` or later. `list` is told when its listing begins and what
    /// the last one showed, and is called only if there is no such listing, finished or under way.
    /// One that is under way and began too early is waited for, because two at once would cost
    /// twice and be no faster. Its failure is told to those only who could have used it.
    pub(super) async fn since<F>(
        &self,
        not_before: Instant,
        list: impl Fn(Instant, Option<Arc<T>>) -> F,
    ) -> Result<Arc<T>, CloudError>
    where
        F: Future<Output = Result<T, CloudError>> + Send + 'static,
    {
        // Nothing that begins now would be late enough for who asks for tomorrow's.
        let not_before = not_before.min(Instant::now());
        loop {
            let flight = {
                let mut listings = self.lock();
                match (&listings.latest, &listings.flight) {
                    (Some((began, latest)), _) if *began >= not_before => {
                        return Ok(Arc::clone(latest));
                    }
                    (_, Some(flight)) if !flight.task.is_finished() => flight.clone(),
                    _ => {
                        let flight = self.start(listings.latest.as_ref(), &list);
                        listings.flight.insert(flight).clone()
                    }
                }
            };
            let outcome = flight.outcome.await;
            if flight.began >= not_before {
                return outcome;
            }
        }
    }

    #[expect(clippy::disallowed_methods, reason = "it changes nothing, so nobody waits at the end")]
    fn start<F>(
        &self,
        latest: Option<&(Instant, Arc<T>)>,
        list: impl Fn(Instant, Option<Arc<T>>) -> F,
    ) -> Flight<T>
    where
        F: Future<Output = Result<T, CloudError>> + Send + 'static,
    {
        let began = Instant::now();
        let listing = list(began, latest.map(|(_, listing)| Arc::clone(listing)));
        let this = self.clone();
        let work = async move {
            let listing = Arc::new(listing.await?);
            this.lock().latest = Some((began, Arc::clone(&listing)));
            Ok(listing)
        };
        // In traces it is the work of who asked first.
        let task = tokio::spawn(work.in_current_span());
        let operation = self.operation;
        Flight {
            began,
            task: task.abort_handle(),
            outcome: task
                .map(move |end| end.unwrap_or_else(|_| Err(CloudError::cut_short(operation))))
                .boxed()
                .shared(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Listings<T>> {
        self.listings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Clone for SingleFlight<T> {
    fn clone(&self) -> Self {
        Self { operation: self.operation, listings: Arc::clone(&self.listings) }
    }
}

impl<T> Clone for Flight<T> {
    fn clone(&self) -> Self {
        Self { began: self.began, task: self.task.clone(), outcome: self.outcome.clone() }
    }
}

impl<T> fmt::Debug for SingleFlight<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SingleFlight").field("operation", &self.operation).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        pin::pin,
        sync::atomic::{AtomicUsize, Ordering},
    };

    use futures_util::future::join_all;
    use tokio::sync::mpsc;

    use super::*;

    /// How a listing ends.
    enum End {
        Well,
        Failed,
        Panicked,
    }

    /// Listings that are numbered, and end when they are told to.
    struct Place {
        listings: SingleFlight<usize>,
        n_begun: Arc<AtomicUsize>,
        end: mpsc::UnboundedSender<End>,
        ends: Arc<tokio::sync::Mutex<mpsc::UnboundedReceiver<End>>>,
    }

    impl Place {
        fn new() -> Self {
            let (end, ends) = mpsc::unbounded_channel();
            Self {
                listings: SingleFlight::new("DescribeUsers"),
                n_begun: Arc::default(),
                end,
                ends: Arc::new(tokio::sync::Mutex::new(ends)),
            }
        }

        async fn ask(&self, not_before: Instant) -> Result<usize, CloudError> {
            let list = |_began, _latest| {
                let number = self.n_begun.fetch_add(1, Ordering::SeqCst) + 1;
                let ends = Arc::clone(&self.ends);
                async move {
                    match ends.lock().await.recv().await.unwrap() {
                        End::Well => Ok(number),
                        End::Failed => Err(CloudError::incomplete("DescribeUsers", "ARN")),
                        End::Panicked => panic!("a listing panics"),
                    }
                }
            };
            self.listings.since(not_before, list).await.map(|listing| *listing)
        }

        fn end(&self, how: End) {
            self.end.send(how).unwrap();
        }

        fn n_begun(&self) -> usize {
            self.n_begun.load(Ordering::SeqCst)
        }
    }

    /// Waits for the clock to move.
    fn later() -> Instant {
        let now = Instant::now();
        loop {
            let later = Instant::now();
            if later > now {
                return later;
            }
        }
    }

    #[tokio::test]
    async fn all_who_ask_at_once_share_one_listing() {
        let (place, now) = (Place::new(), Instant::now());
        place.end(End::Well);
        let answers = join_all((0..1_000).map(|_| place.ask(now))).await;
        assert!(answers.iter().all(|answer| *answer == Ok(1)));
        // And so do those who come when it has ended.
        assert_eq!(place.ask(now).await, Ok(1));
        assert_eq!(place.n_begun(), 1);
    }

    #[tokio::test]
    async fn who_needs_a_later_listing_waits_for_the_one_under_way_and_gets_the_next() {
        let place = Place::new();
        let mut early = pin!(place.ask(Instant::now()));
        assert_eq!(early.as_mut().now_or_never(), None);
        let mut late = pin!(place.ask(later()));
        assert_eq!(late.as_mut().now_or_never(), None);
        assert_eq!(place.n_begun(), 1, "there are never two at once");
        place.end(End::Well);
        place.end(End::Well);
        assert_eq!((early.await, late.await), (Ok(1), Ok(2)));
    }

    #[tokio::test]
    async fn who_asks_for_the_future_gets_what_begins_now() {
        let place = Place::new();
        place.end(End::Well);
        let tomorrow = Instant::now() + std::time::Duration::from_hours(24);
        assert_eq!(place.ask(tomorrow).await, Ok(1));
    }

    #[tokio::test]
    async fn a_listing_goes_on_without_those_who_asked_first() {
        let (place, now) = (Place::new(), Instant::now());
        let mut first = Box::pin(place.ask(now));
        assert_eq!(first.as_mut().now_or_never(), None);
        let mut second = pin!(place.ask(now));
        assert_eq!(second.as_mut().now_or_never(), None);
        drop(first);
        place.end(End::Well);
        assert_eq!(second.await, Ok(1));
        assert_eq!(place.n_begun(), 1);
    }

    #[tokio::test]
    async fn a_failure_is_told_to_all_who_share_it_and_not_kept() {
        for how in [End::Failed, End::Panicked] {
            let (place, now) = (Place::new(), Instant::now());
            place.end(how);
            let (one, other) = tokio::join!(place.ask(now), place.ask(now));
            assert!(one.is_err());
            assert_eq!(one, other);
            assert_eq!(place.n_begun(), 1);
            place.end(End::Well);
            assert_eq!(place.ask(now).await, Ok(2));
        }
    }

    #[tokio::test]
    async fn a_failure_does_not_concern_those_who_could_not_have_used_the_listing() {
        let place = Place::new();
        let mut early = pin!(place.ask(Instant::now()));
        assert_eq!(early.as_mut().now_or_never(), None);
        place.end(End::Failed);
        place.end(End::Well);
        assert_eq!(place.ask(later()).await, Ok(2));
        assert!(early.await.is_err());
    }
}
