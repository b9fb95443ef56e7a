//! Rows of attestations become domain values here, or are refused.

use jiff::Timestamp;
use sqlx::FromRow;
use uuid::Uuid;

use super::{StoreError, evidence_column};
use crate::domain::{
    Attestation, AttestationId, AttestationVerdict, CacheUserId, Finding, Probe, RequestId,
    TenantId, UserName, VerdictKind,
};

/// A row of `attestations` as SQLite gives it, with its user's name.
#[derive(FromRow)]
pub(super) struct AttestationRow {
    id: String,
    tenant_id: String,
    user: String,
    user_name: String,
    requested_at: i64,
    request_id: Option<String>,
    found_at: Option<i64>,
    verdict: Option<String>,
    why: Option<String>,
    engine: Option<String>,
    access_string: Option<String>,
    probes: Option<String>,
}

impl TryFrom<AttestationRow> for Attestation {
    type Error = StoreError;

    fn try_from(row: AttestationRow) -> Result<Self, StoreError> {
        let id = row.id.clone();
        read(row).map_err(|why| StoreError::Inconsistent { table: "attestations", id, why })
    }
}

fn read(row: AttestationRow) -> Result<Attestation, String> {
    let uuid = |text: &str| Uuid::parse_str(text).map_err(|error| format!("{text:?}: {error}"));
    let time = |ms| Timestamp::from_millisecond(ms).map_err(|error| error.to_string());
    let finding = match (row.found_at, row.verdict, row.engine, row.access_string, row.probes) {
        (None, None, None, None, None) => None,
        (Some(at), Some(verdict), Some(engine), Some(access_string), Some(probes)) => {
            let evidence = evidence_column::read(&probes)?;
            let kind = verdict.parse().map_err(|error| format!("verdict: {error}"))?;
            let verdict = read_verdict(kind, &evidence.probes, row.why)?;
            Some(Finding { at: time(at)?, verdict, engine, access_string, evidence })
        }
        _ => return Err("a finding is half there".to_owned()),
    };
    Ok(Attestation {
        id: AttestationId(uuid(&row.id)?),
        tenant: TenantId(uuid(&row.tenant_id)?),
        user: CacheUserId(uuid(&row.user)?),
        user_name: UserName::new(row.user_name),
        requested_at: time(row.requested_at)?,
        requested_by: row.request_id.map(RequestId),
        finding,
    })
}

/// The evidence is in the probes; only a verdict without probes has words of its own.
fn read_verdict(
    kind: VerdictKind,
    probes: &[Probe],
    why: Option<String>,
) -> Result<AttestationVerdict, String> {
    match (kind, why) {
        (VerdictKind::LoginRefused, None) => Ok(AttestationVerdict::login_refused(probes)),
        (VerdictKind::Inconclusive, Some(why)) => Ok(AttestationVerdict::Inconclusive { why }),
        (VerdictKind::Isolated | VerdictKind::Leaky | VerdictKind::TooTight, None) => {
            Ok(AttestationVerdict::of(probes))
        }
        (kind, why) => Err(format!("verdict {kind} with why {why:?}")),
    }
}
