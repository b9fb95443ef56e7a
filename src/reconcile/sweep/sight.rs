//! What is looked at once for all caches of a place.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::time::Instant;
use tracing::warn;

use super::{SweepError, SweepTools, place::Depth, secret_prints::SecretPrints};
use crate::{
    cloud::{Cloud, GroupListing, UserListing},
    domain::{SecretName, Urgency},
};

/// The most secrets without a row that are asked about in one sweep.
const STRANGERS_MAX: usize = 1_000;

/// What AWS showed of a place.
pub(super) struct Sight {
    /// When it was looked at, by the clock that rows are written by.
    pub(super) at: Timestamp,
    pub(super) users: Arc<UserListing>,
    pub(super) groups: Arc<GroupListing>,
    /// `None` if they were not looked at.
    pub(super) secrets: Option<SecretsSeen>,
}

pub(super) struct SecretsSeen {
    pub(super) prints: SecretPrints,
    /// Secrets under our prefix that are no living user's.
    pub(super) strangers: Vec<SecretName>,
}

impl Sight {
    /// Looks. The groups come first: a user that joins in between is then seen as not yet a member,
    /// never as a member without a user. Sign-ups may share the listings, so these are not kept
    /// waiting.
    pub(super) async fn take(
        tools: &SweepTools,
        cloud: &Cloud,
        depth: Depth,
    ) -> Result<Self, SweepError> {
        let (at, began) = (tools.clock.now(), Instant::now());
        let shared = cloud.at(Urgency::Urgent);
        let groups = shared.groups_since(began).await?;
        let users = shared.users_since(began).await?;
        let secrets = match depth {
            Depth::Users => None,
            Depth::Everything => match SecretsSeen::take(tools, cloud).await {
                Ok(seen) => Some(seen),
                // Users can be looked at all the same.
                Err(SweepError::Cloud(error)) if error.is_permanent() => {
                    warn!(%error, "secrets cannot be listed, and are not compared");
                    None
                }
                Err(error) => return Err(error),
            },
        };
        Ok(Self { at, users, groups, secrets })
    }
}

impl SecretsSeen {
    async fn take(tools: &SweepTools, cloud: &Cloud) -> Result<Self, SweepError> {
        let mut seen = Self { prints: SecretPrints::default(), strangers: Vec::new() };
        let mut next: Option<String> = None;
        loop {
            let page = cloud.secrets_page(&tools.naming.secret_prefix, next.as_deref()).await?;
            for (name, shown) in &page.secrets {
                seen.prints.keep(name, shown);
            }
            // Those of deleted tenants lie in their recovery windows.
            let living = page.secrets.iter().filter(|(_, shown)| !shown.is_scheduled_for_deletion);
            let unknown = tools.store.unknown_secrets(living.map(|(name, _)| name)).await?;
            let room = STRANGERS_MAX - seen.strangers.len();
            seen.strangers.extend(unknown.into_iter().take(room));
            match page.next {
                Some(page) => next = Some(page),
                None => return Ok(seen),
            }
        }
    }
}
