//! A whole access string.

use std::fmt;
use std::str::FromStr;

use crate::error::ParseError;
use crate::pattern::{ChannelPattern, KeyPattern};
use crate::rule::{Rule, RuleKind};

/// The rules of one user, in the order in which they were given: the order matters, because a
/// later rule about a command wins over an earlier one.
///
/// Printed, it is the rules as they were written with one space between them.
#[derive(Clone, Debug)]
pub struct AccessString {
    rules: Vec<Rule>,
}

impl AccessString {
    /// Reads what ElastiCache accepts.
    ///
    /// Whether commands and categories exist depends on the engine and is asked of
    /// [`check`](Self::check).
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        crate::parse::rules(text).map(|rules| Self { rules })
    }

    /// The rules in their order. Their texts are the arguments of `ACL SETUSER`.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Whether the user can log in.
    #[must_use]
    pub fn is_on(&self) -> bool {
        let flag = |rule: &&Rule| matches!(rule.kind(), RuleKind::On | RuleKind::Off);
        self.rules.iter().rfind(flag).is_some_and(|rule| matches!(rule.kind(), RuleKind::On))
    }

    /// The key patterns in force: those of the user itself after the last `resetkeys`, and those
    /// of each selector after the last `clearselectors`.
    pub fn key_patterns(&self) -> impl Iterator<Item = &KeyPattern> {
        self.scopes().flat_map(|(_, rules)| {
            after_last(rules, |kind| matches!(kind, RuleKind::ResetKeys)).iter().filter_map(
                |rule| match rule.kind() {
                    RuleKind::Keys(pattern) => Some(pattern),
                    _ => None,
                },
            )
        })
    }

    /// The channel patterns in force, found like the key patterns.
    ///
    /// A user without any, and without `resetchannels`, has what the parameter
    /// `acl-pubsub-default` gives: on ElastiCache that is every channel unless it was changed.
    pub fn channel_patterns(&self) -> impl Iterator<Item = &ChannelPattern> {
        self.scopes().flat_map(|(_, rules)| {
            after_last(rules, |kind| matches!(kind, RuleKind::ResetChannels)).iter().filter_map(
                |rule| match rule.kind() {
                    RuleKind::Channels(pattern) => Some(pattern),
                    _ => None,
                },
            )
        })
    }

    /// The rules of the user itself, then each selector in force with its rules.
    pub(crate) fn scopes(&self) -> impl Iterator<Item = (Option<&Rule>, &[Rule])> {
        let selectors = after_last(&self.rules, |kind| matches!(kind, RuleKind::ClearSelectors));
        let inner = selectors.iter().filter_map(|rule| match rule.kind() {
            RuleKind::Selector(rules) => Some((Some(rule), rules.as_slice())),
            _ => None,
        });
        std::iter::once((None, self.rules.as_slice())).chain(inner)
    }

    pub(crate) fn from_rules(rules: Vec<Rule>) -> Self {
        Self { rules }
    }
}

/// The rules behind the last one of a kind, or all of them.
pub(crate) fn after_last(rules: &[Rule], is_kind: impl Fn(&RuleKind) -> bool) -> &[Rule] {
    let start = rules.iter().rposition(|rule| is_kind(rule.kind())).map_or(0, |last| last + 1);
    &rules[start..]
}

impl FromStr for AccessString {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for AccessString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, rule) in self.rules.iter().enumerate() {
            let space = if index == 0 { "" } else { " " };
            write!(f, "{space}{rule}")?;
        }
        Ok(())
    }
}
