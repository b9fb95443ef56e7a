//! Random cases for a check that changes something, such as a server.

use std::cell::RefCell;

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestCaseResult, TestRunner};

/// Runs the check on so many random cases; a failing one is made smaller and shown.
pub(crate) fn run_cases<S: Strategy>(
    n_cases: u32,
    cases: &S,
    check: impl FnMut(S::Value) -> TestCaseResult,
) {
    let check = RefCell::new(check);
    let mut runner =
        TestRunner::new(Config { cases: n_cases, failure_persistence: None, ..Config::default() });
    if let Err(failure) = runner.run(cases, |case| check.borrow_mut()(case)) {
        panic!("{failure}");
    }
}
