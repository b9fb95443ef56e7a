//! What an attestation found, and on what ground.

use std::{collections::BTreeSet, fmt, str::FromStr};

use jiff::Timestamp;
use ringfence_acl::Engine;
use uuid::Uuid;

use super::{CacheUserId, Evidence, Probe, RequestId, TenantId, UserName};

/// The id of an attestation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttestationId(pub Uuid);

impl fmt::Display for AttestationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// A dated record that a login as one of a tenant's users was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attestation {
    /// Its id.
    pub id: AttestationId,
    /// The life of the tenant that it is about.
    pub tenant: TenantId,
    /// The life of the user that logged in.
    pub user: CacheUserId,
    /// What the user logged in as.
    pub user_name: UserName,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// The request that asked for it; absent if it is made on a user's way to active.
    pub requested_by: Option<RequestId>,
    /// What it found; absent while it waits for its turn.
    pub finding: Option<Finding>,
}

/// What came of an attestation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// When it was made.
    pub at: Timestamp,
    /// What was found.
    pub verdict: AttestationVerdict,
    /// Engine and version that the configuration or AWS told, as `valkey 9.1.2`.
    pub engine: String,
    /// The access string that the tenant should have.
    pub access_string: String,
    /// Every command that was tried, and where.
    pub evidence: Evidence,
}

impl Finding {
    /// The engines that answered, by what they said themselves; the one that was told, if none did.
    #[must_use]
    pub fn engines(&self) -> String {
        let answered: Vec<String> = self.answered().iter().map(Engine::to_string).collect();
        if answered.is_empty() { self.engine.clone() } else { answered.join(", ") }
    }

    /// What a person needs to know beside the kind of verdict: its detail, and what is odd about the
    /// engines that answered.
    #[must_use]
    pub fn detail(&self) -> String {
        let verdict = Some(self.verdict.detail()).filter(|detail| !detail.is_empty());
        let odd = self.answered().into_iter().filter_map(|engine| self.oddity(engine));
        verdict.into_iter().chain(odd).collect::<Vec<_>>().join("; ")
    }

    fn answered(&self) -> BTreeSet<Engine> {
        self.evidence.nodes.iter().filter_map(|node| node.engine).collect()
    }

    fn oddity(&self, engine: Engine) -> Option<String> {
        let told = self.engine.split(' ').next().unwrap_or_default();
        if engine.kind.to_string() != told {
            return Some(format!("the engine says that it is {engine}, and {told} was told"));
        }
        let with_table = Engine::all().filter(|known| known.kind == engine.kind);
        let newest = with_table.map(|known| known.version).max()?;
        let is_newer = (engine.version.major, engine.version.minor) > (newest.major, newest.minor);
        is_newer.then(|| {
            format!("{engine} is newer than what Ringfence knows: its own commands were not tried")
        })
    }
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttestationVerdict {
    /// The tenant could do what it may, and was refused what it must not.
    Isolated,
    /// The tenant could do what it must not.
    Leaky {
        /// The commands that were not refused.
        allowed: Vec<String>,
    },
    /// The tenant was refused what it may.
    TooTight {
        /// The commands that were refused.
        refused: Vec<String>,
    },
    /// The engine refused the login. AWS may still be telling the nodes.
    LoginRefused {
        /// The nodes that refused, if there are others.
        by: Vec<String>,
    },
    /// The engine did not answer, or not in a way that decides anything.
    Inconclusive {
        /// What happened instead.
        why: String,
    },
}

impl AttestationVerdict {
    /// What the probes add up to. A leak weighs more than a refusal.
    #[must_use]
    pub fn of(probes: &[Probe]) -> Self {
        let commands = |wanted: fn(&Probe) -> bool| -> Vec<String> {
            probes.iter().filter(|probe| wanted(probe)).map(Probe::described).collect()
        };
        let allowed = commands(|probe| probe.could && !probe.may);
        let refused = commands(|probe| probe.may && !probe.could);
        if !allowed.is_empty() {
            Self::Leaky { allowed }
        } else if !refused.is_empty() {
            Self::TooTight { refused }
        } else {
            Self::Isolated
        }
    }

    /// What is said when a node refused the login: the probes [`LOGIN`](Self::LOGIN) tell which.
    #[must_use]
    pub fn login_refused(probes: &[Probe]) -> Self {
        let logins = probes.iter().filter(|probe| probe.command == Self::LOGIN && !probe.could);
        Self::LoginRefused {
            by: logins.filter_map(|probe| Some(probe.node.as_ref()?.to_string())).collect(),
        }
    }

    /// How a login stands among the probes.
    pub const LOGIN: &str = "AUTH";

