//! Whether an engine takes a string.

use crate::access_string::AccessString;
use crate::engine::Engine;
use crate::error::{ParseError, Reason};
use crate::rule::{Effect, Rule, RuleKind, Target};

impl AccessString {
    /// Whether this engine takes the string: every rule that it would refuse. One is enough for it
    /// to refuse the whole string.
    pub fn check(&self, engine: &Engine) -> Result<(), Vec<ParseError>> {
        let mut refused = Vec::new();
        check_rules(self.rules(), *engine, &mut refused);
        if refused.is_empty() { Ok(()) } else { Err(refused) }
    }
}

fn check_rules(rules: &[Rule], engine: Engine, refused: &mut Vec<ParseError>) {
    for rule in rules {
        if let Err(reason) = check_rule(rule, engine) {
            refused.push(ParseError::new(rule.position(), rule.as_str(), reason));
        } else if let RuleKind::Selector(inner) = rule.kind() {
            check_rules(inner, engine, refused);
        }
    }
}

fn check_rule(rule: &Rule, engine: Engine) -> Result<(), Reason> {
    let needs = |has: bool, since| if has { Ok(()) } else { Err(Reason::TooNew { engine, since }) };
    match rule.kind() {
        RuleKind::Command(rule) => check_target(&rule.target, rule.effect, engine),
        RuleKind::Selector(_) | RuleKind::ClearSelectors => {
            needs(engine.has_acl_v2(), "Redis 7.0 or Valkey")
        }
        // Even `%RW~a`, which means `~a`.
        RuleKind::Keys(_) if rule.as_str().starts_with('%') => {
            needs(engine.has_acl_v2(), "Redis 7.0 or Valkey")
        }
        kind if kind.is_about_databases() => needs(engine.has_database_rules(), "Valkey 9.1"),
        _ => Ok(()),
    }
}

fn check_target(target: &Target, effect: Effect, engine: Engine) -> Result<(), Reason> {
    match target {
        Target::Category(name) if engine.knows_category(name) => Ok(()),
        Target::Category(_) => Err(Reason::UnknownCategory { engine }),
        Target::Command(name) if !engine.knows_command(name) => {
            Err(Reason::UnknownCommand { engine })
        }
        // Known without being a command of its own: a command with its first argument.
        Target::Command(name) if effect == Effect::Deny && engine.command(name).is_none() => {
            Err(Reason::SubcommandDenial { engine })
        }
        Target::Everything | Target::Command(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use crate::{AccessString, Engine, EngineKind, Reason};

    fn refused(text: &str, kind: EngineKind, version: &str) -> Vec<(usize, Reason)> {
        let engine = Engine { kind, version: version.parse().unwrap() };
        let refused = AccessString::parse(text).unwrap().check(&engine);
        refused.err().unwrap_or_default().into_iter().map(|e| (e.position, e.reason)).collect()
    }

    #[test]
    fn every_rule_that_the_engine_refuses_is_named() {
        let text = "on +nosuch +@nosuch +get (+nosuch)";
        let positions: Vec<usize> =
            refused(text, EngineKind::Redis, "7.0").into_iter().map(|(at, _)| at).collect();
        assert_eq!(positions, [3, 11, 26]);
    }

    #[test]
    fn newer_rules_are_refused_for_older_engines() {
        let n_refused = |text, kind, version| refused(text, kind, version).len();
        assert_eq!(n_refused("%R~a (~b) clearselectors -client|id", EngineKind::Redis, "6.2"), 4);
        assert_eq!(n_refused("%R~a (~b) clearselectors -client|id", EngineKind::Redis, "7.0"), 0);
        assert_eq!(n_refused("db=0 alldbs", EngineKind::Valkey, "9.0"), 2);
        assert_eq!(n_refused("db=0 alldbs", EngineKind::Redis, "9.9"), 2);
        assert_eq!(n_refused("db=0 alldbs", EngineKind::Valkey, "9.1"), 0);
    }

    #[test]
    fn a_first_argument_can_be_given_but_not_taken() {
        assert_eq!(refused("+select|0", EngineKind::Valkey, "9.1"), []);
        let [(0, Reason::SubcommandDenial { .. })] =
            refused("-select|0", EngineKind::Valkey, "9.1")[..]
        else {
            panic!("the engine refuses this");
        };
    }
}
