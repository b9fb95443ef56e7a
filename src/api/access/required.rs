//! What each operation needs.

use std::collections::HashMap;

use axum::http::Method;
use utoipa::openapi::{Paths, path::Operation, security::SecurityRequirement};

use crate::{
    api::problem::{guard_responses, open_responses},
    domain::Scope,
};

/// The name of the security scheme in the API document.
pub(in crate::api) const SCHEME: &str = "bearer";

/// Who may use an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::api) enum Access {
    /// Anybody, without a token too.
    Open,
    /// Whoever has the scope. The handler keeps to the tenants that the caller may have to do with.
    Narrowable(Scope),
    /// Whoever has the scope, and is not bound to some tenants.
    Whole(Scope),
}

impl Access {
    /// The scope that is needed, if any.
    pub(super) fn scope(self) -> Option<Scope> {
        match self {
            Self::Open => None,
            Self::Narrowable(scope) | Self::Whole(scope) => Some(scope),
        }
    }

    /// Writes it into the description of operations, with the problems that it brings.
    pub(in crate::api) fn describe(self, paths: &mut Paths) {
        for operation in paths.paths.values_mut().flat_map(operations_mut) {
            let scope = self.scope();
            let refusals = if scope.is_some() { guard_responses() } else { open_responses() };
            operation.responses.responses.extend(refusals);
            let needed = scope.map(|scope| SecurityRequirement::new(SCHEME, [scope.as_str()]));
            operation.security = Some(needed.into_iter().collect());
        }
    }
}

/// What each operation needs, by its method and path.
#[derive(Debug, Default)]
pub(in crate::api) struct AccessTable(HashMap<String, Vec<(Method, Access)>>);

impl AccessTable {
    /// Adds operations that need the same.
    pub(in crate::api) fn add(&mut self, paths: &Paths, access: Access) {
        for (path, item) in &paths.paths {
            let methods = [
                (Method::GET, item.get.is_some()),
                (Method::POST, item.post.is_some()),
                (Method::PUT, item.put.is_some()),
                (Method::PATCH, item.patch.is_some()),
                (Method::DELETE, item.delete.is_some()),
            ];
            let there = methods.into_iter().filter(|(_, is_there)| *is_there);
            let entries = there.map(|(method, _)| (method, access));
            self.0.entry(path.clone()).or_default().extend(entries);
        }
    }

    /// What the operation with this path, as the router has it, needs. `HEAD` is answered like `GET`.
    pub(super) fn find(&self, method: &Method, path: &str) -> Option<Access> {
        let method = if method == Method::HEAD { &Method::GET } else { method };
        let entries = self.0.get(path)?;
        entries.iter().find(|(of, _)| of == method).map(|(_, access)| *access)
    }
}

fn operations_mut(item: &mut utoipa::openapi::PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete]
        .into_iter()
        .flatten()
}
