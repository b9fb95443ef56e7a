//! Problems: the one form in which the API says that something went wrong.
//!
//! Whatever fails on the way of a request ends as a [`Problem`]: a refused body, a conflict in the
//! store, a panic. Its [`Code`] is the contract; everything else a caller sees follows from it.
//! A problem is made where the fault is noticed and travels as the response's extension until
//! [the outer middleware](super::middleware) writes its body, because only there are the path and
//! the request id at hand. There, and nowhere else, it is logged.

mod body;
mod code;
mod considered;
mod from_cloud;
mod from_store;
mod pages;
mod responses;
mod tenant_problem;

use std::{error::Error, sync::Arc};

use crate::domain::{CacheName, Considered, TenantName, UserName};

pub(super) use self::code::Code;
pub(super) use self::{
    body::ProblemBody,
    considered::ConsideredBody,
    pages::problem_pages,
    responses::{guard_responses, open_responses, problem_responses, responses_for},
    tenant_problem::TenantProblemView,
};
use axum::response::{IntoResponse, Response};

/// Something that went wrong with a request.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    code: Code,
    detail: String,
    faults: Vec<Fault>,
    retryable: bool,
    overlap: Option<Box<Overlap>>,
    conflicts_with: Option<String>,
    considered: Box<[Considered]>,
    cause: Option<Arc<dyn Error + Send + Sync>>,
}

impl Problem {
    /// A problem that the caller can do something about. `detail` says what was wrong this time
    /// and what to do.
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            faults: Vec::new(),
            retryable: code.is_retryable(),
            overlap: None,
            conflicts_with: None,
            considered: Box::default(),
            cause: None,
        }
    }

    /// A query parameter has a value that the operation cannot take.
    pub(crate) fn of_parameter(parameter: &str, why: impl Into<String>) -> Self {
        Self::new(Code::InvalidQuery, "the query has a value that this operation cannot take")
            .with_faults([Fault::in_query(parameter, why)])
    }

    /// A problem on our side. The caller reads `detail`, which is fixed text, so that no inner
    /// error can reach a response; `cause` goes to the log.
    pub(crate) fn failure(
        code: Code,
        detail: &'static str,
        cause: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self { cause: Some(Arc::from(cause.into())), ..Self::new(code, detail) }
    }

    /// A user would have the name of a member of the cache's user group that is not ours: a group
    /// cannot hold two of one name.
    pub(crate) fn name_reserved(cache: &CacheName, name: &UserName) -> Self {
        let detail = format!(
            "the user group of cache {cache} has a member named {name} that is not Ringfence's; \
             choose another name or another cache"
        );
        Self::new(Code::TenantNameReserved, detail)
    }

    /// A failure that nobody foresaw.
    pub(crate) fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let detail =
            "Ringfence failed to handle the request; its log says more under the request id";
        Self::failure(Code::InternalError, detail, cause)
    }

    /// Names the places in the request that are at fault.
    pub(crate) fn with_faults(mut self, faults: impl IntoIterator<Item = Fault>) -> Self {
        self.faults.extend(faults);
        self
    }

    /// Says that this time, unlike others with the code, trying again does not help.
    pub(crate) fn not_to_be_retried(mut self) -> Self {
        self.retryable = false;
        self
    }

    /// The same for a caller from whom other tenants are hidden.
    pub(crate) fn without_other_tenants(self) -> Self {
        match self.code {
            Code::KeyPatternOverlap | Code::KeysLeftBehind => Self::new(
                self.code,
                "another tenant stands in the way, which this token is not for; choose another name \
                 or another cache",
            ),
            _ => self,
        }
    }

    /// Names the tenant and the key that stand in the way.
    pub(crate) fn with_overlap(mut self, overlap: Overlap) -> Self {
        self.overlap = Some(Box::new(overlap));
        self
    }

    /// Names the resource that stands in the way, by its path.
    pub(crate) fn conflicting_with(mut self, path: String) -> Self {
        self.conflicts_with = Some(path);
        self
    }

    /// Names the caches that were considered, and why each was not taken.
    pub(crate) fn having_considered(mut self, caches: &[Considered]) -> Self {
        self.considered = caches.into();
        self
    }

    /// The code.
    pub(crate) fn code(&self) -> Code {
        self.code
    }

    /// Whether the same request may succeed later, unchanged.
    pub(super) fn is_retryable(&self) -> bool {
        self.retryable
    }

    /// What the log should hold and the caller should not.
    pub(super) fn cause(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as &(dyn Error + 'static))
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.code.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// A key that two tenants would own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Overlap {
    /// The other tenant.
    pub(crate) tenant: TenantName,
    /// The key.
    pub(crate) key: String,
}

/// One place in the request that is at fault, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    place: Place,
    detail: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Body { pointer: String },
    Query { parameter: String },
    Header { name: &'static str },
}

impl Fault {
    /// A fault in the body, at a JSON pointer (RFC 6901): `/labels/team`.
    pub(crate) fn in_body(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { place: Place::Body { pointer: pointer.into() }, detail: detail.into() }
    }

    /// A fault in a query parameter.
    pub(crate) fn in_query(parameter: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { place: Place::Query { parameter: parameter.into() }, detail: detail.into() }
    }

    /// A fault in a header.
    pub(crate) fn in_header(name: &'static str, detail: impl Into<String>) -> Self {
        Self { place: Place::Header { name }, detail: detail.into() }
    }
}
