//! The query.

use axum::{extract::FromRequestParts, http::request::Parts};
use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;

use crate::api::problem::{Code, Fault, Problem};

/// A query whose every parameter the operation knows. A parameter that is a list may be repeated.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        let pairs = serde_html_form::Deserializer::from_bytes(query.as_bytes());
        serde_path_to_error::deserialize(pairs).map(Self).map_err(|error| {
            let parameter = match error.path().iter().next() {
                Some(Segment::Map { key }) => key.clone(),
                _ => String::new(),
            };
            let detail = "the query has a parameter that this operation cannot take";
            Problem::new(Code::InvalidQuery, detail)
                .with_faults([Fault::in_query(parameter, error.inner().to_string())])
        })
    }
}
