//! Every node of a cache, one after the other.

use std::collections::BTreeSet;

use redis::{ErrorKind, RedisResult};
use ringfence_acl::AccessString;
use tokio::time::{Instant, timeout_at};

use super::{
    login::{Attestor, Subject},
    nodes::{self, Introduction},
    plan::{Fence, Keys},
    probes::{self, Tried, Undecided},
};
use crate::domain::{AttestationVerdict, AttestedNode, CacheNodes, Endpoint, Evidence, Probe};

/// One attestation under way.
pub(super) struct Round<'a> {
    attestor: &'a Attestor,
    subject: &'a Subject<'a>,
    string: AccessString,
    keys: Keys,
    deadline: Instant,
    tried: Vec<(AttestedNode, Vec<Probe>)>,
    not_tried: BTreeSet<String>,
    /// What stands in the way of a finding.
    undecided: Vec<String>,
    login_refused: bool,
    /// Whether some node did all that the tenant may do.
    did_all: bool,
}

/// The nodes to try.
struct Itinerary {
    nodes: Vec<Endpoint>,
    /// The question for the nodes, if it was refused.
    refused: Option<Probe>,
}

impl<'a> Round<'a> {
    pub(super) fn new(
        attestor: &'a Attestor,
        subject: &'a Subject<'a>,
        string: AccessString,
        nonce: &str,
    ) -> Self {
        Self {
            attestor,
            subject,
            string,
            keys: Keys::new(subject.pattern, nonce),
            deadline: Instant::now() + attestor.limits.whole,
            tried: Vec::new(),
            not_tried: BTreeSet::new(),
            undecided: Vec::new(),
            login_refused: false,
            did_all: false,
        }
    }

    /// Where the nodes of a cache are, or why that cannot be told.
    pub(super) async fn nodes(
        attestor: &'a Attestor,
        subject: &'a Subject<'a>,
    ) -> Result<Vec<Endpoint>, String> {
        let everything = AccessString::parse("on").expect("`on` is an access string");
        let mut round = Self::new(attestor, subject, everything, "");
        let nodes = round.itinerary().await.nodes;
        if nodes.is_empty() || !round.undecided.is_empty() {
            return Err(round.undecided.join("; "));
        }
        Ok(nodes)
    }

    /// Tries all nodes. One that fails does not keep the others from being tried: a leak weighs
    /// more than silence.
    pub(super) async fn run(mut self) -> (AttestationVerdict, Evidence) {
        let itinerary = self.itinerary().await;
        let several = itinerary.nodes.len() > 1;
        for endpoint in &itinerary.nodes {
            let at = if several { format!("{}: ", endpoint.authority()) } else { String::new() };
            let mut tried = Tried::default();
            // A time-out alone would let through what fails at once.
            let outcome = if Instant::now() < self.deadline {
                timeout_at(self.deadline, self.node(endpoint, &mut tried)).await.ok()
            } else {
                None
            };
            self.keep(endpoint, tried, (&itinerary, &at));
            match outcome {
                Some(Ok(())) => {}
                Some(Err(error)) => self.note(endpoint, Undecided::Connection(error), &at),
                None => {
                    let limit = self.attestor.limits.whole;
                    self.undecided.push(format!("{at}not reached within {limit:?}"));
                    break;
                }
            }
        }
        self.conclude()
    }

    /// Where the nodes are. If that cannot be told, there are none, and it is noted why.
    async fn itinerary(&mut self) -> Itinerary {
        if let CacheNodes::Listed { unplaced, .. } = self.subject.nodes {
            let unknown = |name| format!("AWS does not tell where the node {name} is");
            self.undecided.extend(unplaced.iter().map(unknown));
        }
        let nodes = match timeout_at(self.deadline, self.find_nodes()).await {
            Ok(Ok(itinerary)) => itinerary,
            Ok(Err(undecided)) => {
                self.note(self.subject.endpoint, undecided, "");
                Itinerary { nodes: Vec::new(), refused: None }
            }
            Err(_) => {
                self.undecided.push("the engine did not answer in time".to_owned());
                Itinerary { nodes: Vec::new(), refused: None }
            }
        };
        let max = self.attestor.limits.nodes;
        if nodes.nodes.len() > max {
            let found = nodes.nodes.len();
            self.undecided.push(format!("there are {found} nodes, and {max} are tried at most"));
            return Itinerary { nodes: Vec::new(), refused: None };
        }
        nodes
    }

    async fn find_nodes(&self) -> Result<Itinerary, Undecided> {
        let asked = self.subject.endpoint;
        if let CacheNodes::Listed { nodes, .. } = self.subject.nodes {
            return Ok(Itinerary { nodes: nodes.clone(), refused: None });
        }
        let engine = self.subject.engine;
        let mut connection = self.attestor.log_in(asked, self.subject).await?;
        Ok(match nodes::of_cluster(&mut connection, asked, engine).await? {
            Some(nodes) => Itinerary { nodes, refused: None },
            // What the one node does can be told, and that no cluster client can start.
            None => Itinerary {
                nodes: vec![asked.clone()],
                refused: Some(Probe::new(nodes::question(engine), true, false)),
            },
        })
    }

