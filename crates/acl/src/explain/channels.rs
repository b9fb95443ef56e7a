//! Whether channels are covered.

use super::Cause;
use super::call::{Call, c_string};
use crate::access_string::after_last;
use crate::rule::{Rule, RuleKind};

/// For each channel of the call the rule that covers it.
pub(super) fn check<'a>(
    rules: &'a [Rule],
    call: &Call<'_>,
) -> Result<Vec<(usize, &'a Rule)>, Cause<'a>> {
    let last = call.argv.len().saturating_sub(1);
    let (positions, is_pattern) = match call.command.name() {
        "subscribe" | "ssubscribe" => (1..=last, false),
        "psubscribe" => (1..=last, true),
        "publish" | "spublish" => (1..=1, false),
        _ => return Ok(Vec::new()),
    };
    let covering = |position: usize| {
        let rule = covering_rule(rules, call.argv[position], is_pattern);
        rule.map(|rule| (position, rule)).ok_or(Cause::Channel { position, is_pattern })
    };
    positions.map(covering).collect()
}

fn covering_rule<'a>(rules: &'a [Rule], channel: &[u8], is_pattern: bool) -> Option<&'a Rule> {
    after_last(rules, |kind| matches!(kind, RuleKind::ResetChannels)).iter().find(|rule| {
        let RuleKind::Channels(pattern) = rule.kind() else { return false };
        let glob = pattern.glob();
        pattern.is_everything()
            || if is_pattern { glob.as_bytes() == c_string(channel) } else { glob.matches(channel) }
    })
}
