//! Access strings are linted, by the last byte for one engine or another.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ringfence_acl_fuzz::{ENGINES, lint_comes_to_an_end};

fuzz_target!(|text: &str| {
    let choice = text.bytes().last().map_or(0, usize::from);
    lint_comes_to_an_end(text, ENGINES[choice % ENGINES.len()]);
});
