//! Answers for paths and methods that no operation has.

use crate::api::problem::{Code, Problem};

/// No operation has this path.
pub(super) async fn no_such_path() -> Problem {
    Problem::new(Code::NotFound, "no operation has this path; /docs shows them all")
}

/// Operations have this path, but none with this method. The router adds `Allow`.
pub(super) async fn no_such_method() -> Problem {
    Problem::new(Code::MethodNotAllowed, "use one of the methods that the Allow header names")
}
