//! `POST /acl/lint`

use axum::extract::State;
use ringfence_acl::LintContext;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{LintReport, sent::Sent, surroundings::Surroundings};
use crate::{
    api::{
        Api,
        extract::{Json, given},
        problem::{Problem, problem_responses},
    },
    domain::lint_context,
};

/// The access string to look over, and what it is meant for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LintAccessString {
    /// The access string, as `CreateUser` of ElastiCache takes it.
    #[schema(example = "on ~acme-* +@read +@write -@dangerous", max_length = 4096)]
    access_string: String,
    /// `valkey` or `redis`. Default: what the cache runs, or `valkey`.
    #[serde(default, deserialize_with = "given")]
    #[schema(example = "valkey", nullable = false, pattern = "^(redis|valkey)$")]
    engine: Option<String>,
    /// The engine's version. Default: what the cache runs, or the newest that ElastiCache has.
    #[serde(default, deserialize_with = "given")]
    #[schema(example = "8.1", nullable = false)]
    engine_version: Option<String>,
    /// The cache that the string is meant for. Its users are then looked at as well: those that
    /// reach the same keys or channels are named, a tenant by what is reserved for it. A string
    /// that is already in the cache meets itself.
    #[serde(default, deserialize_with = "given")]
    #[schema(example = "main", nullable = false)]
    cache: Option<String>,
}

problem_responses!(LintAccessStringProblems:
    InvalidBody,
    BodyTooLarge,
    UnsupportedMediaType,
    StoreUnavailable,
);

/// Look an access string over.
///
/// Says what the string lets through that its author will not expect: commands that go round key
/// patterns, channels, functions, what clients need and do not get, rules that the engine refuses.
/// A string that cannot be read is answered with `200` too: where and why is then the one finding.
/// Nothing is changed. `ringfence acl lint` does the same without a service.
#[utoipa::path(
    post,
    path = "/acl/lint",
    operation_id = "lint_access_string",
    tag = "access strings",
    request_body(content = LintAccessString, example = json!({"access_string": "on ~acme-* +@read +@write -@dangerous", "engine": "valkey", "engine_version": "8.1"})),
    responses(
        (status = 200, description = "What was found.", body = LintReport,
            example = json!(LintReport::example())),
        LintAccessStringProblems
    )
)]
pub(crate) async fn lint_access_string(
    State(api): State<Api>,
    Json(body): Json<LintAccessString>,
) -> Result<axum::Json<LintReport>, Problem> {
    let target = body.sent().target(&api)?;
    let around = Surroundings::of(&api, target.cache).await?;
    let ground = target.ground;
    let look = move || {
        let context = LintContext {
            default_user: around.default_user,
            neighbours: &around.neighbours,
            ..lint_context(&ground)
        };
        LintReport::of(&body.access_string, &context)
    };
    // A string may be made to take long, and other requests are not to wait for it.
    tokio::task::spawn_blocking(look).await.map(axum::Json).map_err(Problem::internal)
}

impl LintAccessString {
    fn sent(&self) -> Sent<'_> {
        Sent {
            access_string: &self.access_string,
            engine: self.engine.as_deref(),
            engine_version: self.engine_version.as_deref(),
            cache: self.cache.as_deref(),
        }
    }
}
