//! Rules that are refused, come too late or say what they do not seem to say.

use std::collections::BTreeMap;

use super::commands::callable;
use super::{Finding, LintContext, Severity};
use crate::access_string::AccessString;
use crate::engine::Engine;
use crate::explain::call::Call;
use crate::explain::commands::{is_about, standing};
use crate::rule::{CommandRule, Effect, Rule, RuleKind, Target};
use crate::table::Command;

/// Rules that the engine or ElastiCache refuses, and the whole string with them.
pub(super) fn refused(string: &AccessString, context: &LintContext<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for error in string.check(&context.engine).err().unwrap_or_default() {
        let mut finding = Finding::new("refused-by-engine", Severity::Error, error.to_string());
        finding.position = Some(error.position);
        findings.push(finding.suggesting(without(string, error.position, error.rule.len())));
    }
    for (rule, command) in command_rules(string) {
        let Target::Command(name) = &command.target else { continue };
        if context.deployment.lacks(name) {
            let text = format!(
                "`{rule}` names a command that ElastiCache does not have here, and makes it refuse \
                 the whole string"
            );
            let suggestion = without(string, rule.position(), rule.as_str().len());
            let finding = Finding::new("removed-by-elasticache", Severity::Error, text);
            findings.push(finding.at(rule).suggesting(suggestion));
        }
    }
    findings
}

/// Grants of whole categories that give back what an earlier rule took away.
pub(super) fn out_of_order(string: &AccessString, context: &LintContext<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (_, rules) in string.scopes().filter(|(_, rules)| rules.iter().any(is_denial)) {
        // By the places of the denial and of the grant.
        let mut given_back: BTreeMap<(usize, usize), Vec<String>> = BTreeMap::new();
        for command in callable(context.engine) {
            if let Some(places) = denial_and_grant(rules, context.engine, command) {
                given_back.entry(places).or_default().push(command.name().to_owned());
            }
        }
        for ((denial, grant), back) in given_back {
            let (denial, grant) = (&rules[denial], &rules[grant]);
            let text = format!(
                "`{grant}` comes after `{denial}` and gives back {}: later rules win",
                super::leaks::list(&back),
            );
            let finding = Finding::new("denial-undone", Severity::Warning, text).at(grant);
            findings.push(finding.about(back));
        }
    }
    findings
}

/// The last rule that took this command away, and the rule that gives it all the same without
/// naming it. Only one pair for each command, so that the effort grows with the length of a string
/// and not with its square.
fn denial_and_grant(rules: &[Rule], engine: Engine, command: &Command) -> Option<(usize, usize)> {
    let argv: Vec<&[u8]> = command.name().split('|').map(str::as_bytes).collect();
    let call = Call::resolve(engine, &argv).ok()?;
    if command.has_flag("no_auth") {
        return None;
    }
    let (deciding, _) = standing(rules, &call).last?;
    let grant = rules.iter().position(|rule| std::ptr::eq(rule, deciding))?;
    let denies = |rule: &Rule| match rule.kind() {
        RuleKind::Command(command) => is_denial(rule) && is_about(command, &call),
        _ => false,
    };
    let denial = rules[..grant].iter().rposition(denies)?;
    gives_many(deciding).then_some((denial, grant))
}

/// Whether the rule takes something away, and not just everything to begin with.
fn is_denial(rule: &Rule) -> bool {
    let RuleKind::Command(command) = rule.kind() else { return false };
    command.effect == Effect::Deny && !command.is_baseline()
}

/// Whether the rule gives commands without naming them.
pub(super) fn gives_many(rule: &Rule) -> bool {
    let RuleKind::Command(command) = rule.kind() else { return false };
    command.effect == Effect::Allow && !matches!(command.target, Target::Command(_))
}

/// Rules that the engine takes, but that are likely not meant.
pub(super) fn questionable(string: &AccessString) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !string.is_on() {
        let text = "the user cannot log in; connections that it has go on all the same";
        findings.push(Finding::new("cannot-log-in", Severity::Note, text));
    }
    for rule in string.rules() {
        if matches!(rule.kind(), RuleKind::SkipSanitizePayload) {
            let text = "`RESTORE` is trusted blindly: a made-up value can crash the server";
            findings.push(Finding::new("raw-values", Severity::Warning, text).at(rule));
        }
    }
    for (rule, command) in command_rules(string) {
        let Target::Command(name) = &command.target else { continue };
        let cannot = matches!(&**name, "auth" | "hello" | "reset" | "quit");
        if cannot && command.effect == Effect::Deny {
            let text = format!("`{rule}` has no effect: these commands need no right");
            findings.push(Finding::new("cannot-be-denied", Severity::Note, text).at(rule));
        }
    }
    findings
}

/// All rules about commands, those of selectors included.
fn command_rules(string: &AccessString) -> impl Iterator<Item = (&Rule, &CommandRule)> {
    string.scopes().flat_map(|(_, rules)| rules).filter_map(|rule| match rule.kind() {
        RuleKind::Command(command) => Some((rule, command)),
        _ => None,
    })
}

/// The string without the rule at this place.
fn without(string: &AccessString, position: usize, length: usize) -> Option<String> {
    let is_root = string.rules().iter().any(|rule| rule.position() == position);
    let kept = string.rules().iter().filter(|rule| rule.position() != position);
    let text: Vec<&str> = kept.map(Rule::as_str).collect();
    (is_root && length > 0 && !text.is_empty()).then(|| text.join(" "))
}
