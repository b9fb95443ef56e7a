//! Answers that show one tenant, service or session.

use axum::http::{StatusCode, header};

use super::view::TenantView;
use crate::{
    api::{break_glass::SessionView, extract::EntityTag},
    domain::{Tenant, TierKind},
    store::StoredAnswer,
};

/// An answer with the tenant in its body and with the headers that go with it, in the form in
/// which it can be kept and given again.
pub(super) fn show(status: StatusCode, tenant: &Tenant) -> StoredAnswer {
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::LOCATION, path_of(tenant)),
        (header::ETAG, EntityTag::of(tenant).as_str().to_owned()),
    ];
    StoredAnswer {
        status: status.as_u16(),
        headers: headers.map(|(name, value)| (name.to_string(), value)).into(),
        body: match SessionView::of(tenant) {
            Some(session) => serde_json::to_string(&session),
            None => serde_json::to_string(&TenantView::from(tenant)),
        }
        .expect("a view is text, numbers and times"),
    }
}

/// Where a tenant or service is served.
pub(super) fn path_of(tenant: &Tenant) -> String {
    match tenant.kind() {
        TierKind::Tenant => format!("/tenants/{}", tenant.name),
        TierKind::Service => format!("/services/{}", tenant.name),
        TierKind::BreakGlass => format!("/break-glass/{}", tenant.name),
    }
}
