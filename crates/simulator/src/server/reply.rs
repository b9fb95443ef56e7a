//! Answers as HTTP.

use std::io;

use aws_lc_rs::rand;
use axum::body::{Body, Bytes};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use futures_util::stream;
use serde_json::{Value, json};

use crate::calls::{Outcome, Service};
use crate::elasticache::xml::{self, Element};

/// What a client gets.
#[derive(Debug)]
pub(crate) struct Reply {
    service: Service,
    status: u16,
    body: Vec<u8>,
    request_id: String,
    outcome: Outcome,
}

impl Reply {
    pub(crate) fn elements(service: Service, operation: &str, result: &[Element]) -> Self {
        let request_id = request_id();
        let body = xml::answer(namespace(service), operation, result, &request_id);
        Self::answered(service, body, request_id)
    }

    pub(crate) fn json(result: &Value) -> Self {
        Self::answered(Service::SecretsManager, result.to_string().into_bytes(), request_id())
    }

    fn answered(service: Service, body: Vec<u8>, request_id: String) -> Self {
        Self { service, status: 200, body, request_id, outcome: Outcome::Answered }
    }

    pub(crate) fn refusal(service: Service, code: &str, message: &str, status: u16) -> Self {
        let request_id = request_id();
        let body = match service {
            Service::ElastiCache | Service::Sts => {
                let fault = xml::Fault { code, message, status };
                xml::error(namespace(service), &fault, &request_id)
            }
            Service::SecretsManager => {
                json!({ "__type": code, "Message": message, "message": message })
                    .to_string()
                    .into_bytes()
            }
        };
        let outcome = Outcome::Refused { code: code.to_owned(), status };
        Self { service, status, body, request_id, outcome }
    }

    /// No answer: the connection ends.
    ///
    /// The server writes the head of a response together with the first of its body. A body that
    /// fails at once leaves nothing to write, and the connection is closed.
    pub(crate) fn dropped() -> Response {
        let failure = Err::<Bytes, _>(io::Error::other("this connection is to end"));
        Response::new(Body::from_stream(stream::iter([failure])))
    }

    pub(crate) fn outcome(&self) -> Outcome {
        self.outcome.clone()
    }

    pub(crate) fn into_response(self) -> Response {
        let content_type = match self.service {
            Service::ElastiCache | Service::Sts => "text/xml",
            Service::SecretsManager => "application/x-amz-json-1.1",
        };
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        if let Ok(request_id) = HeaderValue::from_str(&self.request_id) {
            headers.insert("x-amzn-requestid", request_id);
        }
        response
    }
}

/// Of the XML of the Query protocol.
const fn namespace(service: Service) -> &'static str {
    match service {
        Service::ElastiCache => "http://elasticache.amazonaws.com/doc/2015-02-02/",
        Service::Sts => "https://sts.amazonaws.com/doc/2011-06-15/",
        Service::SecretsManager => "",
    }
}

fn request_id() -> String {
    let mut bytes = [0; 16];
    rand::fill(&mut bytes).expect("the system gives random bytes");
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}
