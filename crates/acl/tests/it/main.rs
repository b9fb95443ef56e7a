//! The crate beside real servers.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
#![expect(clippy::panic, reason = "a test that cannot go on should stop")]

mod cases;
mod decisions;
mod engine;
mod globs;
mod grammar;
mod properties;
mod table_text;
mod tables;
