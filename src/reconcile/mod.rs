//! The part that works: it makes AWS what the store says it should be.
//!
//! There is one worker for each cache, because a user group has one writer. A worker runs in
//! passes. A pass takes no input but state: it reads the rows on which there is work, compares them
//! with what was last seen of AWS, starts one task for each that can come forward, and sends one
//! change to the user group for all that wait. What a task learned it writes down, and the next
//! pass starts from there. So a pass after a crash is a pass like any other, and there is no
//! recovery code that runs only then.
//!
//! The rules:
//!
//! * **Nudged and periodic.** A handler nudges the worker after it has written a wish down. A lost
//!   nudge costs one period and nothing else.
//! * **One step.** [`plan`](crate::domain::plan()) chooses it, at most one call in it changes
//!   anything in AWS, and that call may be sent twice without harm.
//! * **Look, do, write.** What a step depends on ([`needs`](crate::domain::needs())) was observed
//!   after its row was read: `lookout` keeps which rows a look covers, at which revision. The row is
//!   written after the call, if it is still at the revision that was read; otherwise the step is
//!   forgotten and the next pass looks again.
//! * **The next pass is the retry.** A failed step leaves a problem on the row with the time of
//!   the next try. A problem that waiting cannot cure blocks its user, and no other.
//! * **A pass waits for nobody.** Calls, looks and logins are tasks (`tasks`). A slow engine or a
//!   call that hangs holds up its own user, and neither the group nor a sign-up.
//! * **Looked at together.** Users are listed once for all who wait, in all caches of an account and
//!   Region; how long AWS takes is learned (`expectation`), so that looks are few until the end can
//!   be expected.
//! * **Swept.** What nobody works on is compared with the store now and then, beside the workers
//!   (`sweep`), and repaired by going back to an earlier phase.
//! * **Bounded.** So many rows in a pass, so many steps and attestations at once with a share kept
//!   for sign-ups, so long for a call, one change in flight for a group, so many users in it.

mod attest_steps;
mod awaited;
mod cache_view;
mod caches;
mod chores;
mod committer;
mod expectation;
mod failure;
mod fights;
mod fleet_rotations;
mod foreseen;
mod found;
mod hindrance;
mod lookout;
mod new_passwords;
mod observation;
mod pass;
mod profiles;
mod purge_steps;
mod reports;
mod retention;
mod rollout;
mod rotation_steps;
mod rotations;
mod schedule;
mod secret_steps;
mod step;
mod sweep;
mod tasks;
mod traced;
mod user_steps;
mod work_metrics;
mod worker;

pub use cache_view::{CacheView, ObservedCache};
pub use caches::{Cache, Caches, SweepTicket};
pub use foreseen::{ForeseenPhase, foresee};
pub use observation::CacheFacts;
pub use retention::Retention;
pub use sweep::SweepMetrics;
pub use work_metrics::WorkMetrics;
pub use worker::Workshop;
