//! Proof that the fence holds: a real login as the tenant, over the tenant's own road.
//!
//! Engines do not replicate users: each node has its own, and AWS tells each by itself. So every
//! primary and every replica is tried, one after the other, with a fresh connection each, because
//! who is logged in is a property of the connection. Where the nodes are, AWS says; in cluster mode
//! the nodes say it themselves to whoever logs in, as they say it to the tenant's own client. A
//! serverless cache has one endpoint and nodes that nobody can reach. If AWS's endpoint is not the
//! configured one, there is a tunnel or a proxy, and only that is tried.
//!
//! What the tenant may do is done, under keys of its own that expire by themselves. A node that
//! does not own the key's slot answers `MOVED`, a replica `READONLY`, and a full one `OOM`; all come
//! after the check of permissions, so they say that the right is there, in the forbidden part too.
//! Some node must really have done it all.
//!
//! What the tenant must not do is sent inside `MULTI`: the engine checks permissions when it queues
//! a command, and `DISCARD` throws the queue away, so that nothing happens even where the fence
//! leaks. If `MULTI` itself is refused nothing that could harm is sent. At the end `RESET` drops
//! the connection to the engine's `default` user, which must not be allowed anything.
//!
//! One refusal is tried for real, where scripts are allowed at all: a script that reads a key of
//! others, which is checked when it runs and harms nobody if it passes.
//!
//! What must be refused is not a list that somebody keeps: it is every command of the engine's
//! own table that names no key and that the tenant's access string does not allow (the table of the
//! engine that answers, which says in `HELLO` what it is, whatever was told), and calls on
//! keys and channels of others: of `ringfence-canary`, a tenant that nobody can be, and of a
//! neighbour whose name goes on where the tenant's ends. A few commands that no transaction takes
//! (SAVE, SHUTDOWN, SYNC …) are left out, and the record says which; the table and the access string
//! say what becomes of them.
//! Any other answer that is not about permissions, such as `LOADING`, makes the attestation
//! inconclusive, and so does a node that does not answer: silence is no proof. A leak that was seen,
//! there or elsewhere, weighs more; so the trials go on after such an answer, and what was found
//! before a connection broke or the time was up is kept.
//!
//! One attestation sends some 300 small commands to each node, nearly all of them refused before
//! they do anything; they stand in the engine's `ACL LOG` under the tenant's name and count in
//! ElastiCache's metrics of failed authorisations, so alarms on those want a threshold above that.
//! [`AttestationLimits`] bound the nodes and the time; what exceeds them is inconclusive.

mod client_line;
mod connections;
mod default_user;
mod login;
mod login_span;
mod logins;
mod nodes;
mod plan;
mod primaries;
mod probes;
mod purge;
mod round;
mod scripts;

pub use default_user::Unobserved;
pub use login::{AttestationLimits, Attestor, Subject};
pub use logins::Logins;
