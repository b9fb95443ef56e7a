//! An attestation as callers see it.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::{Attestation, AttestedNode, Finding, Probe};

/// A dated record that a login as the tenant was tried.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Attestation)]
pub(crate) struct AttestationView {
    /// Its id.
    id: Uuid,
    /// What the user logged in as.
    #[schema(example = "acme")]
    username: String,
    /// When it was asked for.
    requested_at: Timestamp,
    /// What it found; absent while it waits for its turn.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    finding: Option<FindingView>,
}

/// What an attestation found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AttestationFinding)]
struct FindingView {
    /// When.
    at: Timestamp,
    /// `isolated`: the tenant could do what its access string allows and was refused all else; what
    /// a profile was allowed although it leaks is not looked for here, `GET /isolation` tells it.
    /// `leaky`: it could do
    /// what it must not. `too-tight`: it was refused what it may. `login-refused`: the engine
    /// refused its password. `inconclusive`: nothing could be decided.
    #[schema(example = "isolated")]
    verdict: &'static str,
    /// The commands behind the verdict, or why there is none; and whether the engine that answered
    /// is of another kind than was told, or newer than all that Ringfence knows the commands of.
    #[serde(skip_serializing_if = "String::is_empty")]
    detail: String,
    /// Engine and version that answered; if several did, all of them. What was told, where none
    /// could be read.
    #[schema(example = "valkey 9.1.2")]
    engine: String,
    /// The access string that the tenant should have.
    access_string: String,
    /// The nodes that were tried, each with a login of its own.
    nodes: Vec<NodeView>,
    /// Every command that was tried.
    probes: Vec<ProbeView>,
    /// Forbidden commands that could not be tried: those that an engine takes in no transaction, or
    /// that are not there on ElastiCache. What becomes of them only the access string tells.
    #[schema(example = json!(["SAVE", "SHUTDOWN"]))]
    not_tried: Vec<String>,
}

/// A node that was logged in to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AttestationNode)]
struct NodeView {
    /// Host name or address.
    #[schema(example = "cache-main-0001-001.abc123.euc1.cache.amazonaws.com")]
    host: String,
    /// TCP port.
    #[schema(example = 6379)]
    port: u16,
    /// What it was at that moment: `primary`, `replica`, or `unknown` if it did not say.
    #[schema(example = "replica")]
    role: &'static str,
    /// Engine and version that it said it was, if that could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "valkey 9.1.2")]
    engine: Option<String>,
}

/// One command that was tried.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AttestationProbe)]
struct ProbeView {
    /// The command; `{own}` stands for a key of the tenant, `{foreign}` for one that is not.
    #[schema(example = "SCAN 0")]
    command: String,
    /// Whether the tenant may do this.
    may: bool,
    /// Whether the engine let it.
    could: bool,
    /// The node it was tried on, if the outcome was not the same on all nodes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    node: Option<NodeView>,
}

impl AttestationView {
    /// An attestation for the API document; without a finding it is one that waits.
    pub(super) fn example(is_made: bool) -> Self {
        // 2026-11-21T20:15:00Z
        let requested_at = Timestamp::constant(1_795_292_100, 0);
        let probe = |command: &str, may| ProbeView {
            command: command.to_owned(),
            may,
            could: may,
            node: None,
        };
        let node = |place: &str, role| NodeView {
            host: format!("cache-main-{place}.abc123.euc1.cache.amazonaws.com"),
            port: 6379,
            role,
            engine: Some("valkey 9.1.2".to_owned()),
        };
        Self {
            id: Uuid::from_u128(0x01a2_001e_33c4_7e40_8f1a_e2ad_052b_5067),
            username: "acme".to_owned(),
            requested_at,
            finding: is_made.then(|| FindingView {
                at: requested_at + SignedDuration::from_secs(1),
                verdict: "isolated",
                detail: String::new(),
                engine: "valkey 9.1.2".to_owned(),
                access_string: "on ~acme:* resetchannels &acme:* -@all +@string …".to_owned(),
                nodes: vec![node("0001-001", "primary"), node("0001-002", "replica")],
                probes: vec![probe("GET {own}", true), probe("SCAN 0", false)],
                not_tried: vec!["SAVE".to_owned(), "SHUTDOWN".to_owned()],
            }),
        }
    }
}

impl From<&Attestation> for AttestationView {
    fn from(attestation: &Attestation) -> Self {
        Self {
            id: attestation.id.0,
            username: attestation.user_name.to_string(),
            requested_at: attestation.requested_at,
            finding: attestation.finding.as_ref().map(FindingView::from),
        }
    }
}

impl From<&Finding> for FindingView {
    fn from(finding: &Finding) -> Self {
        Self {
            at: finding.at,
            verdict: finding.verdict.kind().as_str(),
            detail: finding.detail(),
            engine: finding.engines(),
            access_string: finding.access_string.clone(),
            nodes: finding.evidence.nodes.iter().map(NodeView::from).collect(),
            probes: finding.evidence.probes.iter().map(ProbeView::from).collect(),
            not_tried: finding.evidence.not_tried.clone(),
        }
    }
}

impl From<&Probe> for ProbeView {
    fn from(probe: &Probe) -> Self {
        Self {
            command: probe.command.clone(),
            may: probe.may,
            could: probe.could,
            node: probe.node.as_ref().map(NodeView::from),
        }
    }
}

impl From<&AttestedNode> for NodeView {
    fn from(node: &AttestedNode) -> Self {
        Self {
            host: node.host.clone(),
            port: node.port,
            role: node.role.as_str(),
            engine: node.engine.map(|engine| engine.to_string()),
        }
    }
}
