//! The tables in `tables/` are what the servers say.

use std::path::Path;

use crate::engine::{RunningEngine, engines_at_hand};
use crate::table_text::TableText;

/// Servers that are not at hand are not checked; which those are is printed.
#[test]
#[expect(clippy::print_stderr, reason = "what was not checked should not be overlooked")]
fn the_tables_are_what_the_servers_at_hand_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tables");
    let mut unchecked: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    for server in engines_at_hand() {
        let engine = RunningEngine::start(&server);
        let table = TableText::read(&mut engine.connection());
        let Ok(checked_in) = std::fs::read_to_string(folder.join(&table.file_name)) else {
            eprintln!("no table for {}; run the example `command_tables`", table.file_name);
            continue;
        };
        assert!(
            table.text == checked_in,
            "{} differs from what {} says; run the example `command_tables`",
            table.file_name,
            server.display(),
        );
        unchecked.retain(|name| *name != table.file_name);
    }
    eprintln!("not checked, for want of the server: {unchecked:?}");
}
