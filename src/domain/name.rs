//! Names that callers and operators choose.

use std::{fmt, str::FromStr};

/// Defines a name that is made of lower-case words, with the most characters that it may have and the
/// words that are no such name.
macro_rules! word_name {
    ($(#[$doc:meta])+ $name:ident, at most $max:literal, not $reserved:expr) => {
        $(#[$doc])+
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The longest name that is accepted, in characters.
            pub const LENGTH_MAX: usize = $max;

            /// Checks a name.
            pub fn parse(text: &str) -> Result<Self, NameError> {
                check_words(text, Self::LENGTH_MAX)?;
                let reserved: &[&str] = &$reserved;
                if reserved.contains(&text) {
                    return Err(NameError::Reserved { name: text.to_owned() });
                }
                Ok(Self(text.to_owned()))
            }

            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

word_name! {
    /// A tenant's name: `^[a-z][a-z0-9]*(-[a-z0-9]+)*$`, at most 40 characters.
    ///
    /// It is the tenant's `UserName`, a part of its `UserId` and of its key prefix. It cannot hold a
    /// `:`, which ends the prefix, nor a glob character, nor `--`, which separates further users.
    TenantName, at most 40, not ["default"]
}

impl TenantName {
    /// The name that no tenant can have: attestations reach for keys that would be this tenant's,
    /// to see that they cannot.
    #[must_use]
    pub fn canary() -> Self {
        Self("ringfence-canary".to_owned())
    }
}

word_name! {
    /// The name of a configured cache; the same rule as for tenants, at most 40 characters.
    CacheName, at most 40, not []
}

word_name! {
    /// The name of an access profile; the same rule as for tenants, at most 40 characters.
    ProfileName, at most 40, not []
}

impl Default for ProfileName {
    /// The profile of a tenant that asks for none.
    fn default() -> Self {
        Self("read-write".to_owned())
    }
}

word_name! {
    /// A user's name within its tenant; the same rule as for tenants, at most 24 characters.
    ///
    /// A tenant's first user is called `main`. The others are told apart by what they are for:
    /// `sessions`, `queue`, `metrics`.
    LocalUserName, at most 24, not []
}

impl LocalUserName {
    /// The name of the user that every tenant has.
    pub const MAIN: &str = "main";

    /// The user that every tenant has.
    #[must_use]
    pub fn main() -> Self {
        Self(Self::MAIN.to_owned())
    }

    /// The user by which Ringfence removes a tenant's keys when all others are gone.
    #[must_use]
    pub fn purge() -> Self {
        Self("purge".to_owned())
    }

    /// Whether it is the user that every tenant has.
    #[must_use]
    pub fn is_main(&self) -> bool {
        self.0 == Self::MAIN
    }
}

word_name! {
    /// The name of a bearer token, which says what it is for (`signup`, `dashboard`); the same rule as for
    /// tenants, at most 40 characters.
    TokenName, at most 40, not []
}

/// Why a text is not a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing was given.
    #[error("is empty: give 1 to {max} characters")]
    Empty {
        /// The longest name that is accepted.
        max: usize,
    },
    /// More characters than the limit.
    #[error("has {length} characters, the limit is {max}: choose a shorter name")]
    TooLong {
        /// How many characters were given.
        length: usize,
        /// The longest name that is accepted.
        max: usize,
    },
    /// The first character is not a lower-case letter.
    #[error("must start with a lower-case letter (a to z)")]
    BadStart,
    /// A character outside `a-z`, `0-9` and `-`.
    #[error(
        "holds {found:?} at byte {position}: only a to z, 0 to 9 and single hyphens are allowed"
    )]
    BadCharacter {
        /// The character.
        found: char,
        /// Where it stands, counted in bytes from 0.
        position: usize,
    },
    /// `--`, or a hyphen at the end.
    #[error("holds a hyphen at byte {position} that no letter or digit follows")]
    LooseHyphen {
        /// Where it stands, counted in bytes from 0.
        position: usize,
    },
    /// A name that the engine or Ringfence keeps for itself.
    #[error("{name:?} is reserved: choose another name")]
    Reserved {
        /// The name.
        name: String,
    },
}

/// Lower-case words joined by single hyphens, the first starting with a letter.
fn check_words(text: &str, max: usize) -> Result<(), NameError> {
    if text.is_empty() {
        return Err(NameError::Empty { max });
    }
    let length = text.chars().count();
    if length > max {
        return Err(NameError::TooLong { length, max });
    }
    if !text.starts_with(|c: char| c.is_ascii_lowercase()) {
        return Err(NameError::BadStart);
    }
    let bad = |c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if let Some((position, found)) = text.char_indices().find(|(_, c)| bad(*c)) {
        return Err(NameError::BadCharacter { found, position });
    }
    let bytes = text.as_bytes();
    let loose = |i: &usize| bytes[*i] == b'-' && bytes.get(i + 1).is_none_or(|next| *next == b'-');
    if let Some(position) = (0..bytes.len()).find(loose) {
        return Err(NameError::LooseHyphen { position });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_of_words_and_single_hyphens_are_accepted() {
        for name in ["a", "acme", "acme-eu", "a1", "a-1", "tenant-5-1", &"a".repeat(40)] {
            assert_eq!(TenantName::parse(name).unwrap().as_str(), name);
        }
    }

    #[test]
    fn names_differ_in_their_length_and_in_what_is_reserved() {
        let long = |length| "a".repeat(length);
        assert!(CacheName::parse(&long(40)).is_ok() && CacheName::parse(&long(41)).is_err());
        assert!(ProfileName::parse(&long(40)).is_ok() && ProfileName::parse(&long(41)).is_err());
        assert!(
            LocalUserName::parse(&long(24)).is_ok() && LocalUserName::parse(&long(25)).is_err()
        );
        let is_reserved = [
            TenantName::parse("default").is_err(),
            CacheName::parse("default").is_err(),
            ProfileName::parse("default").is_err(),
            LocalUserName::parse("default").is_err(),
        ];
        assert_eq!(is_reserved, [true, false, false, false]);
    }

    #[test]
    fn the_canary_is_named_as_a_tenant_could_be() {
        let canary = TenantName::canary();
        assert_eq!(TenantName::parse(canary.as_str()), Ok(canary));
    }

    #[test]
    fn everything_else_is_refused_with_its_reason() {
        let bad = [
            ("", NameError::Empty { max: 40 }),
            ("Acme", NameError::BadStart),
            ("1a", NameError::BadStart),
            ("-a", NameError::BadStart),
            ("a--b", NameError::LooseHyphen { position: 1 }),
            ("a-", NameError::LooseHyphen { position: 1 }),
            ("a:b", NameError::BadCharacter { found: ':', position: 1 }),
            ("a*", NameError::BadCharacter { found: '*', position: 1 }),
            ("caf\u{e9}", NameError::BadCharacter { found: '\u{e9}', position: 3 }),
            ("default", NameError::Reserved { name: "default".to_owned() }),
        ];
        for (name, error) in bad {
            assert_eq!(TenantName::parse(name), Err(error), "{name}");
        }
        assert!(matches!(
            TenantName::parse(&"a".repeat(41)),
            Err(NameError::TooLong { length: 41, max: 40 })
        ));
    }

    proptest! {
        #[test]
        fn the_grammar_of_the_contract_and_the_parser_agree(text in "[a-c0-1:*-]{0,8}|[a-z][a-z0-9]{0,3}(-[a-z0-9]{1,3}){0,3}") {
            let words = text.split('-').all(|word| {
                !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            });
            let expected = words && text.starts_with(|c: char| c.is_ascii_lowercase());
            prop_assert_eq!(TenantName::parse(&text).is_ok(), expected);
        }
    }
}
