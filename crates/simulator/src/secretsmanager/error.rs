//! How a request is refused.

use std::fmt::Display;

/// A refusal as it goes over the wire.
///
/// The protocol (AWS JSON 1.1) has no status per error: every fault of the caller is a 400,
/// [`ResourceNotFoundException`](SecretsError::not_found) too.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub(crate) struct SecretsError {
    /// The wire code, sent as `__type`.
    pub(crate) code: &'static str,
    /// The text for people.
    pub(crate) message: String,
    /// The HTTP status.
    pub(crate) status: u16,
}

impl SecretsError {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), status: 400 }
    }

    pub(super) fn unknown_operation() -> Self {
        Self::new("UnknownOperationException", "")
    }

    /// The body is JSON, but not of the shape the operation's input has.
    pub(super) fn serialization(message: impl Into<String>) -> Self {
        Self::new("SerializationException", message)
    }

    pub(super) fn validation(message: impl Into<String>) -> Self {
        Self::new("ValidationException", message)
    }

    /// A member breaks a constraint of the service's model.
    ///
    /// `value` is `None` for sensitive members, whose value must not be repeated.
    pub(super) fn constraint(value: Option<&dyn Display>, path: &str, rule: &str) -> Self {
        let shown = value.map_or_else(String::new, |value| format!(" '{value}'"));
        Self::validation(format!(
            "1 validation error detected: Value{shown} at '{path}' failed to satisfy constraint: Member must {rule}"
        ))
    }

    pub(super) fn invalid_parameter(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterException", message)
    }

    pub(super) fn invalid_request(message: impl Into<String>) -> Self {
        Self::new("InvalidRequestException", message)
    }

    pub(super) fn invalid_next_token() -> Self {
        Self::new("InvalidNextTokenException", "Invalid NextToken.")
    }

    pub(super) fn limit_exceeded(message: impl Into<String>) -> Self {
        Self::new("LimitExceededException", message)
    }

    pub(super) fn exists(message: impl Into<String>) -> Self {
        Self::new("ResourceExistsException", message)
    }

    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::new("ResourceNotFoundException", message)
    }

    pub(super) fn no_such_secret() -> Self {
        Self::not_found("Secrets Manager can't find the specified secret.")
    }

    /// `what` names the version that was asked for: `VersionId: …` or `staging label: …`.
    pub(super) fn no_such_value(what: impl Display) -> Self {
        Self::not_found(format!("Secrets Manager can't find the specified secret value for {what}"))
    }

    pub(super) fn marked_for_deletion() -> Self {
        Self::invalid_request(
            "You can't perform this operation on the secret because it was marked for deletion.",
        )
    }
}
