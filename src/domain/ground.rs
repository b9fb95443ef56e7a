//! What an access string has to fit.

use ringfence_acl::Engine;

use super::CacheTarget;

/// The engine and the kind of cache that an access string is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ground {
    /// The engine, which knows some commands and not others.
    pub engine: Engine,
    /// Whether it is a serverless cache, which removes further commands and refuses an access
    /// string that names one
    /// (<https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/SupportedCommands.html>).
    pub is_serverless: bool,
    /// Whether clients have to speak the cluster protocol.
    pub is_cluster: bool,
}

impl Ground {
    /// A node-based cache without cluster mode.
    #[must_use]
    pub fn plain(engine: Engine) -> Self {
        Self { engine, is_serverless: false, is_cluster: false }
    }

    /// The ground that a cache of this kind gives. A serverless cache always speaks the cluster
    /// protocol.
    #[must_use]
    pub fn of(target: &CacheTarget, engine: Engine, cluster_mode: bool) -> Self {
        let is_serverless = matches!(target, CacheTarget::ServerlessCache(_));
        Self { engine, is_serverless, is_cluster: cluster_mode || is_serverless }
    }

    /// Whether a rule names something that is there.
    pub(super) fn knows(&self, rule: &str) -> bool {
        let name = &rule[1..];
        if let Some(category) = name.strip_prefix('@') {
            return self.engine.knows_category(category);
        }
        let removed = self.is_serverless && REMOVED_FROM_SERVERLESS.contains(&name);
        !removed && self.engine.knows_command(name)
    }
}

/// Of the commands that profiles grant, those that serverless caches do not have.
const REMOVED_FROM_SERVERLESS: &[&str] = &[
    "client|id",
    "client|info",
    "memory|usage",
    "object|encoding",
    "object|freq",
    "object|idletime",
    "object|refcount",
    "psubscribe",
    "punsubscribe",
];
