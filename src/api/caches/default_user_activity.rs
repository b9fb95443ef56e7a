//! `GET /caches/{name}/default-user-activity`

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};

use super::{activity_view::DefaultUserActivityView, path::cache_at};
use crate::{
    api::{
        Api,
        observer::Observer,
        problem::{Code, Problem, problem_responses},
    },
    attestation::{Attestor, Unobserved},
};

problem_responses!(GetDefaultUserActivityProblems:
    CacheNotFound,
    ObserverMissing,
    SecretUnreadable,
    StoreUnavailable,
    CloudUnavailable,
    CacheUnobserved,
);

/// Show who still uses the `default` user.
///
/// What all nodes tell at this moment by `CLIENT LIST` and `ACL LOG`, summed up by client: to see who
/// has not moved to a user of its own. Asked as the service that the cache's `connection_observer`
/// names. Connections that have not logged in yet are the `default` user's too.
#[utoipa::path(
    get,
    path = "/caches/{name}/default-user-activity",
    operation_id = "get_default_user_activity",
    tag = "caches",
    params(("name" = String, Path, description = "The cache's name.", example = "main")),
    responses(
        (status = 200, description = "Who uses it.", body = DefaultUserActivityView,
            example = json!(DefaultUserActivityView::example())),
        GetDefaultUserActivityProblems
    )
)]
pub(crate) async fn get_default_user_activity(
    State(api): State<Api>,
    name: Result<Path<String>, PathRejection>,
) -> Result<Json<DefaultUserActivityView>, Problem> {
    let cache = cache_at(&api, name)?;
    let observer = Observer::of(&api, cache).await?;
    let at = api.clock.now();
    let (nodes, activity) =
        Attestor::default().default_user_activity(&observer.subject()).await.map_err(problem)?;
    Ok(Json(DefaultUserActivityView::new(cache, at, &nodes, activity)))
}

fn problem(unobserved: Unobserved) -> Problem {
    match &unobserved {
        Unobserved::Refused => Problem::new(
            Code::ObserverMissing,
            "the observer is refused CLIENT LIST or ACL LOG: its profile has to give it both",
        ),
        Unobserved::Unanswered(_) => {
            let detail = "not every node told who is connected; ask again";
            Problem::failure(Code::CacheUnobserved, detail, unobserved)
        }
    }
}
