//! From text to rules, as ElastiCache and the engines read them.

use std::collections::BTreeSet;

use crate::error::{ParseError, Reason};
use crate::pattern::{ChannelPattern, KeyAccess, KeyPattern};
use crate::rule::{CommandRule, Effect, Rule, RuleKind, Target};

/// Reads a whole string.
pub(crate) fn rules(text: &str) -> Result<Vec<Rule>, ParseError> {
    if let Some(position) = text.find(char::is_control) {
        let rule = word_around(text, position);
        return Err(ParseError::new(position, rule, Reason::ControlCharacter));
    }
    let mut scope = Scope::default();
    let mut rules = Vec::new();
    for (position, word) in words_with_selectors(text)? {
        let refused = |reason| ParseError::new(position, word, reason);
        let kind = if let Some(inner) = word.strip_prefix('(') {
            selector(inner, position)?
        } else if let Some(kind) = user_rule(word).map_err(refused)? {
            kind
        } else {
            scope.read(word).map_err(refused)?
        };
        rules.push(Rule::new(kind, word, position));
    }
    if rules.is_empty() {
        return Err(ParseError::new(0, text, Reason::Empty));
    }
    Ok(rules)
}

/// The words between spaces, each with the byte at which it begins.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut position = 0;
    text.split(' ').filter_map(move |word| {
        let start = position;
        position += word.len() + 1;
        (!word.is_empty()).then_some((start, word))
    })
}

fn word_around(text: &str, position: usize) -> &str {
    words(text).take_while(|(start, _)| *start <= position).last().map_or("", |(_, word)| word)
}

/// The words of a string, those from an opening to a closing parenthesis taken together.
fn words_with_selectors(text: &str) -> Result<Vec<(usize, &str)>, ParseError> {
    let mut joined = Vec::new();
    let mut open = None;
    for (position, word) in words(text) {
        let closes = word.ends_with(')');
        match open {
            None if word.starts_with('(') && !closes => open = Some((position, word)),
            None => joined.push((position, word)),
            Some((start, _)) if closes => {
                joined.push((start, &text[start..position + word.len()]));
                open = None;
            }
            Some(_) => {}
        }
    }
    match open {
        Some((start, word)) => Err(ParseError::new(start, word, Reason::UnclosedSelector)),
        None => Ok(joined),
    }
}

/// Reads the inside of a selector, from behind its opening parenthesis.
fn selector(inner: &str, position: usize) -> Result<RuleKind, ParseError> {
    let inner = inner.strip_suffix(')').unwrap_or(inner);
    let mut scope = Scope::default();
    let mut rules = Vec::new();
    for (start, word) in words(inner) {
        let start = position + 1 + start;
        let refused = |reason| ParseError::new(start, word, reason);
        if word.contains(['"', '\'']) {
            return Err(refused(Reason::QuoteInSelector));
        }
        if word.starts_with('(') || user_rule(word).map_err(refused)?.is_some() {
            return Err(refused(Reason::NotInSelector));
        }
        rules.push(Rule::new(scope.read(word).map_err(refused)?, word, start));
    }
    Ok(RuleKind::Selector(rules))
}

/// A rule about the user as a whole, if the word is one.
fn user_rule(word: &str) -> Result<Option<RuleKind>, Reason> {
    if word.starts_with(['>', '<', '#', '!']) {
        return Err(Reason::Password);
    }
    Ok(Some(match word.to_ascii_lowercase().as_str() {
        "on" => RuleKind::On,
        "off" => RuleKind::Off,
        "sanitize-payload" => RuleKind::SanitizePayload,
        "skip-sanitize-payload" => RuleKind::SkipSanitizePayload,
        "clearselectors" => RuleKind::ClearSelectors,
        "nopass" | "resetpass" => return Err(Reason::Authentication),
        "reset" => return Err(Reason::Reset),
        _ => return Ok(None),
    }))
}

/// The patterns so far, of the user itself or of one selector.
#[derive(Default)]
struct Scope {
    has_all_keys: bool,
    has_all_channels: bool,
}

impl Scope {
    /// Reads a rule that can stand at the root and in a selector.
    fn read(&mut self, word: &str) -> Result<RuleKind, Reason> {
        let lower = word.to_ascii_lowercase();
        match (lower.as_str(), word.as_bytes()) {
            ("allkeys" | "~*", _) => {
                self.has_all_keys = true;
                Ok(RuleKind::Keys(KeyPattern::everything()))
            }
            ("resetkeys", _) => {
                self.has_all_keys = false;
                Ok(RuleKind::ResetKeys)
            }
            ("allchannels" | "&*", _) => {
                self.has_all_channels = true;
                Ok(RuleKind::Channels(ChannelPattern::new("*")))
            }
            ("resetchannels", _) => {
                self.has_all_channels = false;
                Ok(RuleKind::ResetChannels)
            }
            ("alldbs", _) => Ok(RuleKind::AllDatabases),
            ("resetdbs", _) => Ok(RuleKind::ResetDatabases),
            ("allcommands", _) => Ok(everything(Effect::Allow)),
            ("nocommands", _) => Ok(everything(Effect::Deny)),
            (_, [b'~' | b'%', ..]) if self.has_all_keys => Err(Reason::PatternAfterEverything),
            (_, [b'~', ..]) => {
                Ok(RuleKind::Keys(KeyPattern::new(KeyAccess::ReadWrite, &word[1..])))
            }
            (_, [b'%', ..]) => key_permission(&word[1..]),
            (_, [b'&', ..]) if self.has_all_channels => Err(Reason::PatternAfterEverything),
            (_, [b'&', ..]) => Ok(RuleKind::Channels(ChannelPattern::new(&word[1..]))),
            (_, [b'+', ..]) => command(Effect::Allow, &lower[1..]),
            (_, [b'-', ..]) => command(Effect::Deny, &lower[1..]),
            (lower, _) => lower.strip_prefix("db=").map_or(Err(Reason::NotARule), databases),
        }
    }
}

