//! Commands that ElastiCache took out of the engines. A rule that names one makes it refuse the
//! string.
//!
//! <https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/SupportedCommands.html>

use super::Deployment;

/// Those that no cache has. Here and below a container stands for all its subcommands.
const EVERYWHERE: &[&str] = &[
    "acl|setuser",
    "acl|load",
    "acl|save",
    "acl|deluser",
    "bgrewriteaof",
    "bgsave",
    "cluster|addslots",
    "cluster|addslotsrange",
    "cluster|bumpepoch",
    "cluster|delslots",
    "cluster|delslotsrange",
    "cluster|failover",
    "cluster|flushslots",
    "cluster|forget",
    "cluster|links",
    "cluster|meet",
    "cluster|setslot",
    "config",
    "debug",
    "migrate",
    "psync",
    "replicaof",
    "save",
    "shutdown",
    "slaveof",
    "sync",
];

/// Those that only serverless caches lack.
const FROM_SERVERLESS: &[&str] = &[
    "acl|log",
    "client|caching",
    "client|getredir",
    "client|id",
    "client|info",
    "client|kill",
    "client|list",
    "client|no-evict",
    "client|pause",
    "client|tracking",
    "client|trackinginfo",
    "client|unblock",
    "client|unpause",
    "cluster|count-failure-reports",
    "commandlog",
    "fcall",
    "fcall_ro",
    "function",
    "keys",
    "lastsave",
    "latency",
    "memory",
    "monitor",
    "move",
    "object",
    "pfdebug",
    "pfselftest",
    "psubscribe",
    "pubsub|numpat",
    "punsubscribe",
    "script|kill",
    "slowlog",
    "swapdb",
    "wait",
];

impl Deployment {
    /// Whether ElastiCache took the command out here, by its own name or by that of its container.
    #[must_use]
    pub fn lacks(self, command: &str) -> bool {
        let container = command.split_once('|').map_or(command, |(container, _)| container);
        let is_in = |list: &[&str]| list.contains(&command) || list.contains(&container);
        is_in(EVERYWHERE) || self == Self::Serverless && is_in(FROM_SERVERLESS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Engine;

    /// A misspelt name would let through what the list is there for.
    #[test]
    fn every_name_is_that_of_a_command() {
        for name in EVERYWHERE.iter().chain(FROM_SERVERLESS) {
            let is_known = Engine::all().any(|engine| engine.command(name).is_some());
            assert!(is_known, "{name}");
        }
    }

    #[test]
    fn serverless_lacks_what_nodes_lack_and_more() {
        for (command, by_nodes, by_serverless) in [
            ("config|get", true, true),
            ("memory|usage", false, true),
            ("script|kill", false, true),
            ("script|load", false, false),
            ("evalsha_ro", false, false),
        ] {
            assert_eq!(Deployment::NodeBased.lacks(command), by_nodes, "{command}");
            assert_eq!(Deployment::Serverless.lacks(command), by_serverless, "{command}");
        }
    }
}
