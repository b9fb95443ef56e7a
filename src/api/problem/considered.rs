//! The problem of a tenant or user that no cache takes.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Code, Fault, Problem};
use crate::{
    api::caches::PlacesView,
    domain::{Considered, NoRoom, Obstacle, WhyNot},
};

/// The most caches that an answer lists.
const LISTED_MAX: usize = 100;

/// A cache that was considered, and why it was not taken.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConsideredCache)]
pub(in crate::api) struct ConsideredBody {
    /// The cache.
    #[schema(example = "main")]
    cache: String,
    /// Why it was not taken.
    reason: ReasonText,
    /// The same for people.
    #[schema(example = "100 of 100 places are taken, 97 by users of Ringfence and 3 by others")]
    detail: String,
    /// Its places, if they are the reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    places: Option<PlacesView>,
}

/// Why a cache was not taken.
///
/// * `full`: it has not enough free places for all the tenant's users.
/// * `draining`: it takes no new tenants.
/// * `engine`: it does not run the engine that was asked for, or is not known to.
/// * `auth`: its engine is too old for IAM.
/// * `profiles`: it does not take users with one of the profiles.
/// * `labels`: it takes only tenants with labels that this one lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ConsideredReason)]
enum ReasonText {
    Full,
    Draining,
    Engine,
    Auth,
    Profiles,
    Labels,
}

impl From<Considered> for ConsideredBody {
    fn from(considered: Considered) -> Self {
        let cache = considered.cache.to_string();
        let reason = ReasonText::of(&considered.why_not);
        match considered.why_not {
            WhyNot::Obstacle(obstacle) => {
                Self { cache, reason, detail: obstacle.to_string(), places: None }
            }
            WhyNot::Full { places, needed } => {
                let free = places.free();
                let detail = match needed {
                    1 => places.to_string(),
                    _ => format!("{free} places are free, {needed} are needed: {places}"),
                };
                Self { cache, reason, detail, places: Some(PlacesView::from(places)) }
            }
        }
    }
}

impl ReasonText {
    fn of(why_not: &WhyNot) -> Self {
        match why_not {
            WhyNot::Full { .. } => Self::Full,
            WhyNot::Obstacle(Obstacle::Draining) => Self::Draining,
            WhyNot::Obstacle(Obstacle::OtherEngine { .. } | Obstacle::UnknownEngine) => {
                Self::Engine
            }
            WhyNot::Obstacle(Obstacle::TooOldForIam { .. }) => Self::Auth,
            WhyNot::Obstacle(Obstacle::Profile { .. }) => Self::Profiles,
            WhyNot::Obstacle(Obstacle::Labels { .. }) => Self::Labels,
        }
    }
}

/// No cache takes the tenant or user. Where the caller named the cache and asked for what it does not
/// offer, the body is at fault.
impl From<&NoRoom> for Problem {
    fn from(no_room: &NoRoom) -> Self {
        match no_room {
            NoRoom::InThis(Considered { cache, why_not: WhyNot::Obstacle(obstacle) })
                if fault_of(obstacle).is_some() =>
            {
                let detail = format!("the cache {cache} does not take the tenant: {obstacle}");
                Problem::new(Code::InvalidBody, "the body asks for what the cache cannot do")
                    .with_faults(fault_of(obstacle).map(|pointer| Fault::in_body(pointer, detail)))
            }
            NoRoom::InThis(considered) => {
                let cache = &considered.cache;
                let why = ConsideredBody::from(considered.clone()).detail;
                refuse(format!("the cache {cache} does not take it: {why}"), no_room)
            }
            NoRoom::InAny(considered) => {
                let detail = match considered.len() {
                    1 => "the only cache does not take it; considered says why".to_owned(),
                    n => format!("none of {n} caches takes it; considered says why"),
                };
                refuse(detail, no_room)
            }
        }
    }
}

fn refuse(detail: String, no_room: &NoRoom) -> Problem {
    let all = no_room.considered();
    let listed = all.get(..LISTED_MAX).unwrap_or(all);
    let problem = Problem::new(Code::NoCapacity, detail).having_considered(listed);
    if no_room.may_pass() { problem } else { problem.not_to_be_retried() }
}

/// The member of the body that a named cache cannot satisfy.
fn fault_of(obstacle: &Obstacle) -> Option<&'static str> {
    match obstacle {
        Obstacle::OtherEngine { .. } => Some("/engine"),
        Obstacle::TooOldForIam { .. } => Some("/auth"),
        Obstacle::Profile { .. } => Some("/profile"),
        Obstacle::Labels { .. } => Some("/labels"),
        Obstacle::Draining | Obstacle::UnknownEngine => None,
    }
}
