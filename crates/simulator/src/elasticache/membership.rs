//! Who may be together in a group.
//!
//! The rules are those of [the page on access control][rbac], under "RBAC with Valkey": groups of the Redis engine need a user named
//! `default` and take only Redis users; groups of the Valkey engine need none and take both, as
//! long as nobody gets in without proof.
//!
//! [rbac]: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html

use std::collections::BTreeSet;

use super::authentication::Authentication;
use super::engine_type::EngineType;
use super::refusal::Refusal;
use super::user::User;
use crate::knobs::Quotas;

/// Judges a membership as it would be after a change.
pub(crate) fn check(engine: EngineType, members: &[&User], quotas: &Quotas) -> Result<(), Refusal> {
    let mut names = BTreeSet::new();
    for member in members {
        admits(engine, member)?;
        if !names.insert(member.name.as_str()) {
            return Err(Refusal::new(
                "DuplicateUserName",
                format!("User group already has a user with the user name {}.", member.name),
            ));
        }
    }
    if engine == EngineType::Redis && !members.iter().any(|member| member.is_default()) {
        return Err(Refusal::new(
            "DefaultUserRequired",
            "User group needs to contain a user with the user name default.",
        ));
    }
    if members.len() > quotas.users_per_group {
        return Err(Refusal::new(
            "UserGroupQuotaExceeded",
            "The number of users exceeds the user group limit.",
        ));
    }
    Ok(())
}

fn admits(engine: EngineType, member: &User) -> Result<(), Refusal> {
    let no_password = member.wanted.authentication == Authentication::NoPassword;
    match (engine, member.engine) {
        (EngineType::Redis, EngineType::Valkey) => Err(Refusal::combination(format!(
            "Valkey user {} can only be added to Valkey user groups.",
            member.id
        ))),
        (EngineType::Valkey, _) if no_password => Err(Refusal::combination(format!(
            "User {} without password cannot be added to Valkey user groups.",
            member.id
        ))),
        (EngineType::Redis, EngineType::Redis) | (EngineType::Valkey, _) => Ok(()),
    }
}
