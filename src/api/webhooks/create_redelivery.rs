//! `POST /webhooks/{id}/deliveries/{delivery}/redeliver`

use axum::{Json, extract::State, http::StatusCode};

use super::{
    delivery_view::DeliveryView,
    path::{MessageAtPath, WebhookAtPath},
};
use crate::{
    api::{
        Api,
        problem::{Problem, problem_responses},
    },
    domain::Cause,
};

problem_responses!(CreateRedeliveryProblems: WebhookNotFound, DeliveryNotFound, StoreUnavailable);

/// Send a message again.
///
/// The same message with the same id, signed anew, whether it has arrived or was given up. One that waits
/// for its next try is tried now. A webhook that is disabled gets it when it is enabled.
#[utoipa::path(
    post,
    path = "/webhooks/{id}/deliveries/{delivery}/redeliver",
    operation_id = "create_redelivery",
    tag = "webhooks",
    params(
        ("id" = String, Path, description = "The webhook's id.", example = "01a2001e-33c4-7e40-8f1a-e2ad052b5067"),
        ("delivery" = String, Path, description = "The id of the message.", example = "evt_4711_9f86d081884c7d65"),
    ),
    responses(
        (status = 202, description = "The message is on its way.", body = DeliveryView,
            example = json!(DeliveryView::example())),
        CreateRedeliveryProblems
    )
)]
pub(crate) async fn create_redelivery(
    State(api): State<Api>,
    cause: Cause,
    WebhookAtPath(webhook): WebhookAtPath,
    MessageAtPath(message): MessageAtPath,
) -> Result<(StatusCode, Json<DeliveryView>), Problem> {
    let now = api.clock.now();
    let delivery = api.store.redeliver(webhook.id, message, cause, now).await?;
    Ok((StatusCode::ACCEPTED, Json(DeliveryView::from(&delivery))))
}
