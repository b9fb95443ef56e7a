//! What a failed step means for its tenant.

use crate::{
    cloud::{CloudError, CloudErrorKind},
    domain::{Attestation, IllegalRotation, IllegalTransition, NotConfigured, TenantProblemCode},
    store::StoreError,
};

/// Why a step did not bring its tenant forward.
#[derive(Debug)]
pub(super) enum StepError {
    /// AWS is at work on the thing: no failure, look again.
    Busy,
    /// Something stands in the way, and the caller should know.
    Problem {
        code: TenantProblemCode,
        detail: String,
        /// The attestation that showed it.
        attestation: Option<Box<Attestation>>,
    },
    /// The store could not be read or written.
    Store(StoreError),
    /// The plan proposed what the phase refuses: a mistake in this program.
    Illegal(IllegalTransition),
    /// The same of a rotation.
    IllegalRotation(IllegalRotation),
}

impl StepError {
    pub(super) fn problem(code: TenantProblemCode, detail: impl Into<String>) -> Self {
        Self::Problem { code, detail: detail.into(), attestation: None }
    }
}

impl From<NotConfigured> for StepError {
    fn from(error: NotConfigured) -> Self {
        Self::problem(TenantProblemCode::ProfileNotConfigured, error.to_string())
    }
}

impl From<StoreError> for StepError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<IllegalTransition> for StepError {
    fn from(error: IllegalTransition) -> Self {
        Self::Illegal(error)
    }
}

impl From<IllegalRotation> for StepError {
    fn from(error: IllegalRotation) -> Self {
        Self::IllegalRotation(error)
    }
}

impl From<CloudError> for StepError {
    /// What a failure means where the step knows nothing more special.
    fn from(error: CloudError) -> Self {
        let code = match error.kind {
            CloudErrorKind::Busy => return Self::Busy,
            CloudErrorKind::Throttled => TenantProblemCode::CloudThrottled,
            CloudErrorKind::Denied => TenantProblemCode::CloudDenied,
            CloudErrorKind::Refused if error.is("UserQuotaExceeded") => {
                TenantProblemCode::UserQuotaExceeded
            }
            CloudErrorKind::Refused => TenantProblemCode::CloudRefused,
            // "Not found" and "already exists" contradict what was just seen: AWS's parts do not
            // yet agree with each other. Time cures that.
            CloudErrorKind::Unknown | CloudErrorKind::NotFound | CloudErrorKind::AlreadyExists => {
                TenantProblemCode::CloudUnavailable
            }
        };
        Self::problem(code, format!("{}: {}", error.operation, error.detail))
    }
}
