//! The rules for attaching a user group to a cache: it must be active, the cache must [encrypt in
//! transit][tls], and a cache of the older engine does not take a group of the newer one.
//!
//! [tls]: https://github.com/hashicorp/terraform-provider-aws/issues/42966

use crate::elasticache::ElastiCache;
use crate::elasticache::engine_type::EngineType;
use crate::elasticache::names::UserGroupId;
use crate::elasticache::refusal::Refusal;

/// What the cache is, or is to be.
pub(super) struct Cache {
    pub(super) engine: EngineType,
    pub(super) transit_encryption: bool,
}

pub(super) fn check(
    state: &ElastiCache,
    group: &UserGroupId,
    cache: &Cache,
) -> Result<(), Refusal> {
    let group = state.group(group)?;
    group.require_active()?;
    if !cache.transit_encryption {
        return Err(Refusal::combination(
            "User group based access control requires encryption-in-transit to be enabled on the \
             replication group.",
        ));
    }
    if (group.engine, cache.engine) == (EngineType::Valkey, EngineType::Redis) {
        return Err(Refusal::combination(format!(
            "Valkey user group {} cannot be used with a Redis OSS replication group.",
            group.id
        )));
    }
    Ok(())
}

/// The API takes a list of groups, and the service takes one.
pub(super) fn single(ids: &[&str]) -> Result<Option<UserGroupId>, Refusal> {
    match ids {
        [] => Ok(None),
        [id] => UserGroupId::parse(id).map(Some),
        _ => Err(Refusal::value("Only one user group can be associated with a replication group.")),
    }
}
