//! The list of all operations. Where an operation is, and what it takes, stands at its handler.

use axum::Router;
use utoipa::openapi::OpenApi;
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouter},
    routes,
};

use super::{
    Api, acl, attestations, break_glass, caches, drift, fleet_rotations, health, isolation,
    metrics, profiles, rotations, services, tenants, users,
};

/// The operations that answer in JSON, one entry for each path.
fn json_operations() -> Vec<UtoipaMethodRouter<Api>> {
    vec![
        // For callers.
        routes!(tenants::list::list_tenants, tenants::create::create_tenant),
        routes!(
            tenants::get::get_tenant,
            tenants::patch::patch_tenant,
            tenants::delete::delete_tenant
        ),
        routes!(tenants::credentials::get_tenant_credentials),
        routes!(users::list::list_users),
        routes!(users::get::get_user, users::put::put_user, users::delete::delete_user),
        routes!(users::credentials::get_user_credentials),
        routes!(attestations::list::list_attestations, attestations::create::create_attestation),
        routes!(attestations::get::get_attestation),
        routes!(rotations::list::list_rotations, rotations::create::create_rotation),
        routes!(rotations::get::get_rotation),
        routes!(rotations::retire::retire_rotation),
        routes!(rotations::cancel::cancel_rotation),
        routes!(rotations::acknowledge::acknowledge_rotation),
        routes!(
            fleet_rotations::list::list_fleet_rotations,
            fleet_rotations::create::create_fleet_rotation
        ),
        routes!(fleet_rotations::get::get_fleet_rotation),
        routes!(fleet_rotations::list_members::list_fleet_members),
        routes!(fleet_rotations::pause::pause_fleet_rotation),
        routes!(fleet_rotations::resume::resume_fleet_rotation),
        routes!(fleet_rotations::cancel::cancel_fleet_rotation),
        routes!(fleet_rotations::retire::retire_fleet_rotation),
        routes!(services::list::list_services, services::create::create_service),
        routes!(services::get::get_service, services::delete::delete_service),
        routes!(services::credentials::get_service_credentials),
        routes!(break_glass::list::list_sessions, break_glass::create::create_session),
        routes!(break_glass::get::get_session, break_glass::delete::delete_session),
        routes!(break_glass::credentials::get_session_credentials),
        routes!(caches::list::list_caches),
        routes!(caches::get::get_cache),
        routes!(profiles::list::list_profiles),
        routes!(profiles::get::get_profile),
        routes!(isolation::get::get_isolation),
        routes!(drift::list::list_drift),
        routes!(drift::create_repair::create_drift_repair),
        routes!(drift::create_sweep::create_drift_sweep),
        routes!(acl::lint::lint_access_string),
        routes!(acl::explain::explain_access_string),
        // For whatever keeps the service running.
        routes!(health::get_liveness),
        routes!(health::get_readiness),
    ]
}

/// The operations that answer in a format of their own.
fn text_operations() -> Vec<UtoipaMethodRouter<Api>> {
    vec![routes!(metrics::get_metrics)]
}

/// The operations that answer in JSON, as a router.
pub(super) fn json_router() -> Router<Api> {
    collect(OpenApiRouter::new(), json_operations()).split_for_parts().0
}

/// The others.
pub(super) fn text_router() -> Router<Api> {
    collect(OpenApiRouter::new(), text_operations()).split_for_parts().0
}

/// The operations as a document, added to what `document` already says.
pub(super) fn describe(document: OpenApi) -> OpenApi {
    let described = collect(OpenApiRouter::with_openapi(document), json_operations());
    collect(described, text_operations()).into_openapi()
}

fn collect(
    router: OpenApiRouter<Api>,
    operations: Vec<UtoipaMethodRouter<Api>>,
) -> OpenApiRouter<Api> {
    operations.into_iter().fold(router, OpenApiRouter::routes)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Two types of one name would silently share the schema of the first.
    #[test]
    fn no_two_schemas_collide_in_name() {
        let mut seen = BTreeMap::new();
        for (schemas, ..) in json_operations().into_iter().chain(text_operations()) {
            for (name, schema) in schemas {
                let schema = serde_json::to_value(schema).unwrap();
                let first = seen.entry(name.clone()).or_insert_with(|| schema.clone());
                assert_eq!(*first, schema, "two schemas are named {name}");
            }
        }
    }
}
