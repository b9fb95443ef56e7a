//! The nodes behind a cache's endpoint.

use std::{fmt, str::FromStr};

use ringfence_acl::Engine;

use super::Endpoint;

/// What is known of a cache's nodes without a login. Each node keeps its own copy of the users, so
/// that each can be wrong by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CacheNodes {
    /// AWS, or the configuration, tells where they are.
    Listed {
        /// Where they are.
        nodes: Vec<Endpoint>,
        /// The names of those that AWS tells no place of.
        unplaced: Vec<String>,
    },
    /// In cluster mode any node tells whoever logs in where all of them are.
    ToldByCluster,
}

/// A node that was logged in to, and what it was at that moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttestedNode {
    /// Host name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// What it said it was.
    pub role: NodeRole,
    /// What it said it runs, if that could be read.
    pub engine: Option<Engine>,
}

impl AttestedNode {
    /// The node at an endpoint, of which nothing else is known.
    #[must_use]
    pub fn at(endpoint: &Endpoint) -> Self {
        let (host, port) = (endpoint.host.clone(), endpoint.port);
        Self { host, port, role: NodeRole::Unknown, engine: None }
    }
}

impl fmt::Display for AttestedNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoint = Endpoint { host: self.host.clone(), port: self.port, tls: false };
        f.write_str(&endpoint.authority())
    }
}

/// What a node is in its shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeRole {
    /// It takes writes.
    Primary,
    /// It follows a primary.
    Replica,
    /// It did not say, or did not let us ask.
    Unknown,
}

impl NodeRole {
    /// All roles.
    pub const ALL: [Self; 3] = [Self::Primary, Self::Replica, Self::Unknown];

    /// The role as it stands in the API and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Replica => "replica",
            Self::Unknown => "unknown",
        }
    }
}

impl FromStr for NodeRole {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or(UnknownRole)
    }
}

/// The text names no role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("names no role of a node")]
pub struct UnknownRole;
