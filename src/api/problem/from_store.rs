//! What the store's errors mean to a caller.

use jiff::Timestamp;

use super::{Code, Fault, Overlap, Problem};
use crate::{
    domain::{AcknowledgementError, Tenant, TenantName, Webhook},
    store::StoreError,
};

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let unavailable = "the database does not answer; try again";
        match &error {
            StoreError::NameTaken { name } => Self::new(
                Code::TenantNameTaken,
                format!(
                    "the name {name} is taken by a tenant or service with another specification; \
                     choose another name, or send the specification that it has"
                ),
            ),
            StoreError::BeingDeleted { name } => Self::new(
                Code::TenantBeingDeleted,
                format!("{name} is being deleted; ask again when it is gone"),
            ),
            StoreError::NoRoom(no_room) => Self::from(no_room),
            StoreError::NameReserved { cache, name } => Self::name_reserved(cache, name),
            StoreError::UserBeingDeleted { name } => Self::new(
                Code::UserBeingDeleted,
                format!("the user {name} is being deleted; ask again when it is gone"),
            ),
            StoreError::LoginBeingRemoved { auth } => Self::new(
                Code::UserBeingDeleted,
                format!(
                    "the tenant's user that authenticates by {auth} is being removed; ask again when \
                     it is gone"
                ),
            ),
            StoreError::NoPassword { user } => Self::new(
                Code::NoPassword,
                format!("{user} authenticates by IAM and has no password that could be replaced"),
            ),
            StoreError::UserKeysFixed { name } => Self::new(
                Code::UserKeysFixed,
                format!(
                    "the user {name} has other keys, which its secret names; delete it and make it \
                     again with these, or make another one"
                ),
            ),
            StoreError::TooManyUsers => {
                let max = Tenant::FURTHER_USERS_MAX;
                Self::new(Code::InvalidBody, "the tenant cannot have another user").with_faults([
                    Fault::in_body("", format!("it has {max} further users already")),
                ])
            }
            StoreError::UserNotFound => {
                Self::new(Code::UserNotFound, "the tenant has no user of this name")
            }
            StoreError::RotationRunning { id } => Self::new(
                Code::RotationRunning,
                format!(
                    "the rotation {id} of this user is running; wait for its end, or retire or cancel it"
                ),
            ),
            StoreError::Acknowledgement(AcknowledgementError::NotPromoted) => Self::new(
                Code::RotationNotPromoted,
                "the new password is not AWSCURRENT yet; acknowledge it when it is read",
            ),
            StoreError::Acknowledgement(error @ AcknowledgementError::TooMany) => {
                Self::new(Code::InvalidBody, "the acknowledgement cannot be taken")
                    .with_faults([Fault::in_body("/consumer", error.to_string())])
            }
            StoreError::RotationTooFar { phase } => Self::new(
                Code::RotationTooFar,
                format!("the rotation is {phase}; GET …/rotations/{{id}} says what can be done"),
            ),
            StoreError::FleetRotationOver { state } => Self::new(
                Code::FleetRotationOver,
                format!("the fleet rotation is {state}; what is left to do needs another one"),
            ),
            StoreError::Labels(error) => {
                let detail = "the labels would not be labels any more";
                Self::new(Code::InvalidBody, detail)
                    .with_faults([Fault::in_body("/labels", error.to_string())])
            }
            StoreError::PatternOverlap { other, witness } => pattern_overlap(other, witness),
            StoreError::KeysLeftBehind { name, deleted_at } => keys_left_behind(name, *deleted_at),
            StoreError::KeyReused => Self::new(
                Code::IdempotencyKeyReused,
                "this idempotency key came with another request before; make a new key for each \
                 request",
            ),
            StoreError::NotFound => {
                Self::new(Code::TenantNotFound, "there is no tenant of this name")
            }
            StoreError::PreconditionFailed { .. } => Self::new(
                Code::PreconditionFailed,
                "the tenant is not in the state that If-Match names; read it again and send its new \
                 ETag",
            ),
            StoreError::WebhookNotFound
            | StoreError::DeliveryNotFound
            | StoreError::TooManyWebhooks
            | StoreError::TooManyWebhookSecrets => of_webhook(&error),
            StoreError::EventsGone { .. } | StoreError::EventsUnknown { .. } => events_gone(&error),
            StoreError::Stale
            | StoreError::Closed
            | StoreError::Commit(_)
            | StoreError::Database(_) => Self::failure(Code::StoreUnavailable, unavailable, error),
            StoreError::Inconsistent { .. } | StoreError::Panicked => Self::internal(error),
        }
    }
}

fn of_webhook(error: &StoreError) -> Problem {
    match error {
        StoreError::DeliveryNotFound => Problem::new(
            Code::DeliveryNotFound,
            "there is no delivery of this message to the webhook, or it is no longer kept",
        ),
        StoreError::TooManyWebhooks => {
            let max = Webhook::COUNT_MAX;
            Problem::new(Code::InvalidBody, "there cannot be another webhook")
                .with_faults([Fault::in_body("", format!("there are {max} webhooks already"))])
        }
        StoreError::TooManyWebhookSecrets => {
            let max = Webhook::SECRETS_MAX;
            let detail = format!(
                "{max} secrets of this webhook are valid; wait until one has ended, or end them all with \
                 overlap_seconds 0"
            );
            Problem::new(Code::TooManyWebhookSecrets, detail)
        }
        _ => Problem::new(Code::WebhookNotFound, "there is no webhook with this id"),
    }
}

fn events_gone(error: &StoreError) -> Problem {
    let why = match error {
        StoreError::EventsGone { to } => {
            format!("have been removed because of their age; go on after {to}")
        }
        _ => "are not all there, because the database was restored from a backup".to_owned(),
    };
    Problem::new(Code::EventsGone, format!("{error}: the events that were asked for {why}"))
}

fn pattern_overlap(other: &TenantName, witness: &str) -> Problem {
    let detail = format!(
        "the tenant {other} could read this tenant's keys, and the other way round: both own the \
         key {witness:?}; choose another name or another cache"
    );
    let overlap = Overlap { tenant: other.clone(), key: witness.to_owned() };
    Problem::new(Code::KeyPatternOverlap, detail).with_overlap(overlap)
}

fn keys_left_behind(name: &TenantName, deleted_at: Timestamp) -> Problem {
    let detail = format!(
        "the tenant {name}, deleted at {deleted_at}, may have left keys that the new tenant could \
         read; choose another name, or send \"inherit_keys\": true if it may have them"
    );
    Problem::new(Code::KeysLeftBehind, detail)
}