    async fn node(&self, endpoint: &Endpoint, tried: &mut Tried) -> RedisResult<()> {
        let mut connection = self.attestor.log_in(endpoint, self.subject).await?;
        let node = nodes::introduce(&mut connection).await?;
        tried.node = Some(node);
        let engine = node.engine.unwrap_or(self.subject.engine);
        let fence = Fence { keys: &self.keys, string: &self.string, engine };
        probes::run(&mut connection, &fence, tried).await
    }

    /// Keeps what was tried on a node, however far that went.
    fn keep(&mut self, endpoint: &Endpoint, tried: Tried, (itinerary, at): (&Itinerary, &str)) {
        self.did_all |= tried.did_all;
        self.undecided.extend(tried.undecided.map(|why| format!("{at}{why}")));
        self.not_tried.extend(tried.left_out);
        if !tried.probes.is_empty() {
            let mut node = AttestedNode::at(endpoint);
            if let Some(Introduction { role, engine }) = tried.node {
                node = AttestedNode { role, engine, ..node };
            }
            let probes = itinerary.refused.iter().cloned().chain(tried.probes);
            self.tried.push((node, probes.collect()));
        }
    }

    fn note(&mut self, endpoint: &Endpoint, undecided: Undecided, at: &str) {
        match undecided {
            Undecided::Connection(error)
                if error.kind() == ErrorKind::AuthenticationFailed
                    || error.code() == Some("WRONGPASS") =>
            {
                self.login_refused = true;
                let node = AttestedNode::at(endpoint);
                let login = Probe::new(AttestationVerdict::LOGIN, true, false);
                self.tried.push((node, vec![login]));
            }
            undecided => self.undecided.push(format!("{at}{}", undecided.why())),
        }
    }

    fn conclude(self) -> (AttestationVerdict, Evidence) {
        let not_tried = self.not_tried.into_iter().collect();
        let evidence = Evidence { not_tried, ..Evidence::of(&self.tried) };
        let verdict = match AttestationVerdict::of(&evidence.probes) {
            leaky @ AttestationVerdict::Leaky { .. } => leaky,
            _ if self.login_refused => AttestationVerdict::login_refused(&evidence.probes),
            _ if !self.undecided.is_empty() => {
                AttestationVerdict::Inconclusive { why: self.undecided.join("; ") }
            }
            AttestationVerdict::Isolated if !self.did_all => AttestationVerdict::Inconclusive {
                why: "no node did what the tenant may do: the cache is changing or full".to_owned(),
            },
            decided => decided,
        };
        (verdict, evidence)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ringfence_acl::{Engine, EngineKind, EngineVersion};

    use super::*;
    use crate::{
        attestation::AttestationLimits,
        domain::{KeyPattern, Password, UserName},
    };

    /// What is said of two nodes that nobody listens on, and of others that nobody knows the place
    /// of.
    async fn said(limits: AttestationLimits, unplaced: &[&str]) -> String {
        let node = |port| Endpoint { host: "127.0.0.1".to_owned(), port, tls: false };
        let subject = Subject {
            endpoint: &node(1),
            nodes: &CacheNodes::Listed {
                nodes: vec![node(1), node(2)],
                unplaced: unplaced.iter().map(ToString::to_string).collect(),
            },
            engine: Engine { kind: EngineKind::Valkey, version: EngineVersion::new(9, 1) },
            user: &UserName::new("acme".to_owned()),
            password: &Password::generate(&[0; Password::ENTROPY_BYTES]),
            pattern: &KeyPattern::from_stored("acme:*").unwrap(),
            access_string: "on ~acme:* -@all +get",
        };
        let (verdict, evidence) = Attestor { limits }.attest(&subject, "n").await;
        assert_eq!(evidence, Evidence::default());
        verdict.detail()
    }

    #[tokio::test]
    async fn what_exceeds_the_limits_is_not_tried() {
        let usual = AttestationLimits::default();
        let few = AttestationLimits { nodes: 1, ..usual };
        assert_eq!(said(few, &[]).await, "there are 2 nodes, and 1 are tried at most");
        let short = AttestationLimits { whole: Duration::ZERO, ..usual };
        assert_eq!(said(short, &[]).await, "127.0.0.1:1: not reached within 0ns");
    }

    #[tokio::test]
    async fn every_node_that_does_not_answer_is_named() {
        let said = said(AttestationLimits::default(), &["main-003"]).await;
        let refused = "the engine refused the connection";
        let unplaced = "AWS does not tell where the node main-003 is";
        assert_eq!(said, format!("{unplaced}; 127.0.0.1:1: {refused}; 127.0.0.1:2: {refused}"));
    }
}
