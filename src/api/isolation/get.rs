//! `GET /isolation`

use std::{collections::BTreeMap, sync::Arc};

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::IntoParams;

use super::view::IsolationView;
use crate::{
    api::{
        Api,
        extract::Query,
        problem::{Code, Fault, Problem, problem_responses},
    },
    domain::{CacheName, GroupMember, Owner, Resident, Tenant, TierKind, prove},
    reconcile::Cache,
    store::TenantQuery,
};

/// Of which cache.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct GetIsolation {
    /// The cache. Default: the first that is configured.
    #[param(nullable = false, example = "main")]
    cache: Option<String>,
}

problem_responses!(GetIsolationProblems: InvalidQuery, StoreUnavailable, CloudUnavailable);

/// Prove that users cannot reach each other.
///
/// Looks at all users of a cache's user group, Ringfence's and foreign ones, as the last look at AWS
/// showed them, and at every pair: either no key and no channel is reached by both, or one that is
/// reached by both is named, and who they are. What goes round key patterns is looked for in the
/// commands of each user. Nothing is asked of AWS or of the engine; what the engine really enforces
/// is what the attestation of a tenant tries.
#[utoipa::path(
    get,
    path = "/isolation",
    operation_id = "get_isolation",
    tag = "isolation",
    params(GetIsolation),
    responses(
        (status = 200, description = "What was found.", body = IsolationView,
            example = json!(IsolationView::example())),
        GetIsolationProblems
    )
)]
pub(crate) async fn get_isolation(
    State(api): State<Api>,
    Query(wanted): Query<GetIsolation>,
) -> Result<Json<IsolationView>, Problem> {
    let cache = wanted.find(&api)?;
    let name = cache.config().name.clone();
    let seen = cache.view();
    let Some(observed) = seen.observed else { return Err(not_seen()) };
    let query =
        TenantQuery { cache: Some(name.clone()), limit: u32::MAX, ..TenantQuery::default() };
    let tenants = api.store.tenants(&query).await?;
    let prove = move || {
        let residents = residents(&observed.members, &tenants);
        let isolation = prove(residents, &observed.ground);
        IsolationView::new(&name, observed.at, seen.failure, &isolation)
    };
    // A group can be made to take long, and other requests are not to wait for it.
    tokio::task::spawn_blocking(prove).await.map(Json).map_err(Problem::internal)
}

impl GetIsolation {
    fn find<'a>(&self, api: &'a Api) -> Result<&'a Cache, Problem> {
        let refused = |detail: String| {
            Problem::new(Code::InvalidQuery, "the query has a value that a parameter cannot take")
                .with_faults([Fault::in_query("cache", detail)])
        };
        let name = match &self.cache {
            Some(name) => CacheName::parse(name).map_err(|error| refused(error.to_string()))?,
            None => api.placement.default_cache.clone(),
        };
        api.caches.get(&name).ok_or_else(|| {
            refused(format!("no cache named {name} is configured; GET /caches lists them"))
        })
    }
}

fn not_seen() -> Problem {
    let detail = "the cache has not been seen in AWS yet; GET /caches says why, if it is not about \
                  to be";
    Problem::new(Code::CloudUnavailable, detail)
}

/// The members of the group, and whose each is.
fn residents(members: &Arc<[GroupMember]>, tenants: &[Tenant]) -> Vec<Resident> {
    let users =
        tenants.iter().flat_map(|t| t.users_and_purger().map(move |user| (&user.user_id, t)));
    let by_user: BTreeMap<_, _> = users.collect();
    let resident = |user: &GroupMember| {
        let owner = match by_user.get(&user.id) {
            Some(tenant) if tenant.kind() == TierKind::BreakGlass => {
                Owner::BreakGlass(tenant.name.clone())
            }
            Some(tenant) => Owner::Tenant(tenant.name.clone()),
            None => Owner::Foreign,
        };
        Resident { user: user.clone(), owner }
    };
    members.iter().map(resident).collect()
}