    /// The kind of verdict.
    #[must_use]
    pub fn kind(&self) -> VerdictKind {
        match self {
            Self::Isolated => VerdictKind::Isolated,
            Self::Leaky { .. } => VerdictKind::Leaky,
            Self::TooTight { .. } => VerdictKind::TooTight,
            Self::LoginRefused { .. } => VerdictKind::LoginRefused,
            Self::Inconclusive { .. } => VerdictKind::Inconclusive,
        }
    }

    /// What a person needs to know beside the kind.
    #[must_use]
    pub fn detail(&self) -> String {
        match self {
            Self::Isolated => String::new(),
            Self::Leaky { allowed } => format!("the tenant was allowed: {}", allowed.join("; ")),
            Self::TooTight { refused } => {
                format!("the tenant was refused on its own keys: {}", refused.join("; "))
            }
            Self::LoginRefused { by } => {
                let mut text =
                    "the engine refuses the password that Secrets Manager holds, or the \
                                token that stands for it; AWS may still be telling the nodes"
                        .to_owned();
                if !by.is_empty() {
                    text.push_str(": ");
                    text.push_str(&by.join(", "));
                }
                text
            }
            Self::Inconclusive { why } => why.clone(),
        }
    }
}

/// A verdict without its evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VerdictKind {
    /// [`AttestationVerdict::Isolated`]
    Isolated,
    /// [`AttestationVerdict::Leaky`]
    Leaky,
    /// [`AttestationVerdict::TooTight`]
    TooTight,
    /// [`AttestationVerdict::LoginRefused`]
    LoginRefused,
    /// [`AttestationVerdict::Inconclusive`]
    Inconclusive,
}

impl VerdictKind {
    /// All kinds.
    pub const ALL: [Self; 5] =
        [Self::Isolated, Self::Leaky, Self::TooTight, Self::LoginRefused, Self::Inconclusive];

    /// The kind as it stands in the API and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Isolated => "isolated",
            Self::Leaky => "leaky",
            Self::TooTight => "too-tight",
            Self::LoginRefused => "login-refused",
            Self::Inconclusive => "inconclusive",
        }
    }
}

impl fmt::Display for VerdictKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for VerdictKind {
    type Err = UnknownVerdict;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(UnknownVerdict)
    }
}

/// The text names no kind of verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("names no kind of verdict")]
pub struct UnknownVerdict;

#[cfg(test)]
mod tests {
    use ringfence_acl::EngineKind;

    use super::*;
    use crate::domain::{AttestedNode, NodeRole};

    fn probe(command: &str, may: bool, could: bool) -> Probe {
        Probe::new(command, may, could)
    }

    #[test]
    fn a_leak_weighs_more_than_a_refusal() {
        let good = [probe("GET {own}", true, true), probe("SCAN 0", false, false)];
        assert_eq!(AttestationVerdict::of(&good), AttestationVerdict::Isolated);
        let tight = [good[1].clone(), probe("GET {own}", true, false)];
        let refused = vec!["GET {own}".to_owned()];
        assert_eq!(AttestationVerdict::of(&tight), AttestationVerdict::TooTight { refused });
        let leaky = [tight[1].clone(), probe("SCAN 0", false, true)];
        assert_eq!(
            AttestationVerdict::of(&leaky),
            AttestationVerdict::Leaky { allowed: vec!["SCAN 0".to_owned()] }
        );
    }

    #[test]
    fn an_engine_that_is_not_the_one_told_is_named() {
        let found = |told: &str, answered: Option<(EngineKind, &str)>| {
            let engine =
                answered.map(|(kind, version)| Engine { kind, version: version.parse().unwrap() });
            let node = AttestedNode {
                host: "10.0.0.1".to_owned(),
                port: 6379,
                role: NodeRole::Primary,
                engine,
            };
            let finding = Finding {
                at: Timestamp::UNIX_EPOCH,
                verdict: AttestationVerdict::Isolated,
                engine: told.to_owned(),
                access_string: String::new(),
                evidence: Evidence { nodes: vec![node], ..Evidence::default() },
            };
            (finding.engines(), finding.detail())
        };
        let plain = |engine: &str| (engine.to_owned(), String::new());
        assert_eq!(found("valkey 8.0.0", None), plain("valkey 8.0.0"));
        let answered = Some((EngineKind::Valkey, "9.1.2"));
        assert_eq!(found("valkey 8.0.0", answered), plain("valkey 9.1.2"));
        let other = "the engine says that it is valkey 9.1.2, and redis was told";
        assert_eq!(found("redis 7.0.0", answered).1, other);
        let newer = "valkey 99.0.0 is newer than what Ringfence knows: its own commands were not \
                     tried";
        assert_eq!(found("valkey 9.1.0", Some((EngineKind::Valkey, "99.0"))).1, newer);
    }

    #[test]
    fn every_kind_reads_back() {
        for kind in VerdictKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
    }
}
