//! Operations on break-glass sessions: full access to a cache for a person, for a while.
//!
//! A session is a user like any other to the reconciler: secret first, tagged, in the user group.
//! It has no fence, so nothing is attested, and it ends by itself: the worker of its cache removes
//! it when its time is over, after a restart as well.

pub(super) mod create;
pub(super) mod credentials;
pub(super) mod delete;
pub(super) mod get;
pub(super) mod list;

mod view;

pub(super) use self::view::SessionView;
