//! The form in which ElastiCache keeps a string, and an equality that knows of it.
//!
//! A service that compares what it sent with what `DescribeUsers` gives back must know that
//! ElastiCache rewrites strings: `off +get ~keys*` comes back as `off ~keys* -@all +get`, and
//! `allkeys` as `~*`. Rules about commands keep their order always, because it is their meaning.

use std::collections::BTreeMap;

use crate::access_string::{AccessString, after_last};
use crate::pattern::{ChannelPattern, KeyAccess, KeyPattern};
use crate::rule::{CommandRule, Rule, RuleKind, Target};

impl AccessString {
    /// The string as ElastiCache stores it: the flag first (`off` when there is none), then keys,
    /// channels, databases and commands behind a baseline (`-@all` when there is none), selectors
    /// last; aliases are written out, and what a later reset undoes is left out.
    ///
    /// AWS documents the flag, the keys and the baseline
    /// (<https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html>); the places
    /// of the others are those of the engines' `ACL LIST`.
    #[must_use]
    pub fn canonical(&self) -> AccessString {
        let flag = if self.is_on() { RuleKind::On } else { RuleKind::Off };
        let mut kinds = vec![flag];
        let payload = |rule: &Rule| match rule.kind() {
            RuleKind::SkipSanitizePayload => Some(true),
            RuleKind::SanitizePayload => Some(false),
            _ => None,
        };
        if self.rules().iter().rev().find_map(payload) == Some(true) {
            kinds.push(RuleKind::SkipSanitizePayload);
        }
        let mut scopes = self.scopes().map(|(_, rules)| rules);
        kinds.extend(scopes.next().map(canonical_scope).unwrap_or_default());
        kinds.extend(scopes.map(|rules| RuleKind::Selector(placed(canonical_selector(rules)))));
        AccessString::from_rules(placed(kinds))
    }

    /// Whether both strings give the same rights, as far as that shows without a command table.
    ///
    /// What ElastiCache rewrites makes no difference, nor does the order of patterns or of
    /// selectors. Commands are compared in their order, without the rules that a later one about
    /// the same command or category makes void.
    #[must_use]
    pub fn is_equivalent(&self, other: &AccessString) -> bool {
        self.meaning() == other.meaning()
    }

    /// A text for each part that counts, sorted where order does not count.
    fn meaning(&self) -> Vec<Vec<String>> {
        let canonical = self.canonical();
        let flags = |kind: &RuleKind| {
            matches!(kind, RuleKind::On | RuleKind::Off | RuleKind::SkipSanitizePayload)
        };
        let mut meaning = vec![texts(canonical.rules(), flags)];
        let mut scopes = canonical.scopes().map(|(_, rules)| scope_meaning(rules));
        meaning.extend(scopes.next().unwrap_or_default());
        let mut selectors: Vec<Vec<Vec<String>>> = scopes.collect();
        selectors.sort_unstable();
        selectors.dedup();
        meaning.extend(selectors.into_iter().flatten());
        meaning
    }
}

/// The rules of the root or of a selector in canonical order; selectors are not among them.
fn canonical_scope(rules: &[Rule]) -> Vec<RuleKind> {
    let mut kinds = keys(rules);
    kinds.extend(channels(rules));
    kinds.extend(databases(rules));
    kinds.extend(commands(rules).into_iter().map(RuleKind::Command));
    kinds
}

/// The same inside parentheses, where a rule that ends with `)`, as in `(~a))`, must stay the last:
/// anywhere else it would close the selector.
fn canonical_selector(rules: &[Rule]) -> Vec<RuleKind> {
    let mut kinds = canonical_scope(rules);
    kinds.sort_by_key(|kind| kind.to_string().ends_with(')'));
    kinds
}

