//! Proof that the fence holds: a real login as the tenant, over the tenant's own road.
//!
//! One fresh connection for each attestation, because who is logged in is a property of the
//! connection. What the tenant may do is done, under a key of its own that expires by itself.
//! What it must not do is sent inside `MULTI`: the engine checks permissions when it queues a
//! command, and `DISCARD` throws the queue away, so that nothing happens even where the fence
//! leaks. At the end `RESET` drops the connection to the engine's `default` user, which must not
//! be allowed anything.

mod login;
mod probes;

pub use login::{Attestor, LoginTimeouts};

/// What an attestation found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The tenant could do what it may, and was refused what it must not.
    Isolated,
    /// The tenant could do what it must not.
    Leaky {
        /// The commands that were not refused.
        allowed: Vec<String>,
    },
    /// The tenant was refused what it may.
    TooTight {
        /// The commands that were refused.
        refused: Vec<String>,
    },
    /// The engine refused the login. AWS may still be telling the nodes.
    LoginRefused,
    /// The engine did not answer, or not in a way that decides anything.
    Inconclusive {
        /// What happened instead.
        why: String,
    },
}
