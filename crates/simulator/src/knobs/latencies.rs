//! How long things take.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A length of time: fixed when both ends are equal, else picked anew each time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// The shortest, in milliseconds.
    pub min_ms: u64,
    /// The longest, in milliseconds.
    pub max_ms: u64,
}

impl Span {
    /// Always this long.
    #[must_use]
    pub fn exactly(length: Duration) -> Self {
        let ms = u64::try_from(length.as_millis()).unwrap_or(u64::MAX);
        Self { min_ms: ms, max_ms: ms }
    }

    /// Anything from `min_ms` to `max_ms`.
    #[must_use]
    pub const fn between_ms(min_ms: u64, max_ms: u64) -> Self {
        Self { min_ms, max_ms }
    }

    /// Whether this never lasts.
    #[must_use]
    pub const fn is_zero(&self) -> bool {
        self.min_ms == 0 && self.max_ms == 0
    }

    pub(crate) fn pick(&self, jitter: &mut fastrand::Rng) -> Duration {
        let longest = self.max_ms.max(self.min_ms);
        Duration::from_millis(jitter.u64(self.min_ms..=longest))
    }
}

/// How long things take.
///
/// The first three are about answers, the rest about what goes on after the answer: a user that
/// was modified answers `modifying` at once and is `active`, in the API and in the engine, when
/// the span is over. Answers are delayed in real time; what follows them is due on the
/// simulator's clock.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Latencies {
    /// From a request to its answer.
    pub call: Span,
    /// The same for single operations, by name (`DescribeUsers`), instead of `call`.
    pub operations: BTreeMap<String, Span>,
    /// From the creation of a user or group until `Describe…` knows it.
    pub read_after_write: Span,
    /// From `CreateUser` until the user is active.
    pub user_create: Span,
    /// From `ModifyUser` until the user is active again.
    pub user_modify: Span,
    /// From `DeleteUser` until the user is gone.
    pub user_delete: Span,
    /// From `CreateUserGroup` until the group is active.
    pub group_create: Span,
    /// From `ModifyUserGroup` until the group is active again.
    pub group_modify: Span,
    /// From `DeleteUserGroup` until the group is gone.
    pub group_delete: Span,
    /// How long a change of a group keeps its member users `modifying`. Never longer than the
    /// change itself.
    pub member_lock: Span,
    /// From `CreateReplicationGroup` until it is available.
    pub cache_create: Span,
    /// From `ModifyReplicationGroup` until it is available again.
    pub cache_modify: Span,
    /// From `DeleteReplicationGroup` until it is gone.
    pub cache_delete: Span,
    /// How long after a tagging call the resource is "not available for tagging". When this is
    /// zero, tagging also works while a resource is not active.
    pub tagging_window: Span,
}

impl Latencies {
    /// Nothing takes time. What AWS does later is done before the next request is looked at.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// The feel of AWS at a bearable pace: the order of things is AWS's, minutes are seconds.
    #[must_use]
    pub fn like_aws() -> Self {
        Self {
            call: Span::between_ms(20, 50),
            operations: BTreeMap::new(),
            read_after_write: Span::between_ms(0, 200),
            user_create: Span::between_ms(400, 800),
            user_modify: Span::between_ms(500, 1_000),
            user_delete: Span::between_ms(500, 1_000),
            group_create: Span::between_ms(500, 1_000),
            group_modify: Span::between_ms(1_000, 3_000),
            group_delete: Span::between_ms(500, 1_000),
            member_lock: Span::between_ms(200, 800),
            cache_create: Span::between_ms(1_000, 3_000),
            cache_modify: Span::between_ms(1_000, 3_000),
            cache_delete: Span::between_ms(1_000, 2_000),
            tagging_window: Span::between_ms(1_000, 2_000),
        }
    }

    pub(crate) fn of_call(&self, operation: &str) -> Span {
        self.operations.get(operation).copied().unwrap_or(self.call)
    }
}
