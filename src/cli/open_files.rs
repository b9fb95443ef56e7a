//! How many files the process may have open: each connection is one.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tracing::warn;

/// Raises the soft limit, which many systems keep at 1,024 for the sake of `select`, to the hard one. If
/// that fails, less is served at once, but it is served.
pub(super) fn allow_many() {
    let maximum = getrlimit(Resource::Nofile).maximum;
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        warn!(error = &error as &dyn std::error::Error, "the limit of open files stays as it is");
    }
}
