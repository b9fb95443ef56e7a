//! Which of a tenant's keys one of its users may use.

use std::fmt;

use super::LocalUserName;

/// A pattern inside a tenant's prefix: `sessions:*`, or `*` for all of the tenant's keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyScope {
    prefix: String,
}

impl KeyScope {
    /// The longest pattern that is accepted, in characters.
    pub const LENGTH_MAX: usize = 100;

    /// Checks a pattern.
    pub fn parse(text: &str) -> Result<Self, KeyScopeError> {
        let Some(prefix) = text.strip_suffix('*') else { return Err(KeyScopeError::NoStar) };
        let length = text.chars().count();
        if length > Self::LENGTH_MAX {
            return Err(KeyScopeError::TooLong { length });
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '-' | '_' | '.');
        if let Some((position, found)) = prefix.char_indices().find(|(_, c)| !plain(*c)) {
            return Err(KeyScopeError::BadCharacter { found, position });
        }
        if !prefix.is_empty() && !prefix.ends_with(':') {
            return Err(KeyScopeError::OpenEnd);
        }
        Ok(Self { prefix: prefix.to_owned() })
    }

    /// All keys of the tenant.
    #[must_use]
    pub fn whole() -> Self {
        Self { prefix: String::new() }
    }

    /// The keys of a user that was given none: everything under its own name, and for the main
    /// user everything.
    #[must_use]
    pub fn default_of(user: &LocalUserName) -> Self {
        if user.is_main() {
            return Self::whole();
        }
        Self { prefix: format!("{user}:") }
    }

    /// What the user's keys start with, behind the tenant's own prefix.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }
}

impl fmt::Display for KeyScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}*", self.prefix)
    }
}

/// Why a text is no pattern inside a prefix.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyScopeError {
    /// No `*` at the end.
    #[error("must end with \"*\": give a pattern such as \"sessions:*\"")]
    NoStar,
    /// The last segment is not closed, so that `a*` would also match a neighbour `ab`.
    #[error("must end with \":*\", so that no other user's prefix begins with this one's")]
    OpenEnd,
    /// A character that could have a meaning in a pattern.
    #[error(
        "holds {found:?} at byte {position}: only letters, digits, \":\", \"-\", \"_\" and \".\" \
         may stand before the \"*\""
    )]
    BadCharacter {
        /// The character.
        found: char,
        /// Where it stands, counted in bytes from 0.
        position: usize,
    },
    /// More characters than the limit.
    #[error("has {length} characters, the limit is {max}", max = KeyScope::LENGTH_MAX)]
    TooLong {
        /// How many characters were given.
        length: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_a_closed_prefix_without_glob_characters() {
        for good in ["*", "sessions:*", "a:b_c.d-e:*"] {
            assert_eq!(KeyScope::parse(good).unwrap().to_string(), good);
        }
        for (bad, why) in [
            ("sessions", KeyScopeError::NoStar),
            ("", KeyScopeError::NoStar),
            ("sessions*", KeyScopeError::OpenEnd),
            ("s?:*", KeyScopeError::BadCharacter { found: '?', position: 1 }),
            ("**", KeyScopeError::BadCharacter { found: '*', position: 0 }),
            ("a b:*", KeyScopeError::BadCharacter { found: ' ', position: 1 }),
        ] {
            assert_eq!(KeyScope::parse(bad), Err(why), "{bad}");
        }
    }

    #[test]
    fn a_user_has_the_keys_under_its_name_and_the_main_user_has_all() {
        let queue = LocalUserName::parse("queue").unwrap();
        assert_eq!(KeyScope::default_of(&queue).to_string(), "queue:*");
        assert_eq!(KeyScope::default_of(&LocalUserName::main()), KeyScope::whole());
    }
}
