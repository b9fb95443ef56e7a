//! Commands that reach round the key check.

#[cfg(test)]
mod harmless;
mod table;

use std::collections::BTreeMap;

use super::commands::{Given, given};
use super::{Finding, LintContext};
use crate::access_string::AccessString;
use crate::engine::Engine;
use crate::rule::{Rule, RuleKind};
use table::{LEAKS, Leak};

/// Each kind of leak that the string has, with the rule that opens it.
pub(super) fn findings(string: &AccessString, context: &LintContext<'_>) -> Vec<Finding> {
    let is_bound = is_bound_to_databases(string);
    let counts = |leak: &&Leak| !(is_bound && leak.code == "leaves-the-database");
    LEAKS.iter().filter(counts).flat_map(|leak| by_rule(string, context, leak)).collect()
}

/// Whether every set of rules says which databases it is for.
fn is_bound_to_databases(string: &AccessString) -> bool {
    string.scopes().all(|(_, rules)| {
        let last = rules.iter().map(Rule::kind).rfind(|kind| kind.is_about_databases());
        last.is_some_and(|kind| !matches!(kind, RuleKind::AllDatabases))
    })
}

/// One finding for each rule that gives some of these commands. What ElastiCache took out does no
/// harm there.
fn by_rule<'a>(string: &'a AccessString, context: &LintContext<'_>, leak: &Leak) -> Vec<Finding> {
    let engine = context.engine;
    let mut by_rule: BTreeMap<usize, (Given<'a>, Vec<String>)> = BTreeMap::new();
    for name in leak.commands.names(engine) {
        if context.deployment.lacks(name) {
            continue;
        }
        let Some(given) = given(string, engine, name) else { continue };
        // `+select|0` gives only where each connection begins.
        if name == "select" && given.first_argument == Some("0") {
            continue;
        }
        let position = given.rule.position();
        by_rule.entry(position).or_insert((given, Vec::new())).1.push(name.to_owned());
    }
    let finding = |(given, names): (Given<'a>, Vec<String>)| {
        let text = format!("`{}` gives {}: {}", given.rule, list(&names), leak.explanation);
        let suggestion = suggestion(string, engine, &given, &names);
        Finding::new(leak.code, leak.severity, text)
            .at(given.rule)
            .about(names)
            .suggesting(suggestion)
    };
    by_rule.into_values().map(finding).collect()
}

/// The string with these commands taken away at its end, unless a selector gives them.
fn suggestion(
    string: &AccessString,
    engine: Engine,
    given: &Given<'_>,
    names: &[String],
) -> Option<String> {
    let text = format!("{string} -{}", names.join(" -"));
    let suggested = AccessString::parse(&text).ok()?;
    (!given.in_selector && suggested.check(&engine).is_ok()).then(|| suggested.to_string())
}

/// `SCAN, KEYS and RANDOMKEY`, or the first few where there are many.
pub(super) fn list(names: &[String]) -> String {
    const MOST: usize = 8;
    let shown: Vec<String> =
        names.iter().take(MOST).map(|name| name.replace('|', " ").to_uppercase()).collect();
    match shown.split_last() {
        _ if names.len() > MOST => format!("{} and {} more", shown.join(", "), names.len() - MOST),
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
        None => String::new(),
    }
}
