//! `docs/every-command.md`: what was tried, and what came of it. `make docs` writes the page anew.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::{env, fs};

use ringfence_acl::Engine;

use super::round::Outcome;
use super::subjects::Subject;

const PAGE: &str = "docs/every-command.md";

const INTRODUCTION: &str = "\
<!-- Made by tests/it/every_command.rs, which compares it for the engines at hand. -->

# Every command, tried

On each engine, a tenant of each [access profile](isolation.md) calls every command and subcommand
that the engine has: on its own keys and channels, on another tenant's, on both at once. What the
profile allows is really done. A round passes only if

- each call is refused for want of a right exactly if `ringfence acl explain` says so,
- no answer, and no message that nobody asked for, holds anything of the other tenant's: names of
  keys, values, channels, the bodies of its functions and scripts, the name of its connection,
- afterwards the other tenant has all that it had: keys and their expiry, functions, scripts, its
  connection; and so have the other users and the server's settings.

The servers run without cluster mode, and the profiles are as they are built for such nodes: what
they add in cluster mode, and what they leave out on a serverless cache, is not tried here.

The recipe that is passed around, `~acme-* +@read +@write -@dangerous`, goes through the same rounds,
and so does what is made of it when clients then fail to connect: `+@connection +@transaction
+@pubsub +@scripting` at its end. In these rounds the user `default` is left as an engine comes.

A call that is allowed may still be answered with an error, for example because a stream is no list
or the server is not in cluster mode; every command that a profile allows is seen to run without an
error at least once, unless such a server has no use for it.

`scripting` is the one profile that shows something, which is why it has to be switched on: the script
cache is the server's, so whoever knows a script's SHA1 can run it, with its own rights on keys, and
learns what stands in its text.

";

const TABLE: &str = "\
| engine | rights | commands | calls | refused | allowed | without an error | leaks |
|---|---|--:|--:|--:|--:|--:|---|
";

const NOT_OBSERVABLE: &str = "
## Not observable

These commands are only the first word of their subcommands. Alone they have too few words, and the
engine says so before it looks at rights.

| engine | commands |
|---|---|
";

/// What a round adds to the page.
pub(crate) struct Row {
    engine: Engine,
    /// The line of the table.
    line: String,
    unobservable: String,
}

impl Row {
    pub(crate) fn new(engine: Engine, subject: &Subject, outcome: &Outcome) -> Self {
        let Outcome { n_commands, n_refused, n_allowed, n_ran, .. } = outcome;
        let n_calls = n_refused + n_allowed;
        let name = &subject.name;
        let line = format!(
            "| {engine} | {name} | {n_commands} | {n_calls} | {n_refused} | {n_allowed} | {n_ran} | {} |\n",
            leaks(outcome),
        );
        let unobservable = outcome.unobservable.join(", ");
        let unobservable = if unobservable.is_empty() { "none" } else { &unobservable };
        Self { engine, line, unobservable: format!("| {engine} | {unobservable} |\n") }
    }
}

fn leaks(outcome: &Outcome) -> String {
    let mut text = String::new();
    for (what, commands) in &outcome.leaks {
        let separator = if text.is_empty() { "" } else { "; " };
        let commands: Vec<&str> = commands.iter().map(String::as_str).collect();
        write!(text, "{separator}{what}: {}", commands.join(", ").replace('|', r"\|")).unwrap();
    }
    if text.is_empty() { "none".to_owned() } else { text }
}

/// The table of these rows.
pub(crate) fn table(rows: &[Row]) -> String {
    rows.iter().fold(TABLE.to_owned(), |table, row| table + &row.line)
}

/// Fails unless the page says of these engines what these rows say. Engines that the page does not
/// know are let pass, because not everybody has the same ones.
pub(crate) fn compare(rows: &[Row]) {
    let written = fs::read_to_string(PAGE).unwrap_or_default();
    let is_update = env::var_os("UPDATE_DOCS").is_some();
    let mut engines = engines_of(&written);
    let known: Vec<Engine> = engines.keys().copied().collect();
    let mut found: BTreeMap<Engine, (String, String)> = BTreeMap::new();
    for row in rows {
        let (lines, unobservable) = found.entry(row.engine).or_default();
        lines.push_str(&row.line);
        unobservable.clone_from(&row.unobservable);
    }
    engines.extend(found.into_iter().filter(|(engine, _)| is_update || known.contains(engine)));
    let (rounds, unobservable): (String, String) = engines.into_values().unzip();
    let page = format!("{INTRODUCTION}{TABLE}{rounds}{NOT_OBSERVABLE}{unobservable}");
    if is_update {
        fs::write(PAGE, &page).unwrap();
    } else {
        assert!(page == written, "{PAGE} is out of date; refresh it by `make docs`");
    }
}

/// What a page says of each engine: the lines of its rounds, and that of what is not observable.
fn engines_of(page: &str) -> BTreeMap<Engine, (String, String)> {
    let mut engines: BTreeMap<Engine, (String, String)> = BTreeMap::new();
    for line in page.lines() {
        let mut cells = line.split(" | ");
        let Some(engine) = cells.next().and_then(read_engine) else { continue };
        let (rounds, unobservable) = engines.entry(engine).or_default();
        let part = if cells.count() > 1 { rounds } else { unobservable };
        part.push_str(line);
        part.push('\n');
    }
    engines
}

/// Reads `| valkey 9.1.2`.
fn read_engine(cell: &str) -> Option<Engine> {
    let (kind, version) = cell.strip_prefix("| ")?.split_once(' ')?;
    Some(Engine { kind: kind.parse().ok()?, version: version.parse().ok()? })
}
