//! What access strings of a cache are linted for.

use ringfence_acl::{ChannelDefault, DefaultUser, LintContext};

use super::Ground;

/// The surroundings that a ground gives: nothing is known of a `default` user, and there are no
/// neighbours. Pub/Sub channels are open by default, as `ElastiCache` has it unless told otherwise.
#[must_use]
pub fn lint_context(ground: &Ground) -> LintContext<'static> {
    LintContext {
        engine: ground.engine,
        deployment: ground.deployment(),
        cluster_mode: ground.is_cluster,
        channel_default: ChannelDefault::AllChannels,
        default_user: DefaultUser::Unknown,
        neighbours: &[],
    }
}
