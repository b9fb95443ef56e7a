//! The part that works: it makes AWS what the store says it should be.
//!
//! There is one worker for each cache, because a user group has one writer. A worker runs in
//! passes. A pass takes no input but state: it reads the rows on which there is work, looks at
//! AWS once for all of them, takes one step for each, and sends one change to the user group for
//! all that wait. What it learned it writes down, and the next pass starts from there. So a pass
//! after a crash is a pass like any other, and there is no recovery code that runs only then.
//!
//! The rules:
//!
//! * **Nudged and periodic.** A handler nudges the worker after it has written a wish down. A lost
//!   nudge costs one period and nothing else.
//! * **One step.** [`plan`](crate::domain::plan()) chooses it, at most one call in it changes
//!   anything in AWS, and that call may be sent twice without harm.
//! * **Look, do, write.** AWS is observed after the row was read. The row is written after the
//!   call, if it is still at the revision that was read; otherwise the step is forgotten and the
//!   next pass looks again.
//! * **The next pass is the retry.** A failed step leaves a problem on the row with the time of
//!   the next try. A problem that waiting cannot cure blocks its user, and no other.
//! * **Bounded.** So many steps at once, so long for a call, one change in flight for a group.

mod attest_steps;
mod cache_view;
mod caches;
mod chores;
mod committer;
mod expectation;
mod failure;
mod fleet_rotations;
mod hindrance;
mod lookout;
mod new_passwords;
mod observation;
mod pass;
mod profiles;
mod reports;
mod rollout;
mod rotation_steps;
mod rotations;
mod schedule;
mod secret_steps;
mod step;
mod tasks;
mod user_steps;
mod worker;

pub use cache_view::{CacheView, ObservedCache};
pub use caches::{Cache, Caches};
pub use worker::Workshop;
