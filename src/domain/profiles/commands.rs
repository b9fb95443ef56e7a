//! The rules about commands that an own profile is made of.

use std::str::FromStr;

use ringfence_acl::{
    AccessString, CommandRule, Deployment, Engine, EngineVersion, ParseError, Reason, Rule,
    RuleKind, Target,
};

/// Rules about commands and categories, in the order in which they were written: later ones win.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandRules(Vec<PlacedRule>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct PlacedRule {
    rule: CommandRule,
    /// The byte at which it begins in what was written.
    position: usize,
}

impl CommandRules {
    /// The rules as `ElastiCache` stores them.
    pub(super) fn texts(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|placed| placed.rule.to_string())
    }

    /// Where a rule was written. Of several that are the same the last counts, because it wins.
    pub(super) fn position_of(&self, text: &str) -> Option<usize> {
        let placed = self.0.iter().rfind(|placed| placed.rule.to_string() == text);
        placed.map(|placed| placed.position)
    }
}

impl FromStr for CommandRules {
    type Err = CommandRulesError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let string = AccessString::parse(text)?;
        string.rules().iter().map(read).collect::<Result<_, _>>().map(Self)
    }
}

fn read(rule: &Rule) -> Result<PlacedRule, CommandRulesError> {
    let (text, position) = (rule.to_string(), rule.position());
    let RuleKind::Command(command) = rule.kind() else {
        return Err(CommandRulesError::NotAboutCommands { rule: text, position });
    };
    if !is_known(&command.target) {
        return Err(CommandRulesError::Unknown { rule: text, position });
    }
    if is_taken_out(&command.target) {
        return Err(CommandRulesError::TakenOut { rule: text, position });
    }
    Ok(PlacedRule { rule: command.clone(), position })
}

/// Whether some engine has what the rule names. What none has is a slip of the pen.
fn is_known(target: &Target) -> bool {
    // Redis 6.2 knows no subcommands and takes anything behind the `|`.
    let tells_subcommands = |engine: &Engine| engine.version >= EngineVersion::new(7, 0);
    Engine::all().any(|engine| match target {
        Target::Everything => true,
        Target::Category(name) => engine.knows_category(name),
        Target::Command(name) => {
            engine.command(name).is_some()
                || tells_subcommands(&engine) && engine.knows_command(name)
        }
    })
}

/// Whether no cache of `ElastiCache` has the command.
fn is_taken_out(target: &Target) -> bool {
    matches!(target, Target::Command(name) if Deployment::NodeBased.lacks(name))
}

/// Why a text is no list of rules about commands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandRulesError {
    /// There is no rule at all.
    #[error("is empty: name commands and categories, as in `+@string +del`")]
    Empty,
    /// A rule about commands that cannot be read.
    #[error(transparent)]
    Unreadable(ParseError),
    /// A rule about something else, or none.
    #[error(
        "rule `{rule}` at byte {position}: only rules about commands and categories stand here, \
         `+…` and `-…`; leave it out, keys and channels have settings of their own"
    )]
    NotAboutCommands {
        /// The rule as written; a password in it is replaced by `…`.
        rule: String,
        /// The byte at which it begins.
        position: usize,
    },
    /// A command or category that no engine has.
    #[error("rule `{rule}` at byte {position}: no engine that is known has it; correct the name")]
    Unknown {
        /// The rule as written.
        rule: String,
        /// The byte at which it begins.
        position: usize,
    },
    /// A command that `ElastiCache` does not offer.
    #[error(
        "rule `{rule}` at byte {position}: ElastiCache has taken the command out and refuses a \
         string that names it; leave the rule out"
    )]
    TakenOut {
        /// The rule as written.
        rule: String,
        /// The byte at which it begins.
        position: usize,
    },
}

impl From<ParseError> for CommandRulesError {
    fn from(error: ParseError) -> Self {
        match error.reason {
            Reason::Empty => Self::Empty,
            Reason::ControlCharacter | Reason::CommandName | Reason::ArgumentOfSubcommand => {
                Self::Unreadable(error)
            }
            _ => Self::NotAboutCommands { rule: error.rule, position: error.position },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        text.parse::<CommandRules>().unwrap_err().to_string()
    }

    #[test]
    fn the_order_of_the_rules_is_kept_and_their_place_known() {
        let rules: CommandRules = "+@Hash  -HDEL +hdel allcommands".parse().unwrap();
        assert_eq!(rules.texts().collect::<Vec<_>>(), ["+@hash", "-hdel", "+hdel", "+@all"]);
        assert_eq!((rules.position_of("-hdel"), rules.position_of("+get")), (Some(8), None));
    }

    #[test]
    fn what_is_no_rule_about_commands_is_refused_at_its_place() {
        for other in ["on", "~a:*", "%R~a:*", "&a:*", "resetkeys", "(+get)", "(+get", "db=0", "get"]
        {
            let refused = refusal(&format!("+set {other}"));
            let start = format!("rule `{other}` at byte 5: only rules about commands");
            assert!(refused.starts_with(&start), "{refused}");
        }
        assert!(refusal("+get >hunter2").starts_with("rule `>…` at byte 5"));
        assert!(refusal(" ").starts_with("is empty"));
        assert!(refusal("+get +").contains("write `+get`"));
    }

    #[test]
    fn a_command_that_no_engine_has_is_a_slip_of_the_pen() {
        for (text, byte) in [("+gte", 0), ("+get -@stings", 5), ("+client|ids", 0)] {
            let refused = refusal(text);
            assert!(refused.contains(&format!("at byte {byte}: no engine")), "{refused}");
        }
        for text in ["+clusterscan", "+vadd", "+client|no-touch", "+select|0", "-@all"] {
            assert!(text.parse::<CommandRules>().is_ok(), "{text}");
        }
    }

    #[test]
    fn a_command_that_elasticache_never_has_is_refused() {
        assert!(refusal("+get +config|get").contains("at byte 5: ElastiCache has taken"));
        assert!("+keys".parse::<CommandRules>().is_ok(), "only serverless caches lack it");
    }
}
