//! Channels that are open to more than they should be.

use super::commands::gives;
use super::{ChannelDefault, Finding, LintContext, Severity};
use crate::access_string::AccessString;
use crate::glob::Glob;
use crate::pattern::ChannelPattern;
use crate::rule::{Rule, RuleKind};

const PUB_SUB: [&str; 5] = ["publish", "spublish", "subscribe", "psubscribe", "ssubscribe"];

pub(super) fn findings(string: &AccessString, context: &LintContext<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = by_default(string, context).into_iter().collect();
    for (_, rules) in string.scopes() {
        for rule in rules {
            let RuleKind::Channels(pattern) = rule.kind() else { continue };
            // A pattern that a later `resetchannels` takes away reaches nothing.
            if string.channel_patterns().any(|in_force| std::ptr::eq(in_force, pattern)) {
                findings.extend(reach(rule, pattern));
                findings.extend(overlaps(rule, pattern, context));
            }
        }
    }
    findings
}

/// What the server's default does to a string that does not begin with `resetchannels`.
fn by_default(string: &AccessString, context: &LintContext<'_>) -> Option<Finding> {
    let is_reset = |rule: &Rule| matches!(rule.kind(), RuleKind::ResetChannels);
    let opens = context.channel_default == ChannelDefault::AllChannels;
    if !opens || string.rules().iter().any(is_reset) {
        return None;
    }
    let suggestion = format!("resetchannels {string}");
    let first = string.rules().iter().find_map(|rule| match rule.kind() {
        RuleKind::Channels(pattern) => Some((rule, pattern)),
        _ => None,
    });
    let finding = match first {
        Some((_, pattern)) if pattern.is_everything() => return None,
        Some((rule, _)) => {
            let text = format!(
                "`acl-pubsub-default` is `allchannels`, after which the engine refuses `{rule}` and \
                 the whole string: `resetchannels` must come first"
            );
            Finding::new("refused-by-engine", Severity::Error, text).at(rule)
        }
        None => {
            let can_use = PUB_SUB.iter().any(|name| gives(string, context.engine, name));
            let severity = if can_use { Severity::Error } else { Severity::Warning };
            let text = "there is no rule about channels, and `acl-pubsub-default` is `allchannels`: \
                        the user has every channel, as soon as it has a Pub/Sub command";
            Finding::new("all-channels", severity, text)
        }
    };
    Some(finding.suggesting(suggestion))
}

/// What can be told from the pattern alone.
fn reach(rule: &Rule, pattern: &ChannelPattern) -> Option<Finding> {
    if pattern.is_everything() {
        let text = format!("`{rule}` covers everybody's channels");
        return Some(Finding::new("all-channels", Severity::Error, text).at(rule));
    }
    let events = [Glob::parse(b"__keyevent@*__:*"), Glob::parse(b"__keyspace@*__:*")];
    let hears_all = events[0].intersection(pattern.glob()).is_some()
        || pattern.glob().includes(&Glob::parse(b"__keyspace@0__:*"));
    hears_all.then(|| {
        let text = format!(
            "`{rule}` covers keyspace notifications, which name everybody's keys as they change"
        );
        Finding::new("streams-key-names", Severity::Error, text).at(rule)
    })
}

/// Channels that other users reach as well, with an example for each.
fn overlaps<'a>(
    rule: &'a Rule,
    pattern: &'a ChannelPattern,
    context: &'a LintContext<'_>,
) -> impl Iterator<Item = Finding> + 'a {
    context.neighbours.iter().filter_map(move |(name, neighbour)| {
        let shared = |theirs: &ChannelPattern| pattern.glob().intersection(theirs.glob());
        let witness = neighbour.channel_patterns().find_map(shared)?;
        let witness = String::from_utf8_lossy(&witness);
        let text = format!("`{rule}` and user `{name}` both reach the channel `{witness}`");
        Some(Finding::new("shares-channels", Severity::Error, text).at(rule))
    })
}
