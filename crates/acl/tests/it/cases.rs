//! Random cases for a check that changes something, such as a server.

use std::cell::RefCell;

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngSeed, TestCaseResult, TestRunner};

/// Runs the check on so many random cases; a failing one is made smaller and shown.
///
/// The cases are the same each time. To look further, set `PROPTEST_CASES` to their number and
/// `PROPTEST_RNG_SEED` to where they begin.
pub(crate) fn run_cases<S: Strategy>(
    n_cases: u32,
    cases: &S,
    check: impl FnMut(S::Value) -> TestCaseResult,
) {
    let mut config = Config { failure_persistence: None, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = n_cases;
    }
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(0);
    }
    let check = RefCell::new(check);
    let mut runner = TestRunner::new(config);
    if let Err(failure) = runner.run(cases, |case| check.borrow_mut()(case)) {
        panic!("{failure}");
    }
}