/// The key patterns, those of the same text joined, in the order of their first appearance.
fn keys(rules: &[Rule]) -> Vec<RuleKind> {
    let mut patterns: Vec<KeyPattern> = Vec::new();
    for rule in after_last(rules, |kind| matches!(kind, RuleKind::ResetKeys)) {
        let RuleKind::Keys(pattern) = rule.kind() else { continue };
        let same =
            patterns.iter_mut().find(|other| other.glob().as_bytes() == pattern.glob().as_bytes());
        match same {
            Some(other) => *other = other.with_access(other.access().with(pattern.access())),
            None => patterns.push(pattern.clone()),
        }
    }
    let all = patterns.iter().find(|pattern| is_all_keys(pattern)).cloned();
    let patterns = all.map_or(patterns, |all| vec![all]);
    patterns.into_iter().map(RuleKind::Keys).collect()
}

fn is_all_keys(pattern: &KeyPattern) -> bool {
    pattern.access() == KeyAccess::ReadWrite && pattern.is_everything()
}

/// `resetchannels` if it was given, and the channel patterns.
fn channels(rules: &[Rule]) -> Vec<RuleKind> {
    let is_reset = |kind: &RuleKind| matches!(kind, RuleKind::ResetChannels);
    let mut patterns: Vec<&ChannelPattern> = Vec::new();
    for rule in after_last(rules, is_reset) {
        match rule.kind() {
            RuleKind::Channels(pattern) if pattern.is_everything() => patterns = vec![pattern],
            RuleKind::Channels(pattern) if !patterns.contains(&pattern) => patterns.push(pattern),
            _ => {}
        }
    }
    let all = patterns.iter().any(|pattern| pattern.is_everything());
    let was_reset = rules.iter().any(|rule| is_reset(rule.kind()));
    let reset = (was_reset && !all).then_some(RuleKind::ResetChannels);
    reset.into_iter().chain(patterns.into_iter().cloned().map(RuleKind::Channels)).collect()
}

/// The last word about databases, unless it is the default.
fn databases(rules: &[Rule]) -> Option<RuleKind> {
    let last = rules.iter().map(Rule::kind).rfind(|kind| kind.is_about_databases())?;
    (!matches!(last, RuleKind::AllDatabases)).then(|| last.clone())
}

/// The rules about commands from the last baseline on, which is `-@all` when there is none.
fn commands(rules: &[Rule]) -> Vec<CommandRule> {
    let mut commands = vec![CommandRule::NOTHING];
    for rule in rules {
        let RuleKind::Command(command) = rule.kind() else { continue };
        if command.is_baseline() {
            commands.clear();
        }
        commands.push(command.clone());
    }
    commands
}

/// Rules with the positions that they have when they are printed behind one another.
fn placed(kinds: Vec<RuleKind>) -> Vec<Rule> {
    let mut position = 0;
    let place = |kind: RuleKind| {
        let text = kind.to_string();
        let rule = Rule::new(kind, &text, position);
        position += text.len() + 1;
        rule
    };
    kinds.into_iter().map(place).collect()
}

fn texts(rules: &[Rule], is_wanted: impl Fn(&RuleKind) -> bool) -> Vec<String> {
    rules.iter().filter(|rule| is_wanted(rule.kind())).map(Rule::to_string).collect()
}

/// What a canonical scope means: keys, channels, databases, commands.
fn scope_meaning(rules: &[Rule]) -> Vec<Vec<String>> {
    let mut keys = texts(rules, |kind| matches!(kind, RuleKind::Keys(_)));
    keys.sort_unstable();
    let mut channels = texts(rules, |kind| matches!(kind, RuleKind::Channels(_)));
    channels.sort_unstable();
    // A pattern without `resetchannels` is refused where the default is every channel, so that
    // with a pattern the reset says nothing new.
    if channels.is_empty() {
        channels = texts(rules, |kind| matches!(kind, RuleKind::ResetChannels));
    }
    let databases = texts(rules, RuleKind::is_about_databases);
    vec![keys, channels, databases, effective_commands(rules)]
}

