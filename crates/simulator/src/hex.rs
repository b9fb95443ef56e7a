//! Bytes as hexadecimal digits.

use std::fmt::Write as _;

use aws_lc_rs::digest::{SHA256, digest};

/// Bytes as lower-case hexadecimal digits, which is how the engines take hashes.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut digits, byte| {
        write!(digits, "{byte:02x}").expect("a string takes whatever is written to it");
        digits
    })
}

/// The SHA-256 of a text.
pub(crate) fn sha256(text: &str) -> String {
    hex(digest(&SHA256, text.as_bytes()).as_ref())
}
