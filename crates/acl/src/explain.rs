//! Whether a user may make a call, and which rule decides.
//!
//! This is the engines' own check, step by step: the command first, then the database, then each
//! key with what is done to it, then each channel. The rules of the user itself and each selector
//! are tried on their own, and one that allows the whole call is enough.
//!
//! What it cannot say is what the engines decide later: keys inside a script, the patterns of
//! `SORT … GET`, or what a command that names no key shows of all of them.

pub(crate) mod call;
mod channels;
pub(crate) mod commands;
mod databases;
mod display;
mod keys;
mod native_keys;

pub use call::CallError;
pub use keys::KeyUse;

use crate::access_string::AccessString;
use crate::engine::Engine;
use crate::rule::Rule;
use call::Call;

/// The answer of [`explain`].
#[derive(Clone, Debug)]
pub enum Decision<'a> {
    /// The engine makes the call.
    Allowed {
        /// What gave the right.
        by: Grant<'a>,
    },
    /// The engine answers `NOPERM`.
    Denied {
        /// Why the rules of the user itself do not allow the call, then why each selector does
        /// not: never empty.
        by: Vec<Denial<'a>>,
    },
}

impl Decision<'_> {
    /// Whether the call is allowed.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed { .. })
    }
}

/// What allows a call.
#[derive(Clone, Debug)]
pub enum Grant<'a> {
    /// `AUTH`, `HELLO`, `QUIT` and `RESET` need no rule and cannot be taken away.
    Always,
    /// These rules.
    Rules {
        /// The selector they stand in; `None` for the rules of the user itself.
        selector: Option<&'a Rule>,
        /// The rule that gives the command.
        command: &'a Rule,
        /// For each key of the call, the rule that covers it.
        keys: Vec<(KeyUse, &'a Rule)>,
        /// For each channel, by the number of its argument, the rule that covers it.
        channels: Vec<(usize, &'a Rule)>,
    },
}

/// Why one set of rules does not allow a call.
#[derive(Clone, Debug)]
pub struct Denial<'a> {
    /// The selector that was tried; `None` for the rules of the user itself.
    pub selector: Option<&'a Rule>,
    /// What is missing.
    pub cause: Cause<'a>,
}

/// What is missing for a call.
#[derive(Clone, Debug)]
pub enum Cause<'a> {
    /// The right to the command.
    Command {
        /// The rule that took it away; `None` if no rule ever gave it.
        rule: Option<&'a Rule>,
    },
    /// The right to a database.
    Database {
        /// Which one; `None` for every one.
        number: Option<u32>,
        /// The rule that leaves it out.
        rule: &'a Rule,
    },
    /// The right to a key.
    Key {
        /// Where it stands, and what would be done to it.
        key: KeyUse,
    },
    /// The right to a channel.
    Channel {
        /// The number of its argument; the name of the command is 0.
        position: usize,
        /// Whether it is a pattern, which a rule must then spell in the very same way.
        is_pattern: bool,
    },
}

/// Says whether the engine lets a user with this string make this call, and why.
///
/// A user without any rule about channels is taken to have none, which is the engines' default
/// since 7.0. On ElastiCache, where `acl-pubsub-default` is `allchannels` unless changed, put
/// `allchannels` in front of the string to ask for such a user. Whether the user can log in (`on`)
/// is not looked at, and the connection is taken to be in database 0, where each begins.
pub fn explain<'a>(
    string: &'a AccessString,
    engine: &Engine,
    argv: &[&[u8]],
) -> Result<Decision<'a>, CallError> {
    let call = Call::read(*engine, argv)?;
    let mut denials = Vec::new();
    for (selector, rules) in string.scopes() {
        match grant(rules, selector, &call) {
            Ok(by) => return Ok(Decision::Allowed { by }),
            Err(cause) => denials.push(Denial { selector, cause }),
        }
    }
    Ok(Decision::Denied { by: denials })
}

