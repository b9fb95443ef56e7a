//! How problems stand in the API document: for each operation, all that it can answer with.

use std::collections::BTreeMap;

use serde_json::Value;
use utoipa::openapi::{
    ContentBuilder, Ref, RefOr, Response, ResponseBuilder, example::ExampleBuilder,
    header::HeaderBuilder,
};

use super::Code;

/// Defines a type that lists the problems of one operation, for its `responses(…)`.
macro_rules! problem_responses {
    // Of an operation that answers in JSON, which somebody may not take.
    ($name:ident: $($code:ident),* $(,)?) => {
        $crate::api::problem::problem_responses!($name as text: $($code,)* NotAcceptable);
    };
    ($name:ident as text: $($code:ident),* $(,)?) => {
        /// The problems that the operation answers with, for the API document.
        pub(crate) enum $name {}

        impl ::utoipa::IntoResponses for $name {
            fn responses() -> ::std::collections::BTreeMap<
                String,
                ::utoipa::openapi::RefOr<::utoipa::openapi::Response>,
            > {
                $crate::api::problem::responses_for(&[$($crate::api::problem::Code::$code),*])
            }
        }
    };
}
pub(crate) use problem_responses;

/// What every operation can answer with, whatever it does. A silent issuer is the guard's matter, and shares
/// its status with others.
const EVERYWHERE: [Code; 5] = [
    Code::InternalError,
    Code::RequestTimedOut,
    Code::Overloaded,
    Code::UriTooLong,
    Code::IssuerUnavailable,
];

/// What the guard answers with for an operation that is not open to all.
const GUARDED: [Code; 5] = [
    Code::Unauthenticated,
    Code::Forbidden,
    Code::ForeignOrigin,
    Code::TooManyFailures,
    Code::RateLimited,
];

/// The responses for the given codes and those of every operation: one for each status, naming all
/// its problems with an example of each.
pub(crate) fn responses_for(codes: &[Code]) -> BTreeMap<String, RefOr<Response>> {
    // Whoever may send too much may also send it too slowly.
    let slow = codes.contains(&Code::BodyTooLarge).then_some(&Code::BodyTimedOut);
    by_status(codes.iter().chain(slow).chain(&EVERYWHERE))
}

/// What the guard answers with for an operation that is open to all. Nothing else has the status.
pub(crate) fn open_responses() -> BTreeMap<String, RefOr<Response>> {
    by_status([Code::ForeignOrigin].iter())
}

/// What the guard answers with for any other operation. Nothing else has these statuses.
pub(crate) fn guard_responses() -> BTreeMap<String, RefOr<Response>> {
    by_status(GUARDED.iter())
}

fn by_status<'a>(codes: impl Iterator<Item = &'a Code>) -> BTreeMap<String, RefOr<Response>> {
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in codes {
        by_status.entry(code.status().as_u16()).or_default().push(*code);
    }
    by_status
        .into_iter()
        .map(|(status, codes)| (status.to_string(), RefOr::T(response(&codes))))
        .collect()
}

fn response(codes: &[Code]) -> Response {
    let lines: Vec<_> = codes
        .iter()
        .map(|code| format!("[`{}`]({}): {}.", code.slug(), code.page_path(), code.title()))
        .collect();
    let examples = codes.iter().map(|code| {
        let example = ExampleBuilder::new().summary(code.title()).value(json_block(code.page()));
        (code.slug(), example.build())
    });
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .examples_from_iter(examples)
        .build();
    let mut response = ResponseBuilder::new()
        .description(lines.join("\n\n"))
        .content("application/problem+json", content);
    if codes.contains(&Code::Unauthenticated) || codes.contains(&Code::Forbidden) {
        let challenge = HeaderBuilder::new().description(Some(
            "What a token must be, and what was wrong with this one (RFC 6750).",
        ));
        response = response.header("WWW-Authenticate", challenge.build());
    }
    if codes.iter().any(|code| code.is_retryable()) {
        let seconds = HeaderBuilder::new().description(Some("In how many seconds to try again."));
        response = response.header("Retry-After", seconds.build());
    }
    response.build()
}

/// The first JSON block of a page: its example.
pub(super) fn json_block(page: &str) -> Option<Value> {
    let (_, rest) = page.split_once("```json\n")?;
    let (json, _) = rest.split_once("```")?;
    serde_json::from_str(json).ok()
}
