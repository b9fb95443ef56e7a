//! What a failed call means, decided once.

use std::{error::Error, time::Duration};

use aws_sdk_elasticache::error::{ProvideErrorMetadata, SdkError};

use super::role;
use crate::domain::Password;

/// A call that did not answer as hoped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{operation} failed ({kind:?}): {detail}")]
pub struct CloudError {
    /// The operation, as AWS names it.
    pub operation: &'static str,
    /// What the caller can do about it.
    pub kind: CloudErrorKind,
    /// AWS's error code, if it gave one.
    pub code: Option<String>,
    /// AWS's message or ours; holds no secret.
    pub detail: String,
}

/// What a caller can do about a failed call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloudErrorKind {
    /// No answer, or a failure on AWS's side. The call may have had its effect: look before it is
    /// sent again.
    Unknown,
    /// Too many calls, by AWS's count or by ours: later.
    Throttled,
    /// The user or the group is being changed: later.
    Busy,
    /// There is no such thing (or it is not visible yet).
    NotFound,
    /// There is one already.
    AlreadyExists,
    /// Credentials or permissions do not allow it. Somebody has to act, but not on this tenant.
    Denied,
    /// The call is wrong, or over a quota. Sending it again does not help.
    Refused,
}

impl CloudErrorKind {
    /// The name of it in metrics and traces.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Throttled => "throttled",
            Self::Busy => "busy",
            Self::NotFound => "not-found",
            Self::AlreadyExists => "already-exists",
            Self::Denied => "denied",
            Self::Refused => "refused",
        }
    }
}

impl CloudError {
    /// Whether AWS gave this code. Some faults are not modelled on every operation, so the code
    /// is compared and not the SDK's variant.
    #[must_use]
    pub fn is(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }

    /// Whether it stays so until somebody does something about it.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        matches!(self.kind, CloudErrorKind::Denied | CloudErrorKind::Refused)
    }

    /// Makes sure that a password that was sent cannot come back in the message.
    #[must_use]
    pub(super) fn without(mut self, password: &Password) -> Self {
        self.detail = self.detail.replace(password.expose(), "[redacted]");
        self
    }

    /// Classifies what the SDK gives.
    pub(super) fn new<E>(operation: &'static str, error: &SdkError<E>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        if let Some(refusal) = role::refusal(error) {
            return refusal;
        }
        let code = error.code().map(ToOwned::to_owned);
        let kind = match (error, &code) {
            (SdkError::ServiceError(service), Some(code)) => {
                classify(code, service.raw().status().as_u16())
            }
            // Nothing was sent: the request could not be built or signed.
            (SdkError::ConstructionFailure(_), _) => CloudErrorKind::Refused,
            // Also a success whose body cannot be read, which arrives as an error without a code.
            _ => CloudErrorKind::Unknown,
        };
        let detail = match (&code, error.message()) {
            (Some(code), Some(message)) => format!("{code}: {message}"),
            (Some(code), None) => code.clone(),
            (None, _) => transport_failure(error).to_owned(),
        };
        Self { operation, kind, code, detail }
    }

    /// A call that had to wait for too many others.
    pub(super) fn not_sent(operation: &'static str, wait_max: Duration) -> Self {
        Self {
            operation,
            kind: CloudErrorKind::Throttled,
            code: None,
            detail: format!(
                "not sent: at the pace that AWS lets through now its turn does not come within \
                 {wait_max:?}"
            ),
        }
    }

    /// An answer that lacks what it must have.
    pub(super) fn incomplete(operation: &'static str, missing: &str) -> Self {
        Self {
            operation,
            kind: CloudErrorKind::Unknown,
            code: None,
            detail: format!("the answer holds no {missing}"),
        }
    }

    /// A listing whose task did not come to its end.
    pub(super) fn cut_short(operation: &'static str) -> Self {
        Self {
            operation,
            kind: CloudErrorKind::Unknown,
            code: None,
            detail: "the listing was cut short".to_owned(),
        }
    }

    /// A thing that AWS does not list.
    pub(super) fn not_found(operation: &'static str, what: &str) -> Self {
        Self {
            operation,
            kind: CloudErrorKind::NotFound,
            code: None,
            detail: format!("AWS lists no {what}"),
        }
    }
}

fn transport_failure<E>(error: &SdkError<E>) -> &'static str {
    match error {
        SdkError::TimeoutError(_) => "no answer in time",
        SdkError::DispatchFailure(failure) if failure.is_timeout() => "no connection in time",
        // A connection that ends without an answer is of the "other" kind, and has a kind of its own.
        SdkError::DispatchFailure(failure) if failure.is_io() || failure.as_other().is_some() => {
            "the connection was refused or broke off"
        }
        SdkError::DispatchFailure(_) => "the call could not be sent (credentials? endpoint?)",
        SdkError::ConstructionFailure(_) => "the request could not be made",
        _ => "the answer could not be read",
    }
}

fn classify(code: &str, status: u16) -> CloudErrorKind {
    // `ElastiCache` names its faults with and without a suffix, by operation and protocol.
    match code.strip_suffix("Fault").unwrap_or(code) {
        "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "RequestLimitExceeded"
        | "TooManyRequestsException"
        | "APICallRateForCustomerExceeded" => CloudErrorKind::Throttled,
        "InvalidUserState" | "InvalidUserGroupState" | "InvalidReplicationGroupState" => {
            CloudErrorKind::Busy
        }
        "UserNotFound"
        | "UserGroupNotFound"
        | "ReplicationGroupNotFound"
        | "ServerlessCacheNotFound"
        | "ResourceNotFoundException" => CloudErrorKind::NotFound,
        "UserAlreadyExists" | "ResourceExistsException" => CloudErrorKind::AlreadyExists,
        "AccessDenied"
        | "AccessDeniedException"
        | "UnauthorizedOperation"
        | "ExpiredToken"
        | "ExpiredTokenException"
        | "RequestExpired"
        | "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "MissingAuthenticationToken"
        | "RegionDisabledException"
        | "SignatureDoesNotMatch"
        | "DecryptionFailure"
        | "EncryptionFailure" => CloudErrorKind::Denied,
        "InternalFailure" | "InternalServiceError" | "ServiceUnavailable" => {
            CloudErrorKind::Unknown
        }
        _ if status >= 500 => CloudErrorKind::Unknown,
        _ => CloudErrorKind::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_known_with_and_without_their_suffix() {
        for code in ["UserNotFound", "UserNotFoundFault"] {
            assert_eq!(classify(code, 404), CloudErrorKind::NotFound);
        }
        assert_eq!(classify("InvalidUserGroupState", 400), CloudErrorKind::Busy);
        assert_eq!(classify("UserGroupQuotaExceeded", 400), CloudErrorKind::Refused);
        assert_eq!(classify("Whatever", 503), CloudErrorKind::Unknown);
    }

    #[test]
    fn a_password_cannot_come_back_in_a_message() {
        let password = Password::new("0123456789abcdef".to_owned());
        let error = CloudError {
            operation: "CreateUser",
            kind: CloudErrorKind::Refused,
            code: None,
            detail: "bad value 0123456789abcdef".to_owned(),
        };
        assert_eq!(error.without(&password).detail, "bad value [redacted]");
    }
}
