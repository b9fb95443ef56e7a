//! `GET /profiles/{name}`

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};

use super::view::ProfileView;
use crate::api::{
    Api,
    problem::{Code, Problem, problem_responses},
};

problem_responses!(GetProfileProblems: ProfileNotFound, StoreUnavailable);

/// Show an access profile.
///
/// What it makes of a tenant's access string on each cache, and what the lint says of that.
#[utoipa::path(
    get,
    path = "/profiles/{name}",
    operation_id = "get_profile",
    tag = "profiles",
    params(("name" = String, Path, description = "The profile's name.", example = "read-write")),
    responses(
        (status = 200, description = "The profile.", body = ProfileView,
            example = json!(ProfileView::example())),
        GetProfileProblems
    )
)]
pub(crate) async fn get_profile(
    State(api): State<Api>,
    name: Result<Path<String>, PathRejection>,
) -> Result<Json<ProfileView>, Problem> {
    // What cannot be read as text names no profile.
    let name = name.map(|Path(name)| name).unwrap_or_default();
    let profile = api
        .profiles
        .find(&name)
        .map_err(|unknown| Problem::new(Code::ProfileNotFound, unknown.to_string()))?;
    Ok(Json(ProfileView::with_spread(&api, profile).await?))
}
