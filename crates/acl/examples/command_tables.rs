//! Writes the command tables in `tables/` from real servers.
//!
//! `cargo run -p ringfence-acl --example command_tables [SERVER…]`: each argument is the path of a
//! `redis-server` or `valkey-server`; without one, every server at hand is asked.

#![expect(clippy::print_stdout, reason = "a program for the command line")]
#![expect(clippy::unwrap_used, reason = "a tool that cannot go on should stop")]
#![expect(clippy::panic, reason = "a tool that cannot go on should stop")]

#[path = "../tests/it/engine.rs"]
mod engine;
#[path = "../tests/it/table_text.rs"]
mod table_text;

use std::path::{Path, PathBuf};

use engine::{RunningEngine, engines_at_hand};
use table_text::TableText;

fn main() {
    let named: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let servers = if named.is_empty() { engines_at_hand() } else { named };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tables");
    for server in servers {
        let engine = RunningEngine::start(&server);
        let table = TableText::read(&mut engine.connection());
        let file = folder.join(table.file_name);
        std::fs::write(&file, table.text).unwrap();
        println!("{} -> {}", server.display(), file.display());
    }
}
