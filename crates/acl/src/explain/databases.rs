//! Whether databases are covered, which only Valkey 9.1 and later ask.

use std::collections::BTreeSet;

use super::Cause;
use super::call::{Call, number};
use crate::rule::{Rule, RuleKind};

/// How many databases there are unless the server is configured otherwise.
const DATABASES: u32 = 16;

/// Commands that reach into every database; the servers do not tell which these are.
const IN_EVERY_DATABASE: [&str; 4] =
    ["cluster|cancelslotmigrations", "cluster|flushslot", "cluster|migrateslots", "flushall"];

/// Checks the databases that the call names, and the one it runs in.
pub(super) fn check<'a>(rules: &'a [Rule], call: &Call<'_>) -> Result<(), Cause<'a>> {
    let nothing = BTreeSet::new();
    let last = rules.iter().rfind(|rule| rule.kind().is_about_databases());
    let (rule, allowed) = match last.map(|rule| (rule, rule.kind())) {
        Some((rule, RuleKind::Databases(databases))) => (rule, databases),
        Some((rule, RuleKind::ResetDatabases)) => (rule, &nothing),
        _ => return Ok(()),
    };
    let is_everywhere = IN_EVERY_DATABASE.contains(&call.command.name());
    if is_everywhere && !(0..DATABASES).all(|database| allowed.contains(&database)) {
        return Err(Cause::Database { number: None, rule });
    }
    match databases_of(call).into_iter().find(|database| !allowed.contains(database)) {
        Some(database) => Err(Cause::Database { number: Some(database), rule }),
        None => Ok(()),
    }
}

/// The database that the call runs in, if it touches one, and those that it names.
fn databases_of(call: &Call<'_>) -> Vec<u32> {
    let mut databases = match call.command.name() {
        "select" => named(call, &[1]),
        "move" => named(call, &[2]),
        "swapdb" => named(call, &[1, 2]),
        "copy" => named(call, &after_db(call)),
        _ => Vec::new(),
    };
    if touches_data(call) {
        databases.insert(0, 0);
    }
    databases
}

/// The databases at these arguments. If one of them is not a database, the engine looks at none:
/// the call is going to fail.
fn named(call: &Call<'_>, positions: &[usize]) -> Vec<u32> {
    let database = |position: &usize| {
        let database = u32::try_from(number(call.argv.get(*position)?)?).ok()?;
        (database < DATABASES).then_some(database)
    };
    positions.iter().map(database).collect::<Option<_>>().unwrap_or_default()
}

/// The arguments of `COPY` that follow a `DB`; none if there is anything but `DB` and `REPLACE`.
fn after_db(call: &Call<'_>) -> Vec<usize> {
    let mut positions = Vec::new();
    let mut position = 3;
    while position < call.argv.len() {
        if call.is_word(position, "db") {
            positions.push(position + 1);
            position += 1;
        } else if !call.is_word(position, "replace") {
            return Vec::new();
        }
        position += 1;
    }
    positions
}

/// Whether the call needs the database that the connection is in.
fn touches_data(call: &Call<'_>) -> bool {
    let command = call.command;
    command.name() != "swapdb"
        && (command.has_flag("readonly")
            || command.has_flag("write")
            || command.categories().contains(&"keyspace")
            || !command.is_keyless())
}
