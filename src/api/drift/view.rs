//! An item of drift as the API shows it.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{DriftItem, DriftKind, DriftPolicy, DriftRemedy};

/// Something that is not as the store says.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DriftItem)]
pub(crate) struct DriftItemView {
    /// Its id: the same in every sweep.
    #[schema(example = "not-in-group:main:rf-acme")]
    id: String,
    /// What kind of drift it is; `docs/drift.md` lists all.
    #[schema(example = "not-in-group")]
    kind: &'static str,
    /// The cache.
    #[schema(example = "main")]
    cache: String,
    /// The tenant, service or session; absent for an orphan, and where it is about the cache.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "acme")]
    tenant: Option<String>,
    /// The user within the tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "main")]
    user: Option<String>,
    /// What AWS calls it: a `UserId`, the name of a secret, a user group or a cache.
    #[schema(example = "rf-acme")]
    subject: String,
    /// What AWS says.
    #[schema(example = "no member")]
    found: String,
    /// What it should say.
    #[schema(example = "a member")]
    expected: String,
    /// Since when it is seen.
    since: Timestamp,
    /// When it was last seen.
    seen_at: Timestamp,
    /// What is done about it: `repair` by itself, or `report` until somebody asks for its repair.
    #[schema(example = "repair")]
    policy: &'static str,
    repair: RepairView,
    /// Who is likely undoing its repairs, and how to stop that. Present if it was repaired three times
    /// within an hour.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    undone_by: Option<String>,
}

/// How an item is repaired.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DriftRepair)]
pub(crate) struct RepairView {
    /// Whether Ringfence can repair it. If not, a person has to.
    #[schema(example = true)]
    automatic: bool,
    /// What Ringfence would do, or what the person has to.
    #[schema(example = "Put the user back into the user group and attest it.")]
    does: &'static str,
    /// `asked`: the next sweep that sees it begins its repair. `begun`: its repair has begun after it
    /// was last seen. Absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "begun")]
    state: Option<&'static str>,
}

impl From<&DriftItem> for DriftItemView {
    fn from(item: &DriftItem) -> Self {
        let found = &item.found;
        let owner = found.owner.as_ref();
        Self {
            id: item.id.to_string(),
            kind: found.difference.kind.as_str(),
            cache: found.cache.to_string(),
            tenant: owner.map(|owner| owner.tenant_name.to_string()),
            user: owner.map(|owner| owner.user_name.to_string()),
            subject: found.subject.clone(),
            found: found.difference.found.clone(),
            expected: found.difference.expected.clone(),
            since: item.since,
            seen_at: item.seen_at,
            policy: found.policy.as_str(),
            repair: RepairView::of(item),
            undone_by: item.who_fights(),
        }
    }
}

impl RepairView {
    fn of(item: &DriftItem) -> Self {
        let state = if item.repair_is_asked {
            Some("asked")
        } else {
            item.repaired_at.filter(|at| *at >= item.seen_at).map(|_| "begun")
        };
        Self { state, ..Self::for_kind(item.found.difference.kind) }
    }

    fn for_kind(kind: DriftKind) -> Self {
        match (kind.remedy(), kind.repair_text()) {
            (DriftRemedy::Person(does), _) => Self { automatic: false, does, state: None },
            (DriftRemedy::Repair(_), does) => {
                Self { automatic: true, does: does.unwrap_or_default(), state: None }
            }
        }
    }
}

impl DriftItemView {
    /// An item for the API document.
    pub(super) fn example(kind: DriftKind) -> Self {
        // 2026-11-21T20:15:00Z
        let since = Timestamp::constant(1_795_292_100, 0);
        Self {
            id: format!("{kind}:main:rf-acme"),
            kind: kind.as_str(),
            cache: "main".to_owned(),
            tenant: Some("acme".to_owned()),
            user: Some("main".to_owned()),
            subject: "rf-acme".to_owned(),
            found: "no member".to_owned(),
            expected: "a member".to_owned(),
            since,
            seen_at: since,
            policy: DriftPolicy::Repair.as_str(),
            repair: RepairView::for_kind(kind),
            undone_by: None,
        }
    }
}
