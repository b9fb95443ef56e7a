//! Names of resources. ElastiCache stores them all in lower case.

use std::borrow::Borrow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::refusal::Refusal;

/// Makes a type for the names of one kind of resource.
macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $parameter:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub(crate) struct $name(String);

        impl $name {
            pub(crate) fn parse(text: &str) -> Result<Self, Refusal> {
                parse(text).map(Self).ok_or_else(|| {
                    Refusal::value(format!(
                        "The parameter {} must start with a letter and hold letters, digits and \
                         hyphens only.",
                        $parameter
                    ))
                })
            }

            pub(crate) fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name!(
    /// The id of a user. Its name, which clients log in with, is another thing.
    UserId,
    "UserId"
);
name!(
    /// The id of a user group.
    UserGroupId,
    "UserGroupId"
);
name!(
    /// The id of a replication group.
    ReplicationGroupId,
    "ReplicationGroupId"
);

impl UserId {
    /// The user that every account has from the start and that cannot be changed.
    pub(crate) fn stock_default() -> Self {
        Self("default".to_owned())
    }
}

fn parse(text: &str) -> Option<String> {
    let good = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    good.then(|| text.to_ascii_lowercase())
}
