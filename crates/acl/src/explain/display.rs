//! A decision in words.

use std::fmt;

use super::{Cause, Decision, Denial, Grant};
use crate::rule::Rule;

impl fmt::Display for Decision<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Allowed { by } => write!(f, "allowed: {by}"),
            Self::Denied { by } => {
                f.write_str("denied")?;
                let separators = std::iter::once(": ").chain(std::iter::repeat("; "));
                for (separator, denial) in separators.zip(by) {
                    write!(f, "{separator}{denial}")?;
                }
                Ok(())
            }
        }
    }
}

impl fmt::Display for Grant<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Rules { selector, command, keys, channels } = self else {
            return f.write_str("the command needs no right");
        };
        write_place(f, *selector)?;
        write!(f, "`{command}` gives the command")?;
        for (key, rule) in keys {
            write!(f, ", `{rule}` the key at argument {}", key.position)?;
        }
        for (position, rule) in channels {
            write!(f, ", `{rule}` the channel at argument {position}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Denial<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_place(f, self.selector)?;
        match &self.cause {
            Cause::Command { rule: Some(rule) } => write!(f, "`{rule}` takes the command away"),
            Cause::Command { rule: None } => f.write_str("no rule gives the command"),
            Cause::Database { number: Some(number), rule } => {
                write!(f, "`{rule}` leaves database {number} out")
            }
            Cause::Database { number: None, rule } => {
                write!(f, "`{rule}` does not give every database")
            }
            Cause::Key { key } => {
                let purpose = match (key.reads, key.writes) {
                    (true, true) => " for reading and writing",
                    (true, false) => " for reading",
                    (false, true) => " for writing",
                    (false, false) => "",
                };
                write!(f, "no rule gives the key at argument {}{purpose}", key.position)
            }
            Cause::Channel { position, is_pattern: false } => {
                write!(f, "no rule gives the channel at argument {position}")
            }
            Cause::Channel { position, is_pattern: true } => {
                write!(f, "no rule spells the channel pattern at argument {position}")
            }
        }
    }
}

fn write_place(f: &mut fmt::Formatter<'_>, selector: Option<&Rule>) -> fmt::Result {
    match selector {
        Some(selector) => write!(f, "in `{selector}` "),
        None => Ok(()),
    }
}
