//! Which rule decides about a command.

use super::call::Call;
use crate::rule::{CommandRule, Effect, Rule, RuleKind, Target};
use crate::table::Command;

/// The rule that gives the command, or the one that took it away, if any ever spoke of it.
pub(super) fn deciding_rule<'a>(
    rules: &'a [Rule],
    call: &Call<'_>,
) -> Result<&'a Rule, Option<&'a Rule>> {
    let Standing { last, with_first_argument } = standing(rules, call);
    if let Some((rule, Effect::Allow)) = last {
        return Ok(rule);
    }
    let matching = with_first_argument.iter().find(|(_, argument)| call.is_word(1, argument));
    matching.map(|(rule, _)| *rule).ok_or(last.map(|(rule, _)| rule))
}

/// What rules say of a command.
pub(crate) struct Standing<'a> {
    /// The last rule about the whole command.
    pub(crate) last: Option<(&'a Rule, Effect)>,
    /// Rules such as `+select|0` after it, which add to what is allowed.
    pub(crate) with_first_argument: Vec<(&'a Rule, &'a str)>,
}

/// What these rules say of the command of a call.
pub(crate) fn standing<'a>(rules: &'a [Rule], call: &Call<'_>) -> Standing<'a> {
    let mut standing = Standing { last: None, with_first_argument: Vec::new() };
    for rule in rules {
        let RuleKind::Command(command) = rule.kind() else { continue };
        match reach(command, call) {
            Reach::Whole => {
                standing.last = Some((rule, command.effect));
                standing.with_first_argument.clear();
            }
            Reach::FirstArgument(argument) => standing.with_first_argument.push((rule, argument)),
            Reach::Not => {}
        }
    }
    standing
}

/// Whether a rule speaks of the whole command of a call.
pub(crate) fn is_about(rule: &CommandRule, call: &Call<'_>) -> bool {
    matches!(reach(rule, call), Reach::Whole)
}

/// How much of a command a rule speaks of.
enum Reach<'r> {
    Whole,
    FirstArgument(&'r str),
    Not,
}

fn reach<'r>(rule: &'r CommandRule, call: &Call<'_>) -> Reach<'r> {
    let command = call.command;
    // A rule about a command is one about its subcommands, also when it is a category.
    let whole = |is_whole| if is_whole { Reach::Whole } else { Reach::Not };
    match &rule.target {
        Target::Everything => Reach::Whole,
        Target::Category(name) => {
            let is_in = |command: &Command| command.categories().contains(&&**name);
            whole(is_in(command) || call.container.is_some_and(is_in))
        }
        Target::Command(name) if **name == *command.name() => Reach::Whole,
        Target::Command(name) => match name.split_once('|') {
            None => whole(call.container.is_some_and(|command| *command.name() == **name)),
            Some((of, argument)) if of == command.name() && !call.has_subcommands => {
                Reach::FirstArgument(argument)
            }
            Some(_) => Reach::Not,
        },
    }
}
