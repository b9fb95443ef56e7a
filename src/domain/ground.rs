//! What an access string has to fit.

use ringfence_acl::{Deployment, Engine, EngineKind, EngineVersion};

use super::CacheTarget;

/// The oldest engine of a kind that knows access strings with channels. An access string for it is
/// accepted by every later one; what it grants by category may grow.
///
/// # Panics
///
/// Never: each kind has a command table.
#[must_use]
pub fn oldest_engine(kind: EngineKind) -> Engine {
    let mut of_kind = Engine::all().filter(|engine| engine.kind == kind);
    of_kind.next().expect("each kind has a command table")
}

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

    /// How `ElastiCache` runs it.
    pub(super) fn deployment(&self) -> Deployment {
        if self.is_serverless { Deployment::Serverless } else { Deployment::NodeBased }
    }

    /// Whether a rule names something that is there.
    pub(super) fn knows(&self, rule: &str) -> bool {
        let (sign, name) = rule.split_at(1);
        match name.strip_prefix('@') {
            Some(category) => self.engine.knows_category(category),
            None if self.deployment().lacks(name) => false,
            None => self.engine.knows_command(name) && (sign == "-" || self.lasts(name)),
        }
    }

    /// Whether later engines have the command as well, so that they accept a string that was made
    /// for this one. Redis 6.2 has STRALGO, which was dropped, and takes any subcommand for known.
    fn lasts(&self, name: &str) -> bool {
        let next = Engine { version: EngineVersion::new(7, 0), ..self.engine };
        self.engine.version >= next.version || next.knows_command(name)
    }
}
