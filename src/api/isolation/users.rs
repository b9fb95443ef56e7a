//! The users of a cache, as callers see them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{
    Assessed, Ground, GroupMember, KeyPatternTemplate, Leak, Owner, Profile, Resident, Standing,
    TenantName, UserId, UserName,
};

/// A member of a cache's user group.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GroupMember)]
pub(super) struct UserView {
    /// `UserId` in ElastiCache.
    #[schema(example = "rf-acme")]
    user_id: String,
    /// What goes first in `AUTH`; `UserName` in ElastiCache.
    #[schema(example = "acme")]
    user_name: String,
    /// The tenant or service whose user it is; absent if it is nobody's of Ringfence.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "acme")]
    tenant: Option<String>,
    /// The break-glass session whose user it is, which is meant to see everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    break_glass: Option<String>,
    state: UserStateView,
    /// Why the access string cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    unreadable_because: Option<String>,
    /// The access string, as ElastiCache shows it.
    #[schema(example = "on ~acme:* resetchannels &acme:* -@all +@string")]
    access_string: String,
    /// Whether it reaches every key.
    sees_all_keys: bool,
    /// Whether it reaches every channel.
    sees_all_channels: bool,
    /// What its commands let it do to others whatever its patterns are.
    leaks: Vec<LeakView>,
}

/// Whether a user can log in.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = GroupMemberState)]
enum UserStateView {
    /// It can.
    On,
    /// It cannot. It is not compared with others, but a connection that was open when it was
    /// switched off goes on.
    Off,
    /// Its access string cannot be read, so that nothing can be said of it.
    Unreadable,
}

/// A way round key patterns.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Leak)]
struct LeakView {
    /// The code of the finding, as `POST /acl/lint` has it.
    #[schema(example = "reveals-key-names")]
    code: &'static str,
    /// The commands.
    #[schema(example = json!(["scan", "randomkey"]))]
    commands: Vec<String>,
}

impl From<&Assessed> for UserView {
    fn from(assessed: &Assessed) -> Self {
        let Resident { user, owner } = &assessed.resident;
        let (state, unreadable_because) = match &assessed.standing {
            Standing::On => (UserStateView::On, None),
            Standing::Off => (UserStateView::Off, None),
            Standing::Unreadable(error) => (UserStateView::Unreadable, Some(error.to_string())),
        };
        Self {
            user_id: user.id.to_string(),
            user_name: user.name.to_string(),
            tenant: owner.tenant().map(ToString::to_string),
            break_glass: match owner {
                Owner::BreakGlass(name) => Some(name.to_string()),
                Owner::Tenant(_) | Owner::Foreign => None,
            },
            state,
            unreadable_because,
            access_string: user.access_string.to_string(),
            sees_all_keys: assessed.sees_all_keys,
            sees_all_channels: assessed.sees_all_channels,
            leaks: assessed.leaks.iter().map(LeakView::from).collect(),
        }
    }
}

impl From<&Leak> for LeakView {
    fn from(leak: &Leak) -> Self {
        Self { code: leak.code, commands: leak.commands.clone() }
    }
}

/// A tenant's user and one that sees everything, for the API document.
pub(super) fn examples(ground: &Ground) -> Vec<Resident> {
    let user = |id: &str, name: &str, access_string: String| GroupMember {
        id: UserId::new(id),
        name: UserName::new(name.to_owned()),
        access_string: access_string.into(),
        takes_anyone: false,
    };
    let acme = TenantName::parse("acme").expect("this is a name");
    let pattern = KeyPatternTemplate::Colon.pattern(&acme);
    let fenced = Profile::default().access_string(&pattern, ground);
    let reader = "on ~* resetchannels -@all +get".to_owned();
    vec![
        Resident { user: user("batch-jobs", "batch", reader), owner: Owner::Foreign },
        Resident { user: user("rf-acme", "acme", fenced), owner: Owner::Tenant(acme) },
    ]
}