/// The rules about commands that no later rule about the same thing makes void.
fn effective_commands(rules: &[Rule]) -> Vec<String> {
    let mut last_by_target: BTreeMap<&str, usize> = BTreeMap::new();
    let commands: Vec<&CommandRule> = rules
        .iter()
        .filter_map(|rule| match rule.kind() {
            RuleKind::Command(command) => Some(command),
            _ => None,
        })
        .collect();
    let name = |command: &CommandRule| command.to_string()[1..].to_owned();
    let names: Vec<String> = commands.iter().map(|command| name(command)).collect();
    for (index, name) in names.iter().enumerate() {
        last_by_target.insert(name, index);
    }
    let is_void = |index: usize, command: &CommandRule| {
        let later = |target: &str| last_by_target.get(target).is_some_and(|last| *last > index);
        let container = match &command.target {
            Target::Command(name) => name.split_once('|').map(|(container, _)| container),
            _ => None,
        };
        later(&names[index]) || container.is_some_and(later)
    };
    let in_force = commands.iter().enumerate().filter(|(index, command)| !is_void(*index, command));
    in_force.map(|(_, command)| command.to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(text: &str) -> String {
        AccessString::parse(text).unwrap().canonical().to_string()
    }

    fn equivalent(left: &str, right: &str) -> bool {
        let (left, right) =
            (AccessString::parse(left).unwrap(), AccessString::parse(right).unwrap());
        left.is_equivalent(&right)
    }

    #[test]
    fn the_documented_examples_come_out_as_documented() {
        assert_eq!(canonical("off +get ~keys*"), "off ~keys* -@all +get");
        assert_eq!(
            canonical("~objects:* ~items:* ~public:*"),
            "off ~objects:* ~items:* ~public:* -@all"
        );
        assert_eq!(canonical("on allkeys allcommands"), "on ~* +@all");
        assert_eq!(
            canonical("on ~app::* -@all +@read +@hash -setbit"),
            "on ~app::* -@all +@read +@hash -setbit"
        );
    }

    #[test]
    fn what_is_undone_later_is_left_out() {
        assert_eq!(canonical("off on ~a resetkeys ~b"), "on ~b -@all");
        assert_eq!(canonical("on +get -@all +SET"), "on -@all +set");
        assert_eq!(canonical("on ~a ~* &a resetchannels &b"), "on ~* resetchannels &b -@all");
        assert_eq!(canonical("on (+get) clearselectors (%R~x +get)"), "on -@all (%R~x -@all +get)");
        assert_eq!(canonical("on %R~a ~b %w~a"), "on ~a ~b -@all");
        assert_eq!(canonical("on db=1 alldbs"), "on -@all");
    }

    #[test]
    fn a_parenthesis_of_a_pattern_stays_where_it_closes_nothing() {
        assert_eq!(canonical("on (+get ~a))"), "on -@all (-@all +get ~a))");
    }

    #[test]
    fn a_canonical_string_is_its_own_canonical_form_and_can_be_read_again() {
        for text in ["on ~a &b +get (~x)", "&*", "db=3,1 -@all +@read skip-sanitize-payload"] {
            let once = canonical(text);
            assert_eq!(canonical(&once), once);
            for rule in AccessString::parse(text).unwrap().canonical().rules() {
                assert!(once[rule.position()..].starts_with(rule.as_str()));
            }
        }
    }

    #[test]
    fn rewriting_makes_no_difference_but_the_order_of_commands_does() {
        assert!(equivalent("on ~a ~b +get", "+GET on %RW~b ~a"));
        assert!(equivalent("on resetchannels &x +get", "on &x -@all +get"));
        assert!(equivalent("on +get +set -get", "on -@all +set -get"));
        assert!(equivalent("on (~a +get) (~b)", "on (~b) (~a -@all +get) -@all"));
        assert!(!equivalent("on ~a +@read -@dangerous", "on ~a -@dangerous +@read"));
        assert!(!equivalent("on resetchannels", "on"));
        assert!(!equivalent("on ~a", "off ~a"));
        assert!(!equivalent("on ~a +get", "on ~A +get"));
    }

    #[test]
    fn a_rule_for_a_subcommand_before_one_for_the_command_is_void() {
        assert!(equivalent("on +client|id -client", "on -client"));
        assert!(!equivalent("on -client +client|id", "on -client"));
    }
}
