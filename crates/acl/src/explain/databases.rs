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
    let is_about = |rule: &&Rule| {
        matches!(
            rule.kind(),
            RuleKind::Databases(_) | RuleKind::ResetDatabases | RuleKind::AllDatabases
        )
    };
    let nothing = BTreeSet::new();
    let (rule, allowed) = match rules.iter().rfind(is_about).map(|rule| (rule, rule.kind())) {
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
    let named = |position: usize| {
        let database = number(call.argv.get(position)?)?;
        u32::try_from(database).ok().filter(|database| *database < DATABASES)
    };
    let mut databases = Vec::new();
    if touches_data(call) {
        databases.push(0);
    }
    match call.command.name() {
        "select" => databases.extend(named(1)),
        "move" => databases.extend(named(2)),
        "swapdb" => databases.extend(named(1).into_iter().chain(named(2))),
        "copy" => {
            let after_word = (3..call.argv.len()).filter(|at| call.is_word(*at, "db"));
            databases.extend(after_word.filter_map(|at| named(at + 1)));
        }
        _ => {}
    }
    databases
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
