//! What the last look at a cache showed, for those who ask.

use std::{collections::BTreeSet, sync::Arc};

use jiff::Timestamp;

use crate::domain::{CacheNodes, Endpoint, Ground, GroupMember, UserName};

/// What is known of a cache.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CacheView {
    /// The last look that succeeded.
    pub observed: Option<ObservedCache>,
    /// Why the last look failed, if it did.
    pub failure: Option<String>,
}

/// What AWS showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedCache {
    /// When.
    pub at: Timestamp,
    /// AWS's word for the state of the user group.
    pub group_status: String,
    /// How many users the group holds, whosever they are.
    pub member_count: usize,
    /// How many members are not tenants', their names known or not.
    pub foreign_members: u32,
    /// The names of members that are not tenants'; no tenant can have one of them.
    pub foreign_user_names: BTreeSet<UserName>,
    /// Where the cache takes connections.
    pub endpoint: Endpoint,
    /// What is known of the nodes behind that.
    pub nodes: CacheNodes,
    /// What it runs, and how.
    pub ground: Ground,
    /// The members of the group whose users AWS showed, in the order of their ids. Shared, because
    /// a view is copied for whoever asks.
    pub members: Arc<[GroupMember]>,
}
