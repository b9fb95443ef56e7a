//! What to do where AWS's own behaviour is not known.

use serde::{Deserialize, Serialize};

/// What to do where AWS's own behaviour is not documented and was not observed.
///
/// Each default is the harsher possibility, so that a client which gets along with the simulator
/// gets along with AWS whichever way AWS turns out to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is an independent switch, read by name")]
pub struct Behaviour {
    /// Refuse passwords with `,` `"` `/` or `@`, as the documentation says.
    pub refuse_banned_password_characters: bool,
    /// `ModifyUserGroup` refuses to add a user that is already a member.
    pub refuse_existing_members: bool,
    /// `CreateUserGroup` and `ModifyUserGroup` refuse a listed user that is not active.
    pub refuse_busy_users: bool,
    /// A change of a user keeps the groups it is in `modifying` until it is done.
    pub user_change_locks_groups: bool,
    /// The engine parameter `acl-pubsub-default`: what a user without channel rules may reach.
    /// Engines learn of a change with the next change of a user, group or cache.
    pub acl_pubsub_default: PubsubDefault,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            refuse_banned_password_characters: true,
            refuse_existing_members: true,
            refuse_busy_users: true,
            user_change_locks_groups: true,
            acl_pubsub_default: PubsubDefault::AllChannels,
        }
    }
}

/// Which channels a user may reach whose access string says nothing about channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PubsubDefault {
    /// Every channel: ElastiCache's default.
    AllChannels,
    /// None: the engines' own default since Redis 7.
    ResetChannels,
}

impl PubsubDefault {
    pub(crate) const fn rule(self) -> &'static str {
        match self {
            Self::AllChannels => "allchannels",
            Self::ResetChannels => "resetchannels",
        }
    }
}
