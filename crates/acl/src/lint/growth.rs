//! Categories that give more on each new version of the engine.

use super::commands::{callable, given};
use super::leaks::list;
use super::rules::gives_many;
use super::{Finding, LintContext, Severity};
use crate::access_string::AccessString;
use crate::engine::{Engine, EngineKind, EngineVersion};
use crate::table::Command;

/// Where the counting begins: the first version with the categories of today.
pub(super) const BEGINNING: Engine =
    Engine { kind: EngineKind::Redis, version: EngineVersion::new(7, 0) };

/// Commands that a rule gives by their category, and did not give before they existed.
pub(super) fn findings(string: &AccessString, context: &LintContext<'_>) -> Vec<Finding> {
    let is_newer = |command: &&Command| BEGINNING.command(command.name()).is_none();
    let by_category = |command: &&Command| {
        let given = given(string, context.engine, command.name());
        given.is_some_and(|given| gives_many(given.rule))
    };
    let gained: Vec<&Command> =
        callable(context.engine).filter(is_newer).filter(by_category).collect();
    let (keyless, keyed): (Vec<&Command>, Vec<&Command>) =
        gained.into_iter().partition(|command| command.is_keyless());
    let finding = |commands: Vec<&Command>, severity, bound: &str| {
        let names: Vec<String> = commands.iter().map(|command| command.name().to_owned()).collect();
        let text = format!(
            "{} came with a version after {BEGINNING}, and by category the string gives it without a \
             word of it{bound}; a later version may bring more",
            list(&names),
        );
        (!names.is_empty()).then(|| Finding::new("gained-silently", severity, text).about(names))
    };
    let bound = ", though bound by the key patterns";
    let findings = [finding(keyless, Severity::Warning, ""), finding(keyed, Severity::Note, bound)];
    findings.into_iter().flatten().collect()
}
