//! Why a rule is refused, and what to write instead.

use std::fmt;

use crate::engine::Engine;

/// A rule that ElastiCache or the engine refuses, and with it the whole string.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ParseError {
    /// The byte at which the rule begins.
    pub position: usize,
    /// The rule as written; a password in it is replaced by `…`.
    pub rule: String,
    /// Why it is refused.
    pub reason: Reason,
}

impl ParseError {
    pub(crate) fn new(position: usize, rule: &str, reason: Reason) -> Self {
        // Whatever else is wrong with it, what looks like a password is not repeated.
        let rule = match rule.find(['>', '<', '#', '!']) {
            Some(at @ (0 | 1)) => format!("{}…", &rule[..=at]),
            _ => rule.to_owned(),
        };
        Self { position, rule, reason }
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> String {
        self.reason.remedy()
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { position, rule, reason } = self;
        write!(f, "rule `{rule}` at byte {position}: {reason}; {}", reason.remedy())
    }
}

/// Why a rule is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// There is no rule at all.
    #[error("an access string needs at least one rule")]
    Empty,
    /// A tab, a line break, a NUL or the like.
    #[error("control characters cannot stand in an access string")]
    ControlCharacter,
    /// `>password`, `<password`, `#hash`, `!hash`.
    #[error("ElastiCache takes passwords as parameters of the user, not in the access string")]
    Password,
    /// `nopass` or `resetpass`.
    #[error("how a user logs in is a parameter of the user, not part of the access string")]
    Authentication,
    /// `reset`.
    #[error("ElastiCache forbids `reset` in an access string")]
    Reset,
    /// A pattern after `~*` or `&*`.
    #[error("a pattern after one that matches everything has no effect, and the engine refuses it")]
    PatternAfterEverything,
    /// `%X~…`.
    #[error("a key permission is `R`, `W` or both, followed by `~`")]
    KeyPermission,
    /// `(` without `)`.
    #[error("the selector is not closed")]
    UnclosedSelector,
    /// `on`, `off`, `clearselectors` or another selector inside a selector.
    #[error("a selector holds only rules about keys, channels, databases and commands")]
    NotInSelector,
    /// A quotation mark inside a selector.
    #[error("the engine takes quotation marks inside a selector as its own")]
    QuoteInSelector,
    /// `db=` without numbers.
    #[error("`db=` is followed by database numbers with commas between them")]
    DatabaseNumbers,
    /// `+` or `-` without a name, or with an empty part.
    #[error("the name of a command or category is missing or incomplete")]
    CommandName,
    /// `+config|get|x`.
    #[error("a rule can name a subcommand or a first argument, not an argument of a subcommand")]
    ArgumentOfSubcommand,
    /// None of the rules there are.
    #[error("this is not a rule")]
    NotARule,
    /// A command that the engine does not have.
    #[error("{engine} has no such command, which makes the engine refuse the whole string")]
    UnknownCommand {
        /// The engine asked.
        engine: Engine,
    },
    /// A category that the engine does not have.
    #[error("{engine} has no such category, which makes the engine refuse the whole string")]
    UnknownCategory {
        /// The engine asked.
        engine: Engine,
    },
    /// `-cmd|sub` where only whole commands can be taken away.
    #[error("{engine} cannot take away a subcommand or a first argument")]
    SubcommandDenial {
        /// The engine asked.
        engine: Engine,
    },
    /// `%R~`, selectors or `db=` before the engine had them.
    #[error("{engine} does not have this kind of rule, which came with {since}")]
    TooNew {
        /// The engine asked.
        engine: Engine,
        /// The versions that have it.
        since: &'static str,
    },
}

impl Reason {
    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> String {
        let text = match self {
            Self::Empty => "begin with `on` or `off`",
            Self::ControlCharacter => "separate rules with single spaces",
            Self::Password => "leave the rule out and give the password as `Passwords`",
            Self::Authentication => "leave the rule out and set `AuthenticationMode`",
            Self::Reset => "leave the rule out: a modified access string replaces the old one",
            Self::PatternAfterEverything => {
                "leave this pattern out, or the one that matches everything"
            }
            Self::KeyPermission => "write `%R~pattern`, `%W~pattern` or `%RW~pattern`",
            Self::UnclosedSelector => "end the selector with `)` as the last byte of a rule",
            Self::NotInSelector => "move the rule out of the parentheses",
            Self::QuoteInSelector => "use `?` for the quotation mark, or a pattern without one",
            Self::DatabaseNumbers => "write `db=0` or `db=0,1`",
            Self::CommandName => "write `+get`, `+client|id` or `+@read`",
            Self::ArgumentOfSubcommand => "allow the subcommand as a whole",
            Self::NotARule => {
                "rules begin with `~`, `%`, `&`, `+`, `-` or `(`, or are words such as `on`"
            }
            Self::UnknownCommand { .. } | Self::UnknownCategory { .. } => {
                "leave the rule out for this engine, or correct the name"
            }
            Self::SubcommandDenial { .. } => {
                "take the whole command away and allow its other subcommands by name"
            }
            Self::TooNew { since, .. } => return format!("leave the rule out, or use {since}"),
        };
        text.to_owned()
    }
}
