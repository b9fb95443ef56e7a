//! The users of a cache, and what is said of each.

use std::sync::Arc;

use ringfence_acl::{AccessString, ParseError};

use super::reach::gives_commands;
use crate::domain::{TenantName, UserId, UserName};

/// A member of a cache's user group, as AWS shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupMember {
    /// Its id.
    pub id: UserId,
    /// What a client sends in `AUTH`.
    pub name: UserName,
    /// Its access string, as AWS rewrote it.
    pub access_string: Arc<str>,
    /// Whether anybody may log in as this user, without a password.
    pub takes_anyone: bool,
}

/// A user, and whose it is.
#[derive(Clone, Debug)]
pub struct Resident {
    /// The user.
    pub user: GroupMember,
    /// Whose it is.
    pub owner: Owner,
}

/// Whose a user is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A tenant's or a service's of this Ringfence.
    Tenant(TenantName),
    /// A break-glass session's of this Ringfence, which is meant to see everything.
    BreakGlass(TenantName),
    /// Somebody else's.
    Foreign,
}

impl Owner {
    /// The tenant, if it is one's.
    #[must_use]
    pub fn tenant(&self) -> Option<&TenantName> {
        match self {
            Self::Tenant(name) => Some(name),
            Self::BreakGlass(_) | Self::Foreign => None,
        }
    }
}

/// Whether a user can log in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It can.
    On,
    /// It cannot; a connection that was open when it was switched off goes on.
    Off,
    /// Its access string cannot be read, so that nothing can be said of it.
    Unreadable(ParseError),
}

/// A way round the key patterns that a user's commands give it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leak {
    /// The code of the finding, as in the lint: `reveals-key-names`.
    pub code: &'static str,
    /// The commands.
    pub commands: Vec<String>,
}

/// What is wrong with a `default` user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DefaultUserFinding {
    /// It is on, needs no password and has rights: whoever reaches the port has them too.
    Open,
    /// It is on, but needs a password or has no rights.
    On,
}

impl GroupMember {
    /// What is wrong with this user if it is the engine's `default` one. One whose access string
    /// cannot be read is taken for on, with rights.
    #[must_use]
    pub fn default_user_finding(&self) -> Option<DefaultUserFinding> {
        if self.name.as_str() != "default" {
            return None;
        }
        let string = AccessString::parse(&self.access_string);
        let is_on = string.as_ref().map_or(true, AccessString::is_on);
        let has_rights = string.as_ref().map_or(true, gives_commands);
        is_on.then_some(if self.takes_anyone && has_rights {
            DefaultUserFinding::Open
        } else {
            DefaultUserFinding::On
        })
    }
}

impl DefaultUserFinding {
    /// A stable name.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Open => "open-default-user",
            Self::On => "default-user-on",
        }
    }

    /// What is the matter, and what to do.
    #[must_use]
    pub fn explanation(self) -> &'static str {
        match self {
            Self::Open => {
                "the user `default` is on, needs no password and has rights: whoever reaches the \
                 port has them without a login, and so has every tenant after `RESET`, which \
                 nothing takes away; give it the access string `off -@all` and a password"
            }
            Self::On => {
                "the user `default` is on; nobody gets rights without a login yet, but one change \
                 of this user would give them to all; give it the access string `off -@all`"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(name: &str, access_string: &str, takes_anyone: bool) -> Option<DefaultUserFinding> {
        let user = GroupMember {
            id: UserId::new("some-id"),
            name: UserName::new(name.to_owned()),
            access_string: access_string.into(),
            takes_anyone,
        };
        user.default_user_finding()
    }

    #[test]
    fn only_a_default_user_that_is_on_is_told_of() {
        let (open, on) = (Some(DefaultUserFinding::Open), Some(DefaultUserFinding::On));
        assert_eq!(finding("default", "on ~* +@all", true), open);
        assert_eq!(finding("default", "on ~* +@all", false), on);
        assert_eq!(finding("default", "on ~* -@all", true), on);
        assert_eq!(finding("default", "?", true), open);
        assert_eq!(finding("default", "off ~* +@all", true), None);
        assert_eq!(finding("acme", "on ~* +@all", true), None);
    }
}
