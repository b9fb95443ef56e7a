//! Messages on their way to webhooks.
//!
//! What is to be sent stands in the store's outbox, where it was written in the transaction of the event
//! that it tells of ([`store`](crate::store)). So nothing that happened is left untold, and nothing is told
//! that was taken back. A [`Courier`] sends what is due: to each webhook one message at a time, the oldest
//! first, and to several at once. A message that arrives and whose arrival is not written down any more,
//! because the process dies, is sent again: a receiver knows it by its id.
//!
//! The URL is a caller's, so that it could lead to what only the service can reach. It is checked when it
//! is written down, for what it shows, and with each connection, for what its name stands for then: names
//! change. Redirects are not followed, and no proxy of the environment is used, which would look names up
//! by itself. Nothing of an answer is read but its status.

mod courier;
mod guarded_names;
mod sender;
mod signature;

pub use courier::Courier;
pub use sender::Sender;
