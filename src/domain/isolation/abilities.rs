//! What commands let a user do, whatever its patterns are.

use std::collections::HashMap;

use ringfence_acl::{AccessString, LintContext, Rule, RuleKind, Severity, lint};

use super::Leak;
use crate::domain::{Ground, lint_context};

/// Finds out what a set of commands can do, once for each set.
pub(super) struct Abilities {
    context: LintContext<'static>,
    known: HashMap<String, Ability>,
}

/// What a set of commands can do.
#[derive(Clone, Debug, Default)]
pub(super) struct Ability {
    pub(super) leaks: Vec<Leak>,
    /// Whether a channel is of use to it.
    pub(super) uses_channels: bool,
}

impl Abilities {
    pub(super) fn new(ground: &Ground) -> Self {
        Self { context: lint_context(ground), known: HashMap::new() }
    }

    /// What the commands of a canonical string can do.
    pub(super) fn of(&mut self, canonical: &AccessString) -> Ability {
        let commands = without_patterns(canonical);
        if let Some(known) = self.known.get(&commands) {
            return known.clone();
        }
        let ability = self.look_at(&commands);
        self.known.insert(commands, ability.clone());
        ability
    }

    fn look_at(&self, commands: &str) -> Ability {
        // What is taken from a string that can be read can be read.
        let Ok(string) = AccessString::parse(commands) else { return Ability::default() };
        let mut ability = Ability::default();
        for finding in lint(&string, &self.context) {
            if finding.severity < Severity::Error {
                continue;
            }
            // Without a rule about channels all are open, which counts where one can be used.
            if finding.code == "all-channels" {
                ability.uses_channels = true;
            } else if !finding.commands.is_empty() {
                ability.leaks.push(Leak { code: finding.code, commands: finding.commands });
            }
        }
        ability
    }
}

/// The rules that say nothing of keys or channels.
fn without_patterns(canonical: &AccessString) -> String {
    let counts = |rule: &&Rule| {
        !matches!(
            rule.kind(),
            RuleKind::On | RuleKind::Off | RuleKind::Keys(_) | RuleKind::Channels(_)
        ) && !matches!(rule.kind(), RuleKind::ResetKeys | RuleKind::ResetChannels)
    };
    let rules = canonical.rules().iter().filter(counts).map(Rule::as_str);
    std::iter::once("on").chain(rules).collect::<Vec<_>>().join(" ")
}
