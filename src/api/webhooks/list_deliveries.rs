//! `GET /webhooks/{id}/deliveries`

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{delivery_view::DeliveryView, path::WebhookAtPath};
use crate::{
    api::{
        Api,
        extract::{PageToken, Query},
        problem::{Problem, problem_responses},
    },
    domain::{DeliveryState, WebhookId},
    store::DeliveryQuery,
};

const LIMIT_DEFAULT: u32 = 50;
const LIMIT_MAX: u32 = 200;

/// Which page of the deliveries.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListDeliveries {
    /// Only those that are `pending`, `delivered` or `failed`.
    #[param(nullable = false, example = "failed", pattern = "^(pending|delivered|failed)$")]
    status: Option<String>,
    /// The most deliveries on a page.
    #[param(nullable = false, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// Where to go on: `next_page_token` of the page before.
    #[param(nullable = false)]
    page_token: Option<String>,
}

/// What a page token is bound to, so that one of another list is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Filters {
    webhook: String,
    status: Option<String>,
}

/// A page of deliveries, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeliveryPage {
    /// The deliveries.
    items: Vec<DeliveryView>,
    /// What to give as `page_token` for the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    next_page_token: Option<String>,
}

impl DeliveryPage {
    /// A page for the API document.
    fn example() -> Self {
        Self { items: vec![DeliveryView::example()], next_page_token: None }
    }
}

problem_responses!(ListDeliveriesProblems:
    InvalidQuery,
    InvalidPageToken,
    WebhookNotFound,
    StoreUnavailable,
);

/// List what was sent to a webhook.
///
/// Newest first. What has arrived or was given up is kept for 30 days.
#[utoipa::path(
    get,
    path = "/webhooks/{id}/deliveries",
    operation_id = "list_deliveries",
    tag = "webhooks",
    params(
        ("id" = String, Path, description = "The webhook's id.", example = "01a2001e-33c4-7e40-8f1a-e2ad052b5067"),
        ListDeliveries,
    ),
    responses(
        (status = 200, description = "A page of deliveries.", body = DeliveryPage,
            example = json!(DeliveryPage::example())),
        ListDeliveriesProblems
    )
)]
pub(crate) async fn list_deliveries(
    State(api): State<Api>,
    WebhookAtPath(webhook): WebhookAtPath,
    Query(wanted): Query<ListDeliveries>,
) -> Result<Json<DeliveryPage>, Problem> {
    let limit = wanted.limit.unwrap_or(LIMIT_DEFAULT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Problem::of_parameter("limit", format!("must be 1 to {LIMIT_MAX}")));
    }
    // One more than the page holds tells whether there is a next page.
    let query = DeliveryQuery { limit: limit + 1, ..wanted.read(webhook.id)? };
    let mut found = api.store.deliveries(query).await?;
    let is_last_page = found.len() <= limit as usize;
    found.truncate(limit as usize);
    let last = found.last().filter(|_| !is_last_page);
    let token = |(place, _): &(i64, _)| {
        PageToken::new(wanted.filters(webhook.id), place.to_string()).encode()
    };
    Ok(Json(DeliveryPage {
        next_page_token: last.map(token),
        items: found.iter().map(|(_, delivery)| DeliveryView::from(delivery)).collect(),
    }))
}

impl ListDeliveries {
    fn read(&self, webhook: WebhookId) -> Result<DeliveryQuery, Problem> {
        let state: Option<DeliveryState> = match self.status.as_deref().map(str::parse) {
            None => None,
            Some(Ok(state)) => Some(state),
            Some(Err(_)) => {
                let why = "must be pending, delivered or failed";
                return Err(Problem::of_parameter("status", why));
            }
        };
        let decode = |token: &String| PageToken::decode(token, &self.filters(webhook));
        let before = self.page_token.as_ref().map(decode).transpose()?;
        let damaged = |_| Problem::of_parameter("page_token", "is damaged");
        let before = before.map(|before| before.parse().map_err(damaged)).transpose()?;
        Ok(DeliveryQuery { webhook, state, before, limit: LIMIT_DEFAULT })
    }

    fn filters(&self, webhook: WebhookId) -> Filters {
        Filters { webhook: webhook.to_string(), status: self.status.clone() }
    }
}
