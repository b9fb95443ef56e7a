//! Proof that the fence holds: a real login as the tenant, over the tenant's own road.
//!
//! One fresh connection for each attestation, because who is logged in is a property of the
//! connection. What the tenant may do is done, under keys of its own that expire by themselves.
//! What it must not do is sent inside `MULTI`: the engine checks permissions when it queues a
//! command, and `DISCARD` throws the queue away, so that nothing happens even where the fence
//! leaks. If `MULTI` itself is refused nothing that could harm is sent. At the end `RESET` drops
//! the connection to the engine's `default` user, which must not be allowed anything.
//!
//! One refusal is tried for real, where scripts are allowed at all: a script that reads a key of
//! others, which is checked when it runs and harms nobody if it passes.
//!
//! What must be refused is not a list that somebody keeps: it is every command of the engine's
//! own table that names no key and that the tenant's access string does not allow, and calls on
//! keys and channels of others. A few commands that no transaction takes (SAVE, SHUTDOWN, SYNC …)
//! are left out; the table and the access string say what becomes of them. Any other answer that is
//! not about permissions, such as `LOADING`, makes the attestation inconclusive: silence is no proof.
//!
//! One attestation sends some 300 small commands, nearly all of them refused before they do
//! anything; they stand in the engine's `ACL LOG` under the tenant's name and count in
//! ElastiCache's metrics of failed authorisations, so alarms on those want a threshold above that.

mod login;
mod plan;
mod probes;
mod scripts;

pub use login::{Attestor, LoginTimeouts, Subject};
