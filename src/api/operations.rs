//! The list of all operations, with what a caller needs for each. Where an operation is, and what it
//! takes, stands at its handler.

use axum::Router;
use utoipa::openapi::OpenApi;
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouter},
    routes,
};

use super::{
    Api,
    access::{Access, AccessTable},
    acl, attestations, break_glass, caches, drift, events, fleet_rotations, health, isolation,
    metrics, profiles, reports, rotations, services, tenants, users, webhooks,
};
use crate::domain::Scope;

/// Operations on one path that need the same.
type Operations = (Access, UtoipaMethodRouter<Api>);

/// The operations that answer in JSON, and what each needs.
fn json_operations() -> Vec<Operations> {
    [
        of_tenants(),
        of_rotations(),
        of_services(),
        of_caches(),
        of_webhooks(),
        vec![
            // For whatever keeps the service running.
            (Access::Open, routes!(health::get_liveness)),
            (Access::Open, routes!(health::get_readiness)),
        ],
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Each finds its tenant by the path, or keeps to the caller's bounds by itself.
fn of_tenants() -> Vec<Operations> {
    let (reads, writes) =
        (Access::Narrowable(Scope::TenantsRead), Access::Narrowable(Scope::TenantsWrite));
    let credentials = Access::Narrowable(Scope::CredentialsRead);
    vec![
        (reads, routes!(tenants::list::list_tenants)),
        (writes, routes!(tenants::create::create_tenant)),
        (reads, routes!(tenants::get::get_tenant)),
        (writes, routes!(tenants::patch::patch_tenant, tenants::delete::delete_tenant)),
        (credentials, routes!(tenants::credentials::get_tenant_credentials)),
        (reads, routes!(users::list::list_users)),
        (reads, routes!(users::get::get_user)),
        (writes, routes!(users::put::put_user, users::delete::delete_user)),
        (credentials, routes!(users::credentials::get_user_credentials)),
        (reads, routes!(attestations::list::list_attestations)),
        (writes, routes!(attestations::create::create_attestation)),
        (reads, routes!(attestations::get::get_attestation)),
    ]
}

fn of_rotations() -> Vec<Operations> {
    let (reads, writes) =
        (Access::Narrowable(Scope::TenantsRead), Access::Narrowable(Scope::RotationsWrite));
    let (reads_all, writes_all) =
        (Access::Whole(Scope::TenantsRead), Access::Whole(Scope::RotationsWrite));
    vec![
        (reads, routes!(rotations::list::list_rotations)),
        (writes, routes!(rotations::create::create_rotation)),
        (reads, routes!(rotations::get::get_rotation)),
        (writes, routes!(rotations::retire::retire_rotation)),
        (writes, routes!(rotations::cancel::cancel_rotation)),
        (writes, routes!(rotations::acknowledge::acknowledge_rotation)),
        (reads_all, routes!(fleet_rotations::list::list_fleet_rotations)),
        (writes_all, routes!(fleet_rotations::create::create_fleet_rotation)),
        (reads_all, routes!(fleet_rotations::get::get_fleet_rotation)),
        (reads_all, routes!(fleet_rotations::list_members::list_fleet_members)),
        (writes_all, routes!(fleet_rotations::pause::pause_fleet_rotation)),
        (writes_all, routes!(fleet_rotations::resume::resume_fleet_rotation)),
        (writes_all, routes!(fleet_rotations::cancel::cancel_fleet_rotation)),
        (writes_all, routes!(fleet_rotations::retire::retire_fleet_rotation)),
    ]
}

/// Services and sessions reach further than any tenant.
fn of_services() -> Vec<Operations> {
    let (reads, writes) = (Access::Whole(Scope::TenantsRead), Access::Whole(Scope::ServicesWrite));
    let break_glass = Access::Whole(Scope::BreakGlass);
    vec![
        (reads, routes!(services::list::list_services)),
        (writes, routes!(services::create::create_service)),
        (reads, routes!(services::get::get_service)),
        (writes, routes!(services::delete::delete_service)),
        (
            Access::Whole(Scope::CredentialsRead),
            routes!(services::credentials::get_service_credentials),
        ),
        (
            break_glass,
            routes!(break_glass::list::list_sessions, break_glass::create::create_session),
        ),
        (break_glass, routes!(break_glass::get::get_session, break_glass::delete::delete_session)),
        (break_glass, routes!(break_glass::credentials::get_session_credentials)),
    ]
}

/// What is told of a cache adds up over all its tenants, or names them.
fn of_caches() -> Vec<Operations> {
    let (reads, repairs) = (Access::Whole(Scope::TenantsRead), Access::Whole(Scope::DriftWrite));
    // Profiles stand in the configuration, which knows no tenant.
    let reads_settings = Access::Narrowable(Scope::TenantsRead);
    vec![
        (reads, routes!(caches::list::list_caches)),
        (reads, routes!(caches::get::get_cache)),
        (reads, routes!(caches::default_user_activity::get_default_user_activity)),
        (reads_settings, routes!(profiles::list::list_profiles)),
        (reads_settings, routes!(profiles::get::get_profile)),
        (reads, routes!(isolation::get::get_isolation)),
        (reads, routes!(reports::cost::get_cost_report)),
        (reads, routes!(drift::list::list_drift)),
        (repairs, routes!(drift::create_repair::create_drift_repair)),
        (repairs, routes!(drift::create_sweep::create_drift_sweep)),
        // Both answer with the neighbours that a string would meet.
        (reads, routes!(acl::lint::lint_access_string)),
        (reads, routes!(acl::explain::explain_access_string)),
    ]
}

/// Webhooks are told of all tenants, and have the service call a URL of the caller's.
fn of_webhooks() -> Vec<Operations> {
    let admin = Access::Whole(Scope::Admin);
    vec![
        (admin, routes!(webhooks::list::list_webhooks, webhooks::create::create_webhook)),
        (
            admin,
            routes!(
                webhooks::get::get_webhook,
                webhooks::patch::patch_webhook,
                webhooks::delete::delete_webhook
            ),
        ),
        (admin, routes!(webhooks::create_secret::create_webhook_secret)),
        (admin, routes!(webhooks::create_test::create_webhook_test)),
        (admin, routes!(webhooks::list_deliveries::list_deliveries)),
        (admin, routes!(webhooks::create_redelivery::create_redelivery)),
    ]
}

/// The operations that answer in a format of their own, or in one of several.
fn text_operations() -> Vec<Operations> {
    vec![
        (Access::Whole(Scope::AuditRead), routes!(events::list::list_events)),
        (Access::Whole(Scope::MetricsRead), routes!(metrics::get_metrics)),
    ]
}

/// The operations that answer in JSON, as a router.
pub(super) fn json_router() -> Router<Api> {
    collect(OpenApiRouter::new(), json_operations()).split_for_parts().0
}

/// The others.
pub(super) fn text_router() -> Router<Api> {
    collect(OpenApiRouter::new(), text_operations()).split_for_parts().0
}

/// What each operation needs.
pub(super) fn access_table() -> AccessTable {
    let mut table = AccessTable::default();
    for (access, (_, paths, _)) in json_operations().iter().chain(&text_operations()) {
        table.add(paths, *access);
    }
    table
}

/// The operations as a document, added to what `document` already says.
pub(super) fn describe(document: OpenApi) -> OpenApi {
    let described = collect(OpenApiRouter::with_openapi(document), json_operations());
    collect(described, text_operations()).into_openapi()
}

fn collect(router: OpenApiRouter<Api>, operations: Vec<Operations>) -> OpenApiRouter<Api> {
    operations.into_iter().fold(router, |router, (access, (schemas, mut paths, methods))| {
        access.describe(&mut paths);
        router.routes((schemas, paths, methods))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Two types of one name would silently share the schema of the first.
    #[test]
    fn no_two_schemas_collide_in_name() {
        let mut seen = BTreeMap::new();
        for (_, (schemas, ..)) in json_operations().into_iter().chain(text_operations()) {
            for (name, schema) in schemas {
                let schema = serde_json::to_value(schema).unwrap();
                let first = seen.entry(name.clone()).or_insert_with(|| schema.clone());
                assert_eq!(*first, schema, "two schemas are named {name}");
            }
        }
    }
}