fn everything(effect: Effect) -> RuleKind {
    RuleKind::Command(CommandRule { effect, target: Target::Everything })
}

/// Reads `R~pattern`, `W~pattern` or `RW~pattern`, in any case and order.
fn key_permission(text: &str) -> Result<RuleKind, Reason> {
    let (letters, pattern) = text.split_once('~').ok_or(Reason::KeyPermission)?;
    let access = match letters.to_ascii_uppercase().as_str() {
        "R" => KeyAccess::Read,
        "W" => KeyAccess::Write,
        "RW" | "WR" => KeyAccess::ReadWrite,
        _ => return Err(Reason::KeyPermission),
    };
    Ok(RuleKind::Keys(KeyPattern::new(access, pattern)))
}

/// Reads what follows `+` or `-`, in lower case.
fn command(effect: Effect, name: &str) -> Result<RuleKind, Reason> {
    let target = match name.strip_prefix('@') {
        Some("all") => Target::Everything,
        Some("") => return Err(Reason::CommandName),
        Some(category) => Target::Category(category.into()),
        None if name.split('|').any(str::is_empty) => return Err(Reason::CommandName),
        None if name.split('|').count() > 2 => return Err(Reason::ArgumentOfSubcommand),
        None => Target::Command(name.into()),
    };
    Ok(RuleKind::Command(CommandRule { effect, target }))
}

/// Reads the numbers behind `db=`.
fn databases(numbers: &str) -> Result<RuleKind, Reason> {
    let number = |text: &str| {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|_| digits).ok_or(Reason::DatabaseNumbers)
    };
    numbers.split(',').map(number).collect::<Result<BTreeSet<u32>, _>>().map(RuleKind::Databases)
}

#[cfg(test)]
mod tests {
    use crate::{AccessString, Reason};

    fn refused(text: &str) -> (usize, String, Reason) {
        let error = AccessString::parse(text).unwrap_err();
        (error.position, error.rule, error.reason)
    }

    #[test]
    fn a_string_is_printed_as_it_was_written() {
        let text = "on AllKeys %rw~a:* &b +GET -@Dangerous (%R~c +get ) db=0,1 clearselectors";
        assert_eq!(AccessString::parse(text).unwrap_err().reason, Reason::PatternAfterEverything);
        let text = text.replace("AllKeys ", "");
        assert_eq!(AccessString::parse(&text).unwrap().to_string(), text);
        assert_eq!(AccessString::parse("  on   ~a ").unwrap().to_string(), "on ~a");
    }

    #[test]
    fn what_elasticache_forbids_is_refused_at_its_place_without_repeating_passwords() {
        assert_eq!(refused("on >hunter2"), (3, ">…".to_owned(), Reason::Password));
        assert_eq!(refused("on (>hunter2").1, "(>…");
        assert_eq!(refused("#0123").1, "#…");
        assert_eq!(refused("on nopass ~a").2, Reason::Authentication);
        assert_eq!(refused("RESET on").2, Reason::Reset);
        assert_eq!(refused("   ").2, Reason::Empty);
        assert_eq!(refused("on\t~a").2, Reason::ControlCharacter);
    }

    #[test]
    fn what_no_engine_accepts_is_refused() {
        for (text, position, reason) in [
            ("on get", 3, Reason::NotARule),
            ("~* ~a", 3, Reason::PatternAfterEverything),
            ("allchannels &a", 12, Reason::PatternAfterEverything),
            ("%X~a", 0, Reason::KeyPermission),
            ("%RR~a", 0, Reason::KeyPermission),
            ("on (~a +get", 3, Reason::UnclosedSelector),
            ("on (~a off)", 7, Reason::NotInSelector),
            // Redis 7.0 takes this and silently forgets the `~a`.
            ("on (~a ( +get)", 7, Reason::NotInSelector),
            ("(~a\" +get)", 1, Reason::QuoteInSelector),
            ("db=0,", 0, Reason::DatabaseNumbers),
            ("db=+1", 0, Reason::DatabaseNumbers),
            ("on +", 3, Reason::CommandName),
            ("+@", 0, Reason::CommandName),
            ("+client|", 0, Reason::CommandName),
            ("+config|get|x", 0, Reason::ArgumentOfSubcommand),
        ] {
            let (found_position, _, found) = refused(text);
            assert_eq!((found_position, found), (position, reason), "{text}");
        }
    }

    #[test]
    fn patterns_in_force_are_those_after_the_last_reset_with_those_of_selectors() {
        let string =
            AccessString::parse("on ~a resetkeys ~b &x (~c) clearselectors (%R~d &y)").unwrap();
        let keys: Vec<String> = string.key_patterns().map(ToString::to_string).collect();
        let channels: Vec<String> = string.channel_patterns().map(ToString::to_string).collect();
        assert_eq!((keys.join(" "), channels.join(" ")), ("~b %R~d".into(), "&x &y".into()));
    }
}
