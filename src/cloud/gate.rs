//! The one way to AWS. Each call waits here for its turn, is sent, is counted, and teaches the pace.

use tokio::time::Instant;

use super::{
    CallMetrics, CloudError, CloudErrorKind, call_span,
    calls::{Call, Clients},
    pacing::{Pacing, Turn},
};
use crate::domain::Urgency;

/// A set of clients with its pace and its counts.
pub(super) struct Gate {
    clients: Clients,
    /// The Region, and the account if it is not our own.
    place: (String, String),
    pacing: Pacing,
    metrics: CallMetrics,
}

impl Gate {
    pub(super) fn new(
        clients: Clients,
        place: (String, String),
        pacing: Pacing,
        metrics: CallMetrics,
    ) -> Self {
        Self { clients, place, pacing, metrics }
    }

    /// Sends a call when it is its turn. The time before that is not part of the time that the call
    /// itself may take.
    pub(super) async fn send<C: Call>(
        &self,
        call: C,
        urgency: Urgency,
    ) -> Result<C::Answer, CloudError> {
        let turn = self.turn::<C>(urgency).await?;
        let sent = self.metrics.sent(C::OPERATION);
        // On the heap: what the SDK makes of a call is large.
        let answer = Box::pin(call.send(&self.clients));
        let answer = call_span::around::<C, _>(&self.place.0, answer).await;
        sent.answered(answer.as_ref().err().map(|error| error.kind));
        // A role that was refused says nothing about the call that needed it.
        if answer.as_ref().err().is_none_or(|error| error.operation == C::OPERATION) {
            learn(&turn, answer.as_ref().err());
        }
        let place = (self.place.0.as_str(), self.place.1.as_str());
        self.metrics.paced(place, C::QUOTA, turn.rate());
        answer
    }

    async fn turn<C: Call>(&self, urgency: Urgency) -> Result<Turn, CloudError> {
        let begun = Instant::now();
        let turn = self.pacing.turn(C::QUOTA, urgency).await;
        self.metrics.waited(C::OPERATION, urgency, begun.elapsed());
        turn.map_err(|_too_long| {
            self.metrics.not_sent(C::OPERATION, urgency);
            CloudError::not_sent(C::OPERATION, self.pacing.wait_max())
        })
    }
}

/// A call without an answer says nothing about the pace.
fn learn(turn: &Turn, error: Option<&CloudError>) {
    match error.map(|error| error.kind) {
        Some(CloudErrorKind::Throttled) => turn.throttled(),
        Some(CloudErrorKind::Unknown) => {}
        _ => turn.passed(),
    }
}
