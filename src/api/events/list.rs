//! `GET /events`

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    reading::Reading, representation::Representation, view::EventView, wanted::ListEvents,
};
use crate::{
    api::{
        Api,
        extract::Query,
        problem::{Problem, problem_responses},
    },
    store::EventQuery,
};

/// A page of events, in the order in which they were committed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventsPage {
    /// The events, oldest first.
    items: Vec<EventView>,
    /// What to give as `page_token` for the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    next_page_token: Option<String>,
    /// Up to the event with this `sequence` there is no other that was asked for: what to give as
    /// `after`, on the last page, to see what has happened since.
    #[schema(example = 4711)]
    seen_to: u64,
}

problem_responses!(ListEventsProblems:
    InvalidHeader,
    InvalidPageToken,
    InvalidQuery,
    EventsGone,
    NotAcceptable,
    StoreUnavailable,
);

/// List what happened.
///
/// Every change of state and every reading of credentials is an event, recorded in the transaction of
/// what it tells of. Events come in the order of their commits, oldest first: none ever appears before
/// one that was seen. `Accept` chooses the form: `application/json` for pages, `application/x-ndjson`
/// for all that there are, a line for each, and `text/event-stream` for what happens from now on, with
/// `sequence` as the id of each event. A stream that comes back with `Last-Event-ID` misses nothing.
#[utoipa::path(
    get,
    path = "/events",
    operation_id = "list_events",
    tag = "events",
    params(
        ListEvents,
        ("Last-Event-ID" = Option<u64>, Header, nullable = false, description = "For a stream: the last event that was seen. It comes before `after`.", example = 4711),
    ),
    responses(
        (status = 200, description = "The events.", content(
            (EventsPage = "application/json", example = json!(EventsPage::example())),
            (EventView = "application/x-ndjson", example = json!(EventView::example())),
            (EventView = "text/event-stream", example = json!(EventView::example())),
        )),
        ListEventsProblems
    )
)]
pub(crate) async fn list_events(
    State(api): State<Api>,
    representation: Representation,
    Query(wanted): Query<ListEvents>,
) -> Result<Response, Problem> {
    let (filter, after) = (wanted.filter()?, wanted.after()?);
    match representation {
        Representation::Page => page(&api, &wanted).await,
        Representation::Lines => {
            wanted.refuse_pages()?;
            let end = api.store.newest_event().await?;
            let reading = Reading::begin(api, filter, after.unwrap_or(0), Some(end)).await?;
            Ok(reading.into_lines())
        }
        Representation::Stream { after: last_seen } => {
            wanted.refuse_pages()?;
            wanted.refuse_end()?;
            let after = match last_seen.or(after) {
                Some(after) => after,
                None => api.store.newest_event().await?,
            };
            Ok(Reading::begin(api, filter, after, None).await?.into_stream())
        }
    }
}

async fn page(api: &Api, wanted: &ListEvents) -> Result<Response, Problem> {
    let (filter, after) = (wanted.filter()?, wanted.after()?.unwrap_or(0));
    let limit = wanted.limit()?;
    // One more than the page holds tells whether there is a next page.
    let query = EventQuery { filter, after, limit: limit + 1 };
    let mut page = api.store.events(&query).await?;
    let is_last_page = page.events.len() <= limit as usize;
    page.events.truncate(limit as usize);
    let last = page.events.last().filter(|_| !is_last_page).map(|last| last.sequence);
    let page = EventsPage {
        items: page.events.iter().map(EventView::from).collect(),
        next_page_token: last.map(|last| wanted.token(last)),
        seen_to: last.unwrap_or(page.seen_to),
    };
    Ok(axum::Json(page).into_response())
}

impl EventsPage {
    /// A page for the API document.
    fn example() -> Self {
        Self { items: vec![EventView::example()], next_page_token: None, seen_to: 4711 }
    }
}
