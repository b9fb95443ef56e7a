//! Key patterns that reach further than they look.

use super::{Finding, LintContext, Severity};
use crate::access_string::AccessString;
use crate::glob::Glob;
use crate::pattern::KeyPattern;
use crate::rule::{Rule, RuleKind};

pub(super) fn findings(string: &AccessString, context: &LintContext<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (_, rules) in string.scopes() {
        for rule in rules {
            let RuleKind::Keys(pattern) = rule.kind() else { continue };
            // A pattern that a later `resetkeys` takes away reaches nothing.
            if string.key_patterns().any(|in_force| std::ptr::eq(in_force, pattern)) {
                findings.extend(shape(rule, pattern));
                findings.extend(overlaps(rule, pattern, context));
            }
        }
    }
    findings
}

/// What can be told from the pattern alone.
fn shape(rule: &Rule, pattern: &KeyPattern) -> Option<Finding> {
    let glob = pattern.glob();
    if pattern.is_everything() {
        let text = format!("`{rule}` covers everybody's keys");
        return Some(Finding::new("all-keys", Severity::Error, text).at(rule));
    }
    if glob.is_empty() {
        let text = format!("`{rule}` matches no key at all: a class in it is empty");
        return Some(Finding::new("matches-nothing", Severity::Warning, text).at(rule));
    }
    let prefix = glob.literal_prefix();
    let fixed = glob.as_bytes().strip_suffix(b"*").unwrap_or(glob.as_bytes());
    if fixed != prefix && Glob::literal(&prefix).as_bytes() != fixed {
        let text = format!(
            "`{rule}` has characters with a meaning (`* ? [ ] \\`) before its end, and so covers \
             keys that do not begin with one fixed prefix"
        );
        return Some(Finding::new("glob-in-prefix", Severity::Warning, text).at(rule));
    }
    let last = *prefix.last()?;
    let is_open = glob.as_bytes().ends_with(b"*");
    let in_names = last.is_ascii_alphanumeric() || matches!(last, b'-' | b'_' | b'.');
    (is_open && in_names).then(|| {
        let prefix = String::from_utf8_lossy(&prefix);
        let text = format!(
            "`{rule}` also covers the keys of every name that continues `{prefix}`, as \
             `{prefix}eu` would; end the prefix with a character that names cannot have, such as `:`"
        );
        Finding::new("open-prefix", Severity::Warning, text).at(rule)
    })
}

/// Keys that other users reach as well, with an example for each.
fn overlaps<'a>(
    rule: &'a Rule,
    pattern: &'a KeyPattern,
    context: &'a LintContext<'_>,
) -> impl Iterator<Item = Finding> + 'a {
    context.neighbours.iter().filter_map(move |(name, neighbour)| {
        let shared = |theirs: &KeyPattern| pattern.glob().intersection(theirs.glob());
        let witness = neighbour.key_patterns().find_map(shared)?;
        let witness = String::from_utf8_lossy(&witness);
        let text = format!("`{rule}` and user `{name}` both reach the key `{witness}`");
        Some(Finding::new("shares-keys", Severity::Error, text).at(rule))
    })
}
