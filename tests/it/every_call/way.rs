//! The ways in which a call can go wrong.

use std::fmt;

use ringfence_simulator::Fault;

/// What happens to the call that is struck, seen from its effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// The connection breaks off, and nothing has happened.
    LostBefore,
    /// The connection breaks off, and what was asked for is done.
    LostAfter,
    /// AWS asks for fewer calls.
    Throttled,
    /// AWS fails by itself after it has done what was asked.
    FailedAfter,
    /// The call is under way past the time-out, and nothing has happened.
    NeverArriving,
    /// The call is under way past the time-out, and what was asked for is done.
    NeverAnswered,
    /// The process is killed when the call is sent, and nothing has happened.
    KilledBefore,
    /// The process is killed before the answer, and what was asked for is done.
    KilledAfter,
}

impl Way {
    /// What makes one call, after so many, go wrong.
    pub(super) fn fault(self, skipped: u32) -> Fault {
        let fault = match self {
            Self::LostBefore => Fault::before("*"),
            Self::LostAfter => Fault::after("*"),
            Self::Throttled => Fault::before("*").error("Throttling", 400),
            Self::FailedAfter => Fault::after("*").error("InternalFailure", 500),
            // Nobody ever releases it.
            Self::NeverArriving | Self::KilledBefore => Fault::delay("*"),
            Self::NeverAnswered | Self::KilledAfter => Fault::hang("*"),
        };
        fault.skipping(skipped).times(1)
    }

    /// Whether the process ends with the struck call.
    pub(super) fn kills(self) -> bool {
        matches!(self, Self::KilledBefore | Self::KilledAfter)
    }

    /// How long the service waits for an answer: not long where it waits in vain.
    pub(super) fn call_timeout(self) -> &'static str {
        match self {
            Self::NeverArriving | Self::NeverAnswered => "1s",
            _ => "10s",
        }
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LostBefore => "lost before its effect",
            Self::LostAfter => "lost after its effect",
            Self::Throttled => "throttled",
            Self::FailedAfter => "failed by AWS after its effect",
            Self::NeverArriving => "never to arrive",
            Self::NeverAnswered => "never answered",
            Self::KilledBefore => "killed with the process before its effect",
            Self::KilledAfter => "killed with the process after its effect",
        })
    }
}
