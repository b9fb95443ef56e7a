//! A message on its way to one webhook.

use std::{str::FromStr, time::Duration};

use jiff::{SignedDuration, Timestamp};

use super::{MessageId, Notice, WebhookId};

/// The pauses between two tries. Together they are three days, so that a receiver may be down over a weekend.
const PAUSES: [Duration; 9] = [
    Duration::from_secs(5),
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(2),
    Duration::from_hours(5),
    Duration::from_hours(10),
    Duration::from_hours(14),
    Duration::from_hours(20),
    Duration::from_hours(24),
];

/// A message to one webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// To whom.
    pub webhook: WebhookId,
    /// The id of the message, the same with each try.
    pub message: MessageId,
    /// What it is about.
    pub notice: Notice,
    /// Whether it has arrived.
    pub state: DeliveryState,
    /// How often it has been tried since it was last asked for.
    pub attempts: u32,
    /// When it is tried next, if it is.
    pub next_at: Option<Timestamp>,
    /// What the receiver last answered.
    pub last_status: Option<u16>,
    /// Why there was no such answer, to it or to the message that it waits for.
    pub last_error: Option<AttemptError>,
    /// When it happened.
    pub created_at: Timestamp,
    /// When it arrived, or was given up.
    pub finished_at: Option<Timestamp>,
}

/// Whether a message has arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryState {
    /// It is on its way.
    Pending,
    /// It has arrived.
    Delivered,
    /// It was tried for days, or the receiver is gone.
    Failed,
}

impl DeliveryState {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Pending, Self::Delivered, Self::Failed];

    /// The state in one word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }
}

impl FromStr for DeliveryState {
    type Err = UnknownDeliveryState;

    fn from_str(text: &str) -> Result<Self, UnknownDeliveryState> {
        Self::ALL.into_iter().find(|state| state.as_str() == text).ok_or(UnknownDeliveryState)
    }
}

/// What came of one try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// The receiver has answered with this status.
    Answered(u16),
    /// There was no answer.
    Unanswered(AttemptError),
}

impl Attempt {
    /// Whether the message has arrived. A redirect is not followed: it would lead past the signature's
    /// receiver, and past the check of the URL.
    #[must_use]
    pub fn is_arrival(self) -> bool {
        matches!(self, Self::Answered(200..=299))
    }

    /// Whether the receiver wants no more messages.
    #[must_use]
    pub fn is_farewell(self) -> bool {
        self == Self::Answered(410)
    }
}

/// Why there was no answer, in words of which there are few: what a connection says of itself may tell
/// things about the network that are not the webhook's owner's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AttemptError {
    /// The URL, or what its name stands for, is not allowed.
    #[error("address-not-allowed")]
    NotAllowed,
    /// The name cannot be looked up, nobody listens, or the certificate is not trusted.
    #[error("no-connection")]
    NoConnection,
    /// The answer did not come in time.
    #[error("timed-out")]
    TimedOut,
    /// What came was no answer.
    #[error("no-answer")]
    NoAnswer,
}

impl FromStr for AttemptError {
    type Err = UnknownDeliveryState;

    fn from_str(text: &str) -> Result<Self, UnknownDeliveryState> {
        let all = [Self::NotAllowed, Self::NoConnection, Self::TimedOut, Self::NoAnswer];
        all.into_iter().find(|error| error.to_string() == text).ok_or(UnknownDeliveryState)
    }
}

/// A text that names no state or error of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no state of a delivery")]
pub struct UnknownDeliveryState;

/// What is done about a message that has not arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextTry {
    /// It is tried again then.
    At(Timestamp),
    /// It was tried often enough.
    Never,
}

/// When a message is tried again that has not arrived `attempts` times: after 5 s, 5 min, 30 min, 2 h, 5 h,
/// 10 h, 14 h, 20 h and 24 h, each up to a fifth longer by `chance`, so that many that fail together do not
/// come back together.
#[must_use]
pub fn next_try(attempts: u32, chance: u8, now: Timestamp) -> NextTry {
    let Some(pause) = attempts.checked_sub(1).and_then(|past| PAUSES.get(past as usize)) else {
        return NextTry::Never;
    };
    let pause = *pause + *pause * u32::from(chance) / (5 * 255);
    let pause = SignedDuration::try_from(pause).unwrap_or(SignedDuration::MAX);
    NextTry::At(now.saturating_add(pause).unwrap_or(Timestamp::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_tried_ten_times_over_three_days() {
        let mut now = Timestamp::UNIX_EPOCH;
        let mut tries = 1;
        while let NextTry::At(next) = next_try(tries, 0, now) {
            assert!(next > now);
            (now, tries) = (next, tries + 1);
        }
        assert_eq!((tries, now.as_second() / 3600), (10, 75));
    }

    #[test]
    fn chance_makes_a_pause_longer_by_a_fifth_at_most() {
        let second = |chance| match next_try(2, chance, Timestamp::UNIX_EPOCH) {
            NextTry::At(at) => at.as_second(),
            NextTry::Never => panic!("it is not tried again"),
        };
        assert_eq!((second(0), second(255)), (300, 360));
        assert!((301..360).contains(&second(100)));
    }
}
