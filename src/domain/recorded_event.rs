//! What happened, as the record tells it.

use std::{fmt, str::FromStr};

use jiff::Timestamp;

use super::{CacheName, Cause, FleetRotationId, LocalUserName, TenantId, TenantName};

/// One line of the record of what happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedEvent {
    /// Its place in the record: one more than that of the event before it.
    pub sequence: u64,
    /// When it happened.
    pub at: Timestamp,
    /// What happened, as `tenant.requested`.
    pub kind: String,
    /// How it ended.
    pub outcome: Outcome,
    /// On whose word.
    pub cause: Cause,
    /// To which tenant, service or session.
    pub tenant: Option<(TenantId, TenantName)>,
    /// To which of its users.
    pub user: Option<LocalUserName>,
    /// To which fleet rotation, or because of which.
    pub fleet: Option<FleetRotationId>,
    /// In which cache, where it happened to something that belongs to the cache.
    pub cache: Option<CacheName>,
    /// The id of the thing that it is about: a rotation, an attestation, a drift item, a token.
    pub subject: Option<String>,
    /// What else there is to say, in a word: the phase, the verdict, the reason.
    pub detail: String,
    /// What chains it to the event before it.
    pub hash: EventHash,
}

/// How something ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It has happened, or was taken on, as it was meant.
    Success,
    /// Something went otherwise than it should.
    Failure,
    /// Whoever asked for it was not let do it.
    Refused,
}

impl Outcome {
    /// The outcome in words that are the same everywhere.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Refused => "refused",
        }
    }
}

impl FromStr for Outcome {
    type Err = UnknownOutcome;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "success" => Ok(Self::Success),
            "failure" => Ok(Self::Failure),
            "refused" => Ok(Self::Refused),
            _ => Err(UnknownOutcome),
        }
    }
}

/// A text that names no [`Outcome`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no outcome")]
pub struct UnknownOutcome;

/// The SHA-256 of an event and of all that came before it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct EventHash(pub [u8; 32]);

impl fmt::Display for EventHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for EventHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for EventHash {
    type Err = NotAHash;

    fn from_str(text: &str) -> Result<Self, NotAHash> {
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(NotAHash);
        }
        let mut hash = [0; 32];
        for (place, byte) in hash.iter_mut().enumerate() {
            let digits = &text[2 * place..2 * place + 2];
            *byte = u8::from_str_radix(digits, 16).map_err(|_| NotAHash)?;
        }
        Ok(Self(hash))
    }
}

/// A text that is no [`EventHash`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not 64 hexadecimal digits")]
pub struct NotAHash;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_read_back_as_it_was_written() {
        let hash = EventHash([0x0f; 32]);
        assert_eq!(hash.to_string().parse(), Ok(hash));
        for bad in ["", "00", &"g".repeat(64), &"é".repeat(32), &"+0".repeat(32)] {
            assert_eq!(bad.parse::<EventHash>(), Err(NotAHash), "{bad}");
        }
    }
}
