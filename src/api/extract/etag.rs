//! Entity tags and the conditions that callers put on them (RFC 9110, sections 8.8.3 and 13.1).

use axum::{extract::FromRequestParts, http::request::Parts};
use headers::{ETag, HeaderMapExt, IfMatch, IfNoneMatch};

use crate::{
    api::problem::{Code, Fault, Problem},
    domain::{Revision, Tenant, TenantId},
};

/// A strong tag: two representations have the same one only if they are the same, byte for byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EntityTag(String);

impl EntityTag {
    /// The tag of a tenant. The id is in it because a tenant made again under the same name counts
    /// its revisions from the start again.
    pub(crate) fn of(tenant: &Tenant) -> Self {
        Self::at(tenant.id, tenant.revision)
    }

    /// The tag of a tenant at a revision.
    pub(crate) fn at(tenant: TenantId, revision: Revision) -> Self {
        Self(format!("\"{tenant}.{revision}\""))
    }

    /// The tag as it stands in headers.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The same, when it is not needed any more.
    pub(crate) fn into_text(self) -> String {
        self.0
    }

    fn to_header(&self) -> ETag {
        self.0.parse().expect("an id, a point and a number in quotes are an entity tag")
    }
}

/// The conditions of a request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Preconditions {
    if_match: Option<IfMatch>,
    if_none_match: Option<IfNoneMatch>,
}

impl Preconditions {
    /// Whether the caller accepts a change of a resource that now has this tag.
    pub(crate) fn allow_change(&self, current: &EntityTag) -> Result<(), Problem> {
        match &self.if_match {
            Some(wanted) if !wanted.precondition_passes(&current.to_header()) => {
                let detail = "it is not in the state that If-Match names: read it again, decide \
                              again, and send its new ETag";
                Err(Problem::new(Code::PreconditionFailed, detail))
            }
            _ => Ok(()),
        }
    }

    /// Whether the caller made the change depend on the resource being there.
    pub(crate) fn demand_a_state(&self) -> bool {
        self.if_match.is_some()
    }

    /// Whether the caller made the change depend on one state of the resource. `If-Match: *` takes
    /// any.
    pub(crate) fn demand_this_state(&self) -> bool {
        self.if_match.as_ref().is_some_and(|wanted| *wanted != IfMatch::any())
    }

    /// Whether the caller already has the representation with this tag.
    pub(crate) fn know(&self, current: &EntityTag) -> bool {
        self.if_none_match
            .as_ref()
            .is_some_and(|known| !known.precondition_passes(&current.to_header()))
    }
}

impl<S: Sync> FromRequestParts<S> for Preconditions {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let refuse = |name| {
            let detail = "give `*` or a list of quoted entity tags";
            Problem::new(Code::InvalidHeader, "a condition on the entity tag cannot be read")
                .with_faults([Fault::in_header(name, detail)])
        };
        Ok(Self {
            if_match: parts.headers.typed_try_get().map_err(|_| refuse("If-Match"))?,
            if_none_match: parts.headers.typed_try_get().map_err(|_| refuse("If-None-Match"))?,
        })
    }
}
