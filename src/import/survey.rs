//! What is in AWS: only read.

use std::collections::BTreeMap;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use tokio::time::Instant;
use tracing::warn;

use super::{ImportRequest, patience::patiently};
use crate::{
    cloud::{Cloud, CloudError, CloudErrorKind, GroupReport, OwnershipTags, UserReport},
    config::{CacheConfig, Config},
    domain::{Auth, Claim, FoundUser, InstallationId, UserId, UserState},
    reconcile::CacheFacts,
};

/// So many users are asked for their tags at once; the pace is the gate's.
const AT_ONCE: usize = 16;

/// What was found of one cache.
pub(super) struct Surveyed<'a> {
    pub(super) cache: &'a CacheConfig,
    pub(super) cloud: &'a Cloud,
    pub(super) facts: CacheFacts,
    pub(super) group: GroupReport,
    users: Vec<(FoundUser, Option<InstallationId>)>,
}

/// Looks at the members of a cache's group, and at users that are named as ours are and in no group.
pub(super) async fn survey<'a>(
    cloud: &'a Cloud,
    config: &Config,
    cache: &'a CacheConfig,
    request: &ImportRequest,
) -> Result<Surveyed<'a>, CloudError> {
    let facts = patiently(|| CacheFacts::read(cloud, cache)).await?;
    let groups = patiently(|| cloud.groups_since(Instant::now())).await?;
    let group = match groups.groups.get(&cache.user_group) {
        Some(group) => group.clone(),
        None => cloud.user_group(&cache.user_group).await?,
    };
    let listing = patiently(|| cloud.users_since(Instant::now())).await?;
    let is_member = |user: &UserReport| {
        group.view.members.contains(&user.id) || group.view.pending_adds.contains(&user.id)
    };
    // Nothing tells the cache of a user that is in no group, unless there is only one.
    let takes_strays = config.caches.len() == 1 || request.cache.is_some();
    let is_stray = |user: &UserReport| {
        let members = |group: &GroupReport| group.view.members.contains(&user.id);
        takes_strays
            && user.id.as_str().starts_with(&config.user_id_prefix)
            && !groups.groups.values().any(members)
    };
    let found = listing.users.values().filter(|user| is_member(user) || is_stray(user));
    let claims = Claims { cloud, request, user_id_prefix: &config.user_id_prefix };
    let claimed = stream::iter(found.map(|user| claims.claim(user))).buffered(AT_ONCE);
    let claimed: Vec<_> = claimed.try_collect().await?;
    let users =
        claimed.into_iter().flatten().map(|Claimed { user, state, claim, installation }| {
            let found = FoundUser {
                user_id: user.id.clone(),
                user_name: user.name.clone(),
                access_string: user.access_string.clone(),
                auth: auth(user),
                state,
                is_member: is_member(user),
                claim,
            };
            (found, installation)
        });
    let users = users.collect();
    Ok(Surveyed { cache, cloud, facts, group, users })
}

impl Surveyed<'_> {
    /// All users of each tenant.
    pub(super) fn by_tenant(&self) -> BTreeMap<String, Vec<FoundUser>> {
        let mut tenants: BTreeMap<String, Vec<FoundUser>> = BTreeMap::new();
        for (user, _) in &self.users {
            tenants.entry(user.claim.tenant().to_owned()).or_default().push(user.clone());
        }
        tenants
    }

    /// Whose tags were found.
    pub(super) fn installations(&self) -> impl Iterator<Item = &InstallationId> {
        self.users.iter().filter_map(|(_, installation)| installation.as_ref())
    }

    /// Whose tags the users of one tenant carry.
    pub(super) fn installations_of(&self, tenant: &str) -> impl Iterator<Item = &InstallationId> {
        let its = self.users.iter().filter(move |(user, _)| user.claim.tenant() == tenant);
        its.filter_map(|(_, installation)| installation.as_ref())
    }

    /// Whether a user with this `UserName` was found that is this tenant's.
    pub(super) fn has_user(&self, tenant: &str, user_name: &str) -> bool {
        let mut users = self.users.iter().map(|(user, _)| user);
        users.any(|user| user.user_name.as_str() == user_name && user.claim.tenant() == tenant)
    }

    /// A user by its id.
    pub(super) fn user(&self, id: &UserId) -> Option<&FoundUser> {
        self.users.iter().map(|(user, _)| user).find(|user| user.user_id == *id)
    }
}

/// A user that is a tenant's, or may be.
struct Claimed<'a> {
    user: &'a UserReport,
    state: UserState,
    claim: Claim,
    installation: Option<InstallationId>,
}

/// What tells whose a user is.
struct Claims<'a> {
    cloud: &'a Cloud,
    request: &'a ImportRequest,
    user_id_prefix: &'a str,
}

impl Claims<'_> {
    /// Whose a user is, by its tags or else by its name.
    ///
    /// Ringfence need not be allowed to read the tags of users that are not its own, and such a user is
    /// none of ours then. But who is denied those of its own has the wrong credentials.
    async fn claim<'u>(&self, user: &'u UserReport) -> Result<Option<Claimed<'u>>, CloudError> {
        let named = self.by_name(user);
        let tags = match patiently(|| self.cloud.user_tags(&user.arn)).await {
            Ok(tags) => tags,
            Err(error) if error.kind == CloudErrorKind::Denied && named.is_none() => {
                warn!(user.id = %user.id, %error, "its tags cannot be read: it is taken for somebody else's");
                return Ok(None);
            }
            // AWS is at work on it for longer than anybody waits.
            Err(error) if error.kind == CloudErrorKind::NotFound => {
                let state = UserState::Changing;
                return Ok(named.map(|claim| Claimed { user, state, claim, installation: None }));
            }
            Err(error) => return Err(error),
        };
        let state = user.state;
        if let Some(tags) = OwnershipTags::read(&tags) {
            let claim =
                Claim::Tags { tenant: tags.tenant().clone(), life: tags.life(), tier: tags.tier() };
            let installation = Some(tags.installation().clone());
            return Ok(Some(Claimed { user, state, claim, installation }));
        }
        let claim = named.filter(|_| self.fits_a_template(user).is_some());
        Ok(claim.map(|claim| Claimed { user, state, claim, installation: None }))
    }

    /// Whose a user is if its tags cannot be read: as another tool has named it, or as we do.
    fn by_name(&self, user: &UserReport) -> Option<Claim> {
        let ours = || {
            let is_ours = user.id.as_str().starts_with(self.user_id_prefix);
            let name = user.name.as_str();
            is_ours.then(|| name.split_once("--").map_or(name, |(tenant, _)| tenant))
        };
        let tenant = self.fits_a_template(user).or_else(ours)?.to_owned();
        Some(Claim::Name { tenant })
    }

    fn fits_a_template<'u>(&self, user: &'u UserReport) -> Option<&'u str> {
        self.request.names.iter().find_map(|template| {
            let name = template.tenant_in(user.name.as_str());
            name.or_else(|| template.tenant_in(user.id.as_str()))
        })
    }
}

/// AWS tells the number of passwords of those that have some.
fn auth(user: &UserReport) -> Option<Auth> {
    match (user.takes_anyone, user.passwords) {
        (true, _) => None,
        (false, None | Some(0)) => Some(Auth::Iam),
        (false, Some(_)) => Some(Auth::Password),
    }
}
