//! Access strings are read, printed and brought into canonical form.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ringfence_acl_fuzz::text_is_kept_or_refused;

fuzz_target!(|text: &str| text_is_kept_or_refused(text));
