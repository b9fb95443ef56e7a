//! Which keys and channels one user reaches.

use ringfence_acl::{AccessString, Effect, Glob, Rule, RuleKind};

use super::{Assessed, GroupMember, Leak, Place, Resident, Standing, abilities::Abilities};

/// What one user reaches.
pub(super) struct Reach {
    standing: Standing,
    keys: Patterns,
    channels: Patterns,
    leaks: Vec<Leak>,
}

/// A pattern, and the rule that says so.
pub(super) struct Pattern {
    pub(super) glob: Glob,
    pub(super) rule: String,
}

/// The patterns of a user at one place.
#[derive(Default)]
pub(super) struct Patterns {
    /// The one that matches everything, if one does; then the others do not matter.
    pub(super) everything: Option<Pattern>,
    /// The patterns, if none matches everything.
    pub(super) some: Vec<Pattern>,
}

impl Reach {
    pub(super) fn of(user: &GroupMember, abilities: &mut Abilities) -> Self {
        let string = match AccessString::parse(&user.access_string) {
            Ok(string) => string.canonical(),
            Err(error) => return Self::nothing(Standing::Unreadable(error)),
        };
        if !string.is_on() {
            return Self::nothing(Standing::Off);
        }
        if !gives_commands(&string) {
            return Self::nothing(Standing::On);
        }
        let ability = abilities.of(&string);
        let keys = string.key_patterns().map(|pattern| Pattern::new(pattern.glob(), pattern));
        let keys = Patterns::of(keys.collect());
        let channels = if ability.uses_channels { channels(&string) } else { Patterns::default() };
        Self { standing: Standing::On, keys, channels, leaks: ability.leaks }
    }

    fn nothing(standing: Standing) -> Self {
        let (keys, channels) = (Patterns::default(), Patterns::default());
        Self { standing, keys, channels, leaks: Vec::new() }
    }

    pub(super) fn at(&self, place: Place) -> &Patterns {
        match place {
            Place::Key => &self.keys,
            Place::Channel => &self.channels,
        }
    }

    pub(super) fn assess(self, resident: Resident) -> Assessed {
        Assessed {
            default_user: resident.user.default_user_finding(),
            resident,
            standing: self.standing,
            sees_all_keys: self.keys.everything.is_some(),
            sees_all_channels: self.channels.everything.is_some(),
            leaks: self.leaks,
        }
    }
}

impl Pattern {
    fn new(glob: &Glob, rule: &impl ToString) -> Self {
        Self { glob: glob.clone(), rule: rule.to_string() }
    }
}

impl Patterns {
    fn of(mut some: Vec<Pattern>) -> Self {
        let every = Glob::parse(b"*");
        let is_everything = |glob: &Glob| glob.literal_prefix().is_empty() && glob.includes(&every);
        match some.iter().position(|pattern| is_everything(&pattern.glob)) {
            Some(index) => Self { everything: Some(some.swap_remove(index)), some: Vec::new() },
            None => Self { everything: None, some },
        }
    }
}

/// The channels of a canonical string. Without a rule about them a user has all: that is what
/// `acl-pubsub-default` is on `ElastiCache` unless it was changed.
fn channels(canonical: &AccessString) -> Patterns {
    let is_closed = |rules: &[Rule]| {
        let about =
            |kind: &RuleKind| matches!(kind, RuleKind::Channels(_) | RuleKind::ResetChannels);
        rules.iter().any(|rule| about(rule.kind()))
    };
    let selectors_are_closed = canonical.rules().iter().all(|rule| match rule.kind() {
        RuleKind::Selector(rules) => is_closed(rules),
        _ => true,
    });
    if !is_closed(canonical.rules()) || !selectors_are_closed {
        let everything = Some(Pattern::new(&Glob::everything(), &"acl-pubsub-default"));
        return Patterns { everything, some: Vec::new() };
    }
    let patterns = canonical.channel_patterns();
    Patterns::of(patterns.map(|pattern| Pattern::new(pattern.glob(), pattern)).collect())
}

/// Whether any rule gives a command, be it one.
pub(super) fn gives_commands(string: &AccessString) -> bool {
    fn any_grant(rules: &[Rule]) -> bool {
        rules.iter().any(|rule| match rule.kind() {
            RuleKind::Command(command) => command.effect == Effect::Allow,
            RuleKind::Selector(rules) => any_grant(rules),
            _ => false,
        })
    }
    any_grant(string.canonical().rules())
}
