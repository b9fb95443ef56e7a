//! `POST /acl/explain`

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    ExplainReport, NotExplained,
    sent::{Sent, refused},
};
use crate::api::{
    Api,
    extract::{Json, given},
    problem::{Fault, Problem, problem_responses},
};

/// The access string and the call to ask about.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExplainAccessString {
    /// The access string, as `CreateUser` of ElastiCache takes it.
    #[schema(example = "on ~acme:* resetchannels -@all +@read", min_length = 1, max_length = 4096)]
    access_string: String,
    /// The call, word by word: the command and its arguments.
    #[schema(example = json!(["GET", "globex:plan"]))]
    command: Vec<String>,
    /// `valkey` or `redis`. Default: what the cache runs, or `valkey`.
    #[serde(default, deserialize_with = "given")]
    #[schema(example = "valkey", nullable = false, pattern = "^(redis|valkey)$")]
    engine: Option<String>,
    /// The engine's version. Default: what the cache runs, or the newest that ElastiCache has.
    #[serde(default, deserialize_with = "given")]
    #[schema(example = "8.1", nullable = false)]
    engine_version: Option<String>,
    /// The cache whose engine is meant.
    #[serde(default, deserialize_with = "given")]
    #[schema(example = "main", nullable = false)]
    cache: Option<String>,
}

problem_responses!(ExplainAccessStringProblems:
    InvalidBody,
    BodyTooLarge,
    UnsupportedMediaType,
    StoreUnavailable,
);

/// Say whether an access string allows a call.
///
/// Decides as the engine does, and names the rules that decided. What only shows while the call
/// runs is not seen: the keys inside a script, or the patterns of `SORT … GET`. Whether the user is
/// `on` is not looked at. Nothing is changed. `ringfence acl explain` does the same without a
/// service.
#[utoipa::path(
    post,
    path = "/acl/explain",
    operation_id = "explain_access_string",
    tag = "access strings",
    request_body(content = ExplainAccessString, example = json!({"access_string": "on ~acme:* resetchannels -@all +@read", "command": ["GET", "globex:plan"]})),
    responses(
        (status = 200, description = "Whether the call is allowed, and why.", body = ExplainReport,
            example = json!(ExplainReport::example())),
        ExplainAccessStringProblems
    )
)]
pub(crate) async fn explain_access_string(
    State(api): State<Api>,
    Json(body): Json<ExplainAccessString>,
) -> Result<axum::Json<ExplainReport>, Problem> {
    let engine = body.sent().target(&api)?.ground.engine;
    let command: Vec<&[u8]> = body.command.iter().map(String::as_bytes).collect();
    let report = ExplainReport::of(&body.access_string, engine, &command);
    Ok(axum::Json(report.map_err(|why| refused(faults(&why)))?))
}

impl ExplainAccessString {
    fn sent(&self) -> Sent<'_> {
        Sent {
            access_string: &self.access_string,
            engine: self.engine.as_deref(),
            engine_version: self.engine_version.as_deref(),
            cache: self.cache.as_deref(),
        }
    }
}

/// Where in the body it is.
fn faults(why: &NotExplained) -> Vec<Fault> {
    let in_string =
        |error: &ringfence_acl::ParseError| Fault::in_body("/access_string", error.to_string());
    match why {
        NotExplained::Rules(errors) => errors.iter().map(in_string).collect(),
        NotExplained::Call(error) => vec![Fault::in_body("/command", error.to_string())],
    }
}
