//! The problem document as it goes over the wire (RFC 9457).

use serde::Serialize;
use utoipa::ToSchema;

use super::{Fault, Overlap, Place, Problem, considered::ConsideredBody};

/// A problem document (RFC 9457). Members that are not listed here are to be ignored.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody {
    /// What kind of problem this is: the path of the page that documents it, relative to the API.
    /// The one member to decide by; it never changes its meaning.
    #[serde(rename = "type")]
    #[schema(format = "uri-reference", example = "/problems/tenant-name-taken")]
    kind: String,
    /// What kind of problem this is, for people.
    #[schema(example = "The tenant's name is taken")]
    title: &'static str,
    /// The HTTP status.
    #[schema(example = 409, minimum = 400, maximum = 599)]
    status: u16,
    /// What went wrong this time and what to do about it, for people.
    detail: String,
    /// The path that was asked for.
    #[schema(format = "uri-reference", example = "/tenants")]
    instance: String,
    /// The places in the request that are at fault, when the request is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<FaultBody>,
    /// The tenant and the key that stand in the way, when keys would overlap.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    overlap: Option<OverlapBody>,
    /// The path of the resource that stands in the way, when another one does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        nullable = false,
        format = "uri-reference",
        example = "/tenants/acme/rotations/01a2001e-33c4-7e40-8f1a-e2ad052b5067"
    )]
    conflicts_with: Option<String>,
    /// The caches that were considered, when none takes the tenant or user; a hundred at most.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    considered: Vec<ConsideredBody>,
    /// Whether the same request may succeed later, unchanged. `Retry-After` says how much later.
    retryable: bool,
    /// The id to quote to whoever runs this Ringfence; its log has the rest.
    #[schema(example = "0193512a-7d3c-7c1e-9a55-0d3a6c1f0b52")]
    request_id: String,
}

/// One place in the request that is at fault: `pointer`, `parameter` or `header` names it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProblemFault)]
struct FaultBody {
    /// A JSON pointer (RFC 6901) into the request body.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "/labels/team")]
    pointer: Option<String>,
    /// A query parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    parameter: Option<String>,
    /// A request header.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    header: Option<&'static str>,
    /// What is wrong there.
    detail: String,
}

/// A key that two tenants would own.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = KeyOverlap)]
struct OverlapBody {
    /// The other tenant.
    #[schema(example = "acme")]
    tenant: String,
    /// The key.
    #[schema(example = "acme-eu-")]
    key: String,
}

impl ProblemBody {
    /// The document for a problem that a request to the path `instance` ran into.
    pub(crate) fn new(problem: Problem, instance: String, request_id: String) -> Self {
        Self {
            kind: problem.code.page_path(),
            title: problem.code.title(),
            status: problem.code.status().as_u16(),
            detail: problem.detail,
            instance,
            errors: problem.faults.into_iter().map(FaultBody::from).collect(),
            overlap: problem.overlap.map(|overlap| OverlapBody::from(*overlap)),
            conflicts_with: problem.conflicts_with,
            considered: problem.considered.into_iter().map(ConsideredBody::from).collect(),
            retryable: problem.retryable,
            request_id,
        }
    }
}

impl From<Overlap> for OverlapBody {
    fn from(overlap: Overlap) -> Self {
        Self { tenant: overlap.tenant.to_string(), key: overlap.key }
    }
}

impl From<Fault> for FaultBody {
    fn from(fault: Fault) -> Self {
        let (mut pointer, mut parameter, mut header) = (None, None, None);
        match fault.place {
            Place::Body { pointer: at } => pointer = Some(at),
            Place::Query { parameter: name } => parameter = Some(name),
            Place::Header { name } => header = Some(name),
        }
        Self { pointer, parameter, header, detail: fault.detail }
    }
}
