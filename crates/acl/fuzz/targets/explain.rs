//! Calls are decided: an access string, and the words of a call, on a line each.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ringfence_acl_fuzz::call_is_decided;

fuzz_target!(|data: &[u8]| {
    let mut lines = data.split(|byte| *byte == b'\n');
    let string = lines.next().unwrap_or_default();
    let words: Vec<&[u8]> = lines.collect();
    call_is_decided(&String::from_utf8_lossy(string), &words);
});
