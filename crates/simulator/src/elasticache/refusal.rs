//! Refusals, with the codes, texts and statuses of ElastiCache.

use std::fmt;

/// A refusal, as ElastiCache words it.
///
/// The codes are wire codes: those of users and groups lack the `Fault` suffix that the SDKs'
/// exception names carry, those of replication groups have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: &'static str,
    pub(crate) status: u16,
    pub(crate) message: String,
}

impl Refusal {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, status: 400, message: message.into() }
    }

    fn not_found(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, status: 404, message: message.into() }
    }

    pub(crate) fn value(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterValue", message)
    }

    pub(crate) fn combination(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterCombination", message)
    }

    pub(crate) fn missing(parameter: &str) -> Self {
        Self::new("MissingParameter", format!("The request must contain the parameter {parameter}"))
    }

    pub(crate) fn user_not_found(id: impl fmt::Display) -> Self {
        Self::not_found("UserNotFound", format!("User {id} not found."))
    }

    pub(crate) fn group_not_found(id: impl fmt::Display) -> Self {
        Self::not_found("UserGroupNotFound", format!("User group {id} not found."))
    }

    pub(crate) fn cache_not_found(id: impl fmt::Display) -> Self {
        Self::not_found(
            "ReplicationGroupNotFoundFault",
            format!("ReplicationGroup {id} not found."),
        )
    }

    pub(crate) fn node_group_not_found(id: impl fmt::Display) -> Self {
        Self::not_found("NodeGroupNotFoundFault", format!("NodeGroup {id} not found."))
    }

    pub(crate) fn serverless_cache_not_found(id: impl fmt::Display) -> Self {
        Self::not_found("ServerlessCacheNotFoundFault", format!("ServerlessCache {id} not found."))
    }

    pub(crate) fn tag_not_found(key: &str) -> Self {
        Self::not_found("TagNotFound", format!("Tag {key} not found."))
    }

    /// The untruth AWS tells for a while about resources that are there.
    pub(crate) fn user_not_taggable(id: impl fmt::Display) -> Self {
        Self::not_found("UserNotFound", format!("{id} is not available for tagging"))
    }

    pub(crate) fn group_not_taggable(id: impl fmt::Display) -> Self {
        Self::not_found("UserGroupNotFound", format!("{id} is not available for tagging"))
    }

    pub(crate) fn user_state(id: impl fmt::Display, status: &str) -> Self {
        Self::new(
            "InvalidUserState",
            format!("User {id} has status {status}. Only active users can be modified."),
        )
    }

    pub(crate) fn group_state(id: impl fmt::Display, status: &str) -> Self {
        Self::new(
            "InvalidUserGroupState",
            format!(
                "User group {id} has status {status}. Only active user groups can be modified."
            ),
        )
    }
}
