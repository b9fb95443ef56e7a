//! Which commands a string gives.

use crate::access_string::AccessString;
use crate::engine::Engine;
use crate::explain::call::Call;
use crate::explain::commands::standing;
use crate::rule::{Effect, Rule};
use crate::table::Command;

/// A command that is given, and by what.
pub(super) struct Given<'a> {
    pub(super) rule: &'a Rule,
    /// Whether the rule stands in a selector.
    pub(super) in_selector: bool,
    /// Whether only calls with a certain first argument are given.
    pub(super) first_argument: Option<&'a str>,
}

/// The rule that gives a command or subcommand, if it exists and one does. Commands that need no
/// rule, such as `RESET`, are not given by any.
pub(super) fn given<'a>(string: &'a AccessString, engine: Engine, name: &str) -> Option<Given<'a>> {
    let argv: Vec<&[u8]> = name.split('|').map(str::as_bytes).collect();
    let call = Call::resolve(engine, &argv).ok()?;
    if call.command.has_flag("no_auth") {
        return None;
    }
    // 6.2 knows no subcommands: there the first argument is one, and names must agree.
    let subcommand = name.split_once('|').map(|(_, subcommand)| subcommand);
    string.scopes().find_map(|(selector, rules)| {
        let standing = standing(rules, &call);
        let whole = match standing.last {
            Some((rule, Effect::Allow)) => Some((rule, None)),
            _ => None,
        };
        let fits = |argument: &str| subcommand.is_none_or(|subcommand| subcommand == argument);
        let mut partly = standing.with_first_argument.into_iter();
        let partly = || partly.find(|(_, argument)| fits(argument)).map(|(r, a)| (r, Some(a)));
        let (rule, first_argument) = whole.or_else(partly)?;
        Some(Given { rule, in_selector: selector.is_some(), first_argument })
    })
}

/// Whether any rule gives the command.
pub(super) fn gives(string: &AccessString, engine: Engine, name: &str) -> bool {
    given(string, engine, name).is_some()
}

/// Every command and subcommand that can be called: a container such as `client` cannot.
pub(super) fn callable(engine: Engine) -> impl Iterator<Item = &'static Command> {
    engine.commands().filter(move |command| {
        let name = command.name();
        name == "command" || !engine.has_subcommands(name)
    })
}
