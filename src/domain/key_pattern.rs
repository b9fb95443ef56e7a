//! Which keys and channels a tenant may use.

use std::{fmt, str::FromStr};

use ringfence_acl::Glob;

use super::{KeyScope, TenantName};

/// How a tenant's key pattern is made from its name; one for the whole installation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyPatternTemplate {
    /// `{tenant}:*`. A name cannot hold a `:`, so two tenants' prefixes are disjoint by
    /// construction.
    #[default]
    Colon,
    /// `{tenant}-*`, the shape that existing fleets use. `acme-*` and `acme-eu-*` share keys, so
    /// those two tenants cannot live in one cache.
    Hyphen,
}

impl KeyPatternTemplate {
    /// The tenant's pattern under this template.
    #[must_use]
    pub fn pattern(self, tenant: &TenantName) -> KeyPattern {
        let separator = match self {
            Self::Colon => ':',
            Self::Hyphen => '-',
        };
        KeyPattern { prefix: format!("{tenant}{separator}") }
    }

    /// The template as it stands in the configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Colon => "{tenant}:*",
            Self::Hyphen => "{tenant}-*",
        }
    }
}

impl FromStr for KeyPatternTemplate {
    type Err = UnknownTemplate;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Colon, Self::Hyphen]
            .into_iter()
            .find(|template| template.as_str() == text)
            .ok_or_else(|| UnknownTemplate { found: text.to_owned() })
    }
}

/// The configured text is none of the templates.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is no key pattern template: use \"{{tenant}}:*\" or \"{{tenant}}-*\"")]
pub struct UnknownTemplate {
    found: String,
}

/// The keys of one tenant or of one of its users: everything that starts with a prefix. The
/// channels have the same pattern.
///
/// The prefix holds no glob character, because what it is made of holds none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyPattern {
    prefix: String,
}

impl KeyPattern {
    /// Reads back a stored pattern.
    #[must_use]
    pub fn from_stored(text: &str) -> Option<Self> {
        let prefix = text.strip_suffix('*')?;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '-' | '_' | '.');
        prefix.chars().all(plain).then(|| Self { prefix: prefix.to_owned() })
    }

    /// Every key there is: for break-glass sessions only.
    #[must_use]
    pub fn everything() -> Self {
        Self { prefix: String::new() }
    }

    /// Stands for anybody's keys where only the rules about commands matter.
    pub(super) fn placeholder() -> Self {
        Self { prefix: "{keys}".to_owned() }
    }

    /// The part of these keys that a user with this scope may use.
    #[must_use]
    pub fn within(&self, scope: &KeyScope) -> Self {
        Self { prefix: format!("{}{}", self.prefix, scope.prefix()) }
    }

    /// What every key starts with.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// A key that both patterns match, if there is one.
    #[must_use]
    pub fn shared_key(&self, other: &Self) -> Option<String> {
        let witness = self.glob().intersection(&other.glob())?;
        Some(String::from_utf8_lossy(&witness).into_owned())
    }

    /// Whether all these keys are among the other's.
    #[must_use]
    pub fn is_within(&self, other: &Self) -> bool {
        self.prefix.starts_with(&other.prefix)
    }

    fn glob(&self) -> Glob {
        Glob::parse(self.to_string().as_bytes())
    }
}

impl fmt::Display for KeyPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}*", self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pattern(template: KeyPatternTemplate, name: &str) -> KeyPattern {
        template.pattern(&TenantName::parse(name).unwrap())
    }

    #[test]
    fn hyphen_patterns_of_nested_names_share_a_key() {
        let (acme, eu) = (
            pattern(KeyPatternTemplate::Hyphen, "acme"),
            pattern(KeyPatternTemplate::Hyphen, "acme-eu"),
        );
        let witness = acme.shared_key(&eu).unwrap();
        assert!(witness.starts_with("acme-eu-"), "{witness}");
        assert_eq!(eu.shared_key(&acme).is_some(), acme.shared_key(&eu).is_some());
    }

    #[test]
    fn a_stored_pattern_reads_back_and_a_wild_one_does_not() {
        let acme = pattern(KeyPatternTemplate::Colon, "acme");
        assert_eq!(KeyPattern::from_stored(&acme.to_string()), Some(acme));
        assert_eq!(KeyPattern::from_stored("*"), Some(KeyPattern::everything()));
        for bad in ["", "acme:", "a?:*", "a*:*"] {
            assert_eq!(KeyPattern::from_stored(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_users_keys_are_a_part_of_its_tenants() {
        let acme = pattern(KeyPatternTemplate::Hyphen, "acme");
        let scope = KeyScope::parse("sessions:*").unwrap();
        assert_eq!(acme.within(&scope).to_string(), "acme-sessions:*");
        assert_eq!(acme.within(&KeyScope::whole()), acme);
    }

    proptest! {
        #[test]
        fn colon_patterns_of_different_names_are_disjoint(
            one in "[a-b][a-b0]{0,2}(-[a-b0]{1,2}){0,2}",
            other in "[a-b][a-b0]{0,2}(-[a-b0]{1,2}){0,2}",
        ) {
            let shared = pattern(KeyPatternTemplate::Colon, &one)
                .shared_key(&pattern(KeyPatternTemplate::Colon, &other));
            prop_assert_eq!(shared.is_some(), one == other);
        }

        #[test]
        fn hyphen_patterns_meet_exactly_when_one_prefix_begins_the_other(
            one in "[a-b][a-b0]{0,2}(-[a-b0]{1,2}){0,2}",
            other in "[a-b][a-b0]{0,2}(-[a-b0]{1,2}){0,2}",
        ) {
            let (a, b) = (
                pattern(KeyPatternTemplate::Hyphen, &one),
                pattern(KeyPatternTemplate::Hyphen, &other),
            );
            let nested = a.prefix().starts_with(b.prefix()) || b.prefix().starts_with(a.prefix());
            prop_assert_eq!(a.shared_key(&b).is_some(), nested);
        }
    }
}
