//! Going through the record, a few events at a time: as fast as the caller takes them.

use std::{io, time::Duration, vec};

use axum::{
    body::{Body, Bytes},
    http::header,
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::stream;
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};
use tracing::warn;

use super::view::EventView;
use crate::{
    api::{Api, places::Place, problem::Problem},
    domain::{EventFilter, RecordedEvent},
    store::{EventQuery, StoreError},
};

/// How many events are held in memory for one caller.
const AT_ONCE: u32 = 100;

/// How often a caller hears something, so that it and all between know that the other is there.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// How long a stream of what is to come goes on. Then the caller comes back with the id of the last event that
/// it has seen, and is asked who it is again: its token may be over.
const STREAM_FOR: Duration = Duration::from_mins(15);

/// A caller's way through the record.
pub(super) struct Reading {
    api: Api,
    query: EventQuery,
    /// Not to go past this one. Without it, what is to come is waited for.
    end: Option<u64>,
    /// Until when what is to come is waited for.
    until: Instant,
    read: vec::IntoIter<RecordedEvent>,
    commits: watch::Receiver<()>,
    _place: Place,
}

/// Why no more events come, though the record has not come to its end.
#[derive(Debug, thiserror::Error)]
enum Cut {
    #[error("the service stops")]
    Stopping,
    #[error("the record cannot be read")]
    Store(#[from] StoreError),
}

impl Reading {
    /// Begins after an event, and looks once, so that it is refused what cannot be read.
    pub(super) async fn begin(
        api: Api,
        filter: EventFilter,
        after: u64,
        end: Option<u64>,
    ) -> Result<Self, Problem> {
        let place = api.places.take_stream()?;
        let query = EventQuery { filter, after, limit: AT_ONCE };
        let (commits, read) = (api.store.commits(), Vec::new().into_iter());
        let until = Instant::now() + STREAM_FOR;
        let mut reading = Self { api, query, end, until, read, commits, _place: place };
        reading.look().await?;
        Ok(reading)
    }

    /// The events as they happen. The stream ends when its time is over or the service stops; the caller comes
    /// back with the id of the last that it has seen.
    pub(super) fn into_stream(self) -> Response {
        let events = stream::unfold(self, async |mut reading| match reading.next().await {
            Ok(event) => event.map(|event| (Ok::<_, io::Error>(sent(&event)), reading)),
            Err(cut) => {
                cut.tell();
                None
            }
        });
        Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT)).into_response()
    }

    /// The events as lines. An answer that is cut does not end as a whole one does.
    pub(super) fn into_lines(self) -> Response {
        let lines = stream::try_unfold(self, async |mut reading| match reading.next().await {
            Ok(Some(event)) => {
                let line = EventView::from(&event).line() + "\n";
                Ok(Some((Bytes::from(line), reading)))
            }
            Ok(None) => Ok(None),
            Err(cut) => {
                cut.tell();
                Err(io::Error::other(cut))
            }
        });
        let content_type = [(header::CONTENT_TYPE, "application/x-ndjson")];
        (content_type, Body::from_stream(lines)).into_response()
    }

    async fn next(&mut self) -> Result<Option<RecordedEvent>, Cut> {
        loop {
            if self.api.stopping.is_cancelled() {
                return Err(Cut::Stopping);
            }
            if let Some(event) = self.read.next() {
                let is_past_end = self.end.is_some_and(|end| event.sequence > end);
                return Ok(Some(event).filter(|_| !is_past_end));
            }
            if self.end.is_some_and(|end| self.query.after >= end) {
                return Ok(None);
            }
            if self.end.is_none() && Instant::now() >= self.until {
                return Ok(None);
            }
            self.look().await?;
            if self.read.as_slice().is_empty() && self.end.is_none() {
                tokio::select! {
                    () = sleep_until(self.until) => return Ok(None),
                    told = self.commits.changed() => told.map_err(|_| StoreError::Closed)?,
                    () = self.api.stopping.cancelled() => return Err(Cut::Stopping),
                }
            }
        }
    }

    async fn look(&mut self) -> Result<(), StoreError> {
        // Before it is read: what is committed meanwhile rings again.
        self.commits.mark_unchanged();
        let page = self.api.store.events(&self.query).await?;
        self.query.after = page.seen_to;
        self.read = page.events.into_iter();
        Ok(())
    }
}

impl Cut {
    fn tell(&self) {
        match self {
            // A slow reader was overtaken; it is told so when it comes back.
            Self::Stopping | Self::Store(StoreError::EventsGone { .. }) => {}
            Self::Store(error) => {
                warn!(error = error as &dyn std::error::Error, "a stream of events was cut");
            }
        }
    }
}

fn sent(event: &RecordedEvent) -> Event {
    Event::default()
        .id(event.sequence.to_string())
        .event(&event.kind)
        .data(EventView::from(event).line())
}
