//! The rules that an access string is made of.

use std::collections::BTreeSet;
use std::fmt;

use crate::pattern::{ChannelPattern, KeyPattern};

/// One rule, with the text and the place it has in the string.
#[derive(Clone, Debug)]
pub struct Rule {
    kind: RuleKind,
    text: Box<str>,
    position: usize,
}

impl Rule {
    pub(crate) fn new(kind: RuleKind, text: &str, position: usize) -> Self {
        Self { kind, text: text.into(), position }
    }

    /// What the rule says.
    #[must_use]
    pub fn kind(&self) -> &RuleKind {
        &self.kind
    }

    /// The rule as it was written; one argument of `ACL SETUSER`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The byte at which it begins in the string.
    #[must_use]
    pub fn position(&self) -> usize {
        self.position
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What a rule says. Printed, it is the form in which ElastiCache stores it.
#[derive(Clone, Debug)]
pub enum RuleKind {
    /// `on`: the user can log in.
    On,
    /// `off`: it cannot; connections that exist go on.
    Off,
    /// `sanitize-payload`: what `RESTORE` brings is checked (the default).
    SanitizePayload,
    /// `skip-sanitize-payload`: it is not.
    SkipSanitizePayload,
    /// `~pattern`, `%R~pattern`, `allkeys` and the like.
    Keys(KeyPattern),
    /// `resetkeys`: forgets the key patterns so far.
    ResetKeys,
    /// `&pattern` or `allchannels`.
    Channels(ChannelPattern),
    /// `resetchannels`: forgets the channel patterns so far.
    ResetChannels,
    /// `db=0,1`: only in these databases (Valkey 9.1).
    Databases(BTreeSet<u32>),
    /// `alldbs`: in every database (the default).
    AllDatabases,
    /// `resetdbs`: in none.
    ResetDatabases,
    /// `+get`, `-@dangerous`, `allcommands` and the like.
    Command(CommandRule),
    /// `(~key +get)`: a second set of rights, which counts only as a whole.
    Selector(Vec<Rule>),
    /// `clearselectors`: forgets the selectors so far.
    ClearSelectors,
}

impl RuleKind {
    /// Whether it says something of databases; the last rule that does is the one in force.
    pub(crate) fn is_about_databases(&self) -> bool {
        matches!(self, Self::Databases(_) | Self::AllDatabases | Self::ResetDatabases)
    }
}

impl fmt::Display for RuleKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self {
            Self::On => "on",
            Self::Off => "off",
            Self::SanitizePayload => "sanitize-payload",
            Self::SkipSanitizePayload => "skip-sanitize-payload",
            Self::Keys(pattern) => return pattern.fmt(f),
            Self::ResetKeys => "resetkeys",
            Self::Channels(pattern) => return pattern.fmt(f),
            Self::ResetChannels => "resetchannels",
            Self::Databases(databases) => {
                let numbers: Vec<String> = databases.iter().map(u32::to_string).collect();
                return write!(f, "db={}", numbers.join(","));
            }
            Self::AllDatabases => "alldbs",
            Self::ResetDatabases => "resetdbs",
            Self::Command(rule) => return rule.fmt(f),
            Self::Selector(rules) => {
                let inner: Vec<String> = rules.iter().map(|rule| rule.kind.to_string()).collect();
                return write!(f, "({})", inner.join(" "));
            }
            Self::ClearSelectors => "clearselectors",
        };
        f.write_str(word)
    }
}

/// A rule about commands. Later ones win over earlier ones.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CommandRule {
    /// Whether it gives or takes.
    pub effect: Effect,
    /// What it gives or takes.
    pub target: Target,
}

impl CommandRule {
    /// `-@all`: what every list of commands begins with unless it says otherwise.
    pub(crate) const NOTHING: Self = Self { effect: Effect::Deny, target: Target::Everything };

    /// Whether nothing before this rule matters: `+@all` or `-@all`.
    #[must_use]
    pub fn is_baseline(&self) -> bool {
        self.target == Target::Everything
    }
}

impl fmt::Display for CommandRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self.effect {
            Effect::Allow => '+',
            Effect::Deny => '-',
        };
        match &self.target {
            Target::Everything => write!(f, "{sign}@all"),
            Target::Category(name) => write!(f, "{sign}@{name}"),
            Target::Command(name) => write!(f, "{sign}{name}"),
        }
    }
}

/// Whether a rule gives or takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// `+`
    Allow,
    /// `-`
    Deny,
}

/// The commands that a rule is about; names are in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// `@all`, `allcommands`, `nocommands`.
    Everything,
    /// A category, without `@`.
    Category(Box<str>),
    /// A command, a subcommand `client|id`, or a command with its first argument `select|0`.
    Command(Box<str>),
}
