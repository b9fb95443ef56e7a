//! Rules that are refused, come too late or say what they do not seem to say.

use super::commands::{callable, given};
use super::{Finding, LintContext, Severity};
use crate::access_string::AccessString;
use crate::rule::{CommandRule, Effect, Rule, RuleKind, Target};

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
    for (_, rules) in string.scopes() {
        for (index, denial) in rules.iter().enumerate() {
            let RuleKind::Command(command) = denial.kind() else { continue };
            if command.effect == Effect::Allow || command.is_baseline() {
                continue;
            }
            for grant in rules[index + 1..].iter().filter(|rule| gives_many(rule)) {
                let back = given_back(string, context, denial, grant);
                if !back.is_empty() {
                    let text = format!(
                        "`{grant}` comes after `{denial}` and gives back {}: later rules win",
                        super::leaks::list(&back),
                    );
                    let finding = Finding::new("denial-undone", Severity::Warning, text).at(grant);
                    findings.push(finding.about(back));
                }
            }
        }
    }
    findings
}

/// Whether the rule gives commands without naming them.
pub(super) fn gives_many(rule: &Rule) -> bool {
    let RuleKind::Command(command) = rule.kind() else { return false };
    command.effect == Effect::Allow && !matches!(command.target, Target::Command(_))
}

/// The commands that this grant decides about although the denial spoke of them.
fn given_back(
    string: &AccessString,
    context: &LintContext<'_>,
    denial: &Rule,
    grant: &Rule,
) -> Vec<String> {
    let RuleKind::Command(CommandRule { target, .. }) = denial.kind() else { return Vec::new() };
    let is_denied = |command: &&crate::Command| match target {
        Target::Everything => true,
        Target::Category(name) => command.categories().contains(&&**name),
        Target::Command(name) => {
            let container = command.name().split_once('|').map(|(container, _)| container);
            *command.name() == **name || container == Some(name)
        }
    };
    let is_given_back = |command: &&crate::Command| {
        let given = given(string, context.engine, command.name());
        given.is_some_and(|given| given.rule.position() == grant.position())
    };
    let back = callable(context.engine).filter(is_denied).filter(is_given_back);
    back.map(|command| command.name().to_owned()).collect()
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
