//! What all users and all user groups are, listed once for all who want to know.
//!
//! AWS lists the users of an account and Region, a hundred to a page, and not those of one cache. So
//! whoever wants to know asks for a listing that is new enough, and shares it.

use std::{collections::BTreeMap, sync::Arc};

use tokio::time::Instant;

use super::{Cloud, CloudError, GroupReport, UserReport, single_flight::SingleFlight};
use crate::domain::UserId;

/// All users of one account and Region, as one listing showed them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserListing {
    /// What was changed before is in it.
    pub began: Instant,
    /// The users.
    pub users: BTreeMap<UserId, UserReport>,
}

/// All user groups of one account and Region, as one listing showed them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupListing {
    /// What was changed before is in it.
    pub began: Instant,
    /// The groups by their ids, which AWS keeps in lower case.
    pub groups: BTreeMap<String, GroupReport>,
}

/// The listings of one set of clients. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Listings {
    users: SingleFlight<UserListing>,
    groups: SingleFlight<GroupListing>,
}

impl UserListing {
    /// A user, if it was shown.
    #[must_use]
    pub fn get(&self, id: &UserId) -> Option<&UserReport> {
        self.users.get(id)
    }
}

impl Default for Listings {
    fn default() -> Self {
        Self {
            users: SingleFlight::new("DescribeUsers"),
            groups: SingleFlight::new("DescribeUserGroups"),
        }
    }
}

impl Cloud {
    /// A listing of all users that began at `not_before` or later. All who ask while there is one,
    /// or one is under way, share it.
    pub async fn users_since(&self, not_before: Instant) -> Result<Arc<UserListing>, CloudError> {
        let list = |began, latest: Option<Arc<UserListing>>| {
            let cloud = self.clone();
            async move {
                let users = cloud.list_users(latest.as_deref()).await?;
                Ok(UserListing { began, users })
            }
        };
        self.listings.users.since(not_before, list).await
    }

    /// A listing of all user groups that began at `not_before` or later, shared like that of the
    /// users.
    pub async fn groups_since(&self, not_before: Instant) -> Result<Arc<GroupListing>, CloudError> {
        let list = |began, _latest| {
            let cloud = self.clone();
            async move { Ok(GroupListing { began, groups: cloud.list_groups().await? }) }
        };
        self.listings.groups.since(not_before, list).await
    }
}