/// Whether these rules alone allow the whole call.
fn grant<'a>(
    rules: &'a [Rule],
    selector: Option<&'a Rule>,
    call: &Call<'_>,
) -> Result<Grant<'a>, Cause<'a>> {
    let command = if call.command.has_flag("no_auth") {
        None
    } else {
        Some(commands::deciding_rule(rules, call).map_err(|rule| Cause::Command { rule })?)
    };
    databases::check(rules, call)?;
    let keys = keys::check(rules, call).map_err(|key| Cause::Key { key })?;
    let channels = channels::check(rules, call)?;
    Ok(command.map_or(Grant::Always, |command| Grant::Rules { selector, command, keys, channels }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EngineKind, EngineVersion};

    const ENGINE: Engine = Engine { kind: EngineKind::Redis, version: EngineVersion::new(7, 0) };

    fn words(call: &str) -> Vec<&[u8]> {
        call.split(' ').map(str::as_bytes).collect()
    }

    fn allows(text: &str, call: &str) -> bool {
        let string = AccessString::parse(text).unwrap();
        explain(&string, &ENGINE, &words(call)).unwrap().is_allowed()
    }

    #[test]
    fn the_last_rule_about_a_command_decides() {
        assert!(!allows("~* +@all -@dangerous", "KEYS *"));
        assert!(allows("~* -@dangerous +@read", "keys *"));
        assert!(allows("-client +client|id", "client id") && !allows("+client|id", "client list"));
        assert!(allows("+select|0", "select 0") && !allows("+select|0", "select 1"));
        assert!(!allows("+select|0 -@connection", "select 0"));
    }

    #[test]
    fn the_deciding_rules_are_named() {
        let string = AccessString::parse("on ~x ~a:* +@read -get (%R~b +get)").unwrap();
        let call = words("mget a:1 x");
        let Decision::Allowed { by: Grant::Rules { selector, command, keys, .. } } =
            explain(&string, &ENGINE, &call).unwrap()
        else {
            panic!("the rules allow this");
        };
        assert!(selector.is_none());
        assert_eq!(command.as_str(), "+@read");
        let keys: Vec<_> = keys.iter().map(|(key, rule)| (key.position, rule.as_str())).collect();
        assert_eq!(keys, [(1, "~a:*"), (2, "~x")]);

        let call = words("get a:1");
        let Decision::Denied { by } = explain(&string, &ENGINE, &call).unwrap() else {
            panic!("no rule allows this");
        };
        let [root, selector] = &by[..] else { panic!("two sets of rules are tried") };
        assert!(
            matches!(&root.cause, Cause::Command { rule: Some(rule) } if rule.as_str() == "-get")
        );
        assert!(matches!(selector.cause, Cause::Key { key: KeyUse { position: 1, .. } }));
    }

    #[test]
    fn a_decision_is_told_in_words() {
        let told = |text: &str, call: &str| {
            let string = AccessString::parse(text).unwrap();
            explain(&string, &ENGINE, &words(call)).unwrap().to_string()
        };
        assert_eq!(
            told("~a:* +@read (~b +set)", "mget a:1 a:2"),
            "allowed: `+@read` gives the command, `~a:*` the key at argument 1, `~a:*` the key at \
             argument 2"
        );
        assert_eq!(
            told("~a:* +@read (~b +set)", "set a:1 x"),
            "denied: no rule gives the command; in `(~b +set)` no rule gives the key at argument 1 \
             for writing"
        );
        assert_eq!(told("-@all", "reset"), "allowed: the command needs no right");
    }

    #[test]
    fn what_is_done_to_a_key_counts() {
        assert!(allows("%R~* +@all", "get a") && !allows("%R~* +@all", "set a 1"));
        assert!(allows("%W~* +@all", "set a 1") && !allows("%W~* +@all", "set a 1 get"));
        assert!(allows("%R~s ~a +copy", "copy s a") && !allows("%R~s ~a +copy", "copy a s"));
        assert!(!allows("(%R~s +@all) (~a +@all)", "copy s a"));
    }

    /// The bug of the engines is theirs to have; the answer must be the one they give.
    #[test]
    fn a_second_store_goes_unseen_where_the_engine_does_not_see_it() {
        let call = "georadius a 0 0 1 km store a store b";
        assert!(allows("~a +georadius", call));
        let string = AccessString::parse("~a +georadius").unwrap();
        let fixed = Engine { kind: EngineKind::Valkey, version: EngineVersion::new(9, 1) };
        assert!(!explain(&string, &fixed, &words(call)).unwrap().is_allowed());
    }

    #[test]
    fn reset_cannot_be_taken_away_and_channels_must_be_given() {
        assert!(allows("-@all", "reset") && allows("-@all", "auth a b"));
        assert!(!allows("+@all", "subscribe a") && allows("+@all &a*", "subscribe a1 a2"));
        assert!(allows("+@all &a*", "psubscribe a*") && !allows("+@all &a*", "psubscribe a1*"));
    }

    #[test]
    fn a_call_that_no_engine_would_make_is_an_error() {
        let string = AccessString::parse("on +@all").unwrap();
        let error = |call: &str| explain(&string, &ENGINE, &words(call)).unwrap_err();
        assert!(matches!(error("nosuch"), CallError::UnknownCommand { .. }));
        assert!(matches!(error("client nosuch"), CallError::UnknownCommand { .. }));
        assert!(matches!(error("get a b"), CallError::WrongArity { arity: 2, found: 3, .. }));
    }
}
