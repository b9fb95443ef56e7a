//! Requests as calls.

use axum::http::HeaderMap;
use serde_json::Value;

use super::caller::{self, Caller};
use super::reply::Reply;
use crate::calls::Service;
use crate::elasticache::Parameters;
use crate::place::Place;
use crate::redact::redacted;

/// A request that knows what it wants.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) service: Service,
    pub(crate) operation: String,
    pub(crate) place: Place,
    pub(crate) payload: Payload,
}

#[derive(Debug)]
pub(crate) enum Payload {
    /// The Query protocol of ElastiCache and STS: a form.
    Query(Parameters),
    /// Secrets Manager's JSON 1.1.
    Json(Value),
}

impl Request {
    /// The parameters for the log.
    pub(crate) fn redacted(&self) -> Value {
        match &self.payload {
            Payload::Query(parameters) => parameters.redacted(),
            Payload::Json(body) => redacted(body),
        }
    }
}

/// Finds out which service is meant: only Secrets Manager names its operation in a header, and only
/// the signature tells the others apart.
pub(crate) fn parse(
    headers: &HeaderMap,
    body: &[u8],
    default_account: &str,
) -> Result<Request, Reply> {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    let secrets_operation = target.and_then(|target| target.strip_prefix("secretsmanager."));
    let service = match secrets_operation {
        Some(_) => Service::SecretsManager,
        None => Service::ElastiCache,
    };
    let Some(Caller { place, service: signed_for }) = caller::parse(headers, default_account)
    else {
        let (code, message) = (unsigned_code(service), "Request is missing Authentication Token");
        return Err(Reply::refusal(service, code, message, 403));
    };
    let service = if signed_for == "sts" { Service::Sts } else { service };
    let (operation, payload) = if let Some(operation) = secrets_operation {
        let body = serde_json::from_slice(body).map_err(|_| {
            let message = "The request body is no JSON document";
            Reply::refusal(service, "SerializationException", message, 400)
        })?;
        (operation.to_owned(), Payload::Json(body))
    } else {
        let parameters = Parameters::parse(body);
        let Some(action) = parameters.get("Action").map(str::to_owned) else {
            let message = "The request names no action";
            return Err(Reply::refusal(service, "MissingAction", message, 400));
        };
        (action, Payload::Query(parameters))
    };
    Ok(Request { service, operation, place, payload })
}

const fn unsigned_code(service: Service) -> &'static str {
    match service {
        Service::ElastiCache | Service::Sts => "MissingAuthenticationToken",
        Service::SecretsManager => "MissingAuthenticationTokenException",
    }
}
