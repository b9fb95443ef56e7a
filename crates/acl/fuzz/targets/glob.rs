//! Globs are matched and compared: two patterns and a text, on a line each.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ringfence_acl_fuzz::{glob_matches_as_the_engines, globs_are_compared_soundly};

fuzz_target!(|data: &[u8]| {
    let mut lines = data.splitn(3, |byte| *byte == b'\n');
    let [left, right, text] = [(); 3].map(|()| lines.next().unwrap_or_default());
    // Comparing takes the product of the lengths, and inclusion may take more.
    if left.len() > 32 || right.len() > 32 {
        return;
    }
    glob_matches_as_the_engines(left, text);
    globs_are_compared_soundly(left, right, text);
});
