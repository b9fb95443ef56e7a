//! `GET /profiles`

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use super::view::ProfileView;
use crate::api::{
    Api,
    problem::{Problem, problem_responses},
};

/// All profiles: the built-in ones, then those of the configuration in its order.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProfileList {
    /// The profiles.
    items: Vec<ProfileView>,
}

impl ProfileList {
    /// A list for the API document.
    fn example() -> Self {
        Self { items: vec![ProfileView::example()] }
    }
}

problem_responses!(ListProfilesProblems: StoreUnavailable);

/// List the access profiles.
///
/// All that a tenant can ask for; there are so few that the list has no pages.
#[utoipa::path(
    get,
    path = "/profiles",
    operation_id = "list_profiles",
    tag = "profiles",
    responses(
        (status = 200, description = "The profiles.", body = ProfileList,
            example = json!(ProfileList::example())),
        ListProfilesProblems
    )
)]
pub(crate) async fn list_profiles(State(api): State<Api>) -> Result<Json<ProfileList>, Problem> {
    let items = api.profiles.iter().map(|profile| ProfileView::of(&api, profile));
    Ok(Json(ProfileList { items: items.collect() }))
}
