//! Keeping passwords and secret values out of the log of calls.

use serde_json::Value;

/// What is shown in place of a password or a secret value.
pub(crate) const REDACTED: &str = "(redacted)";

/// A Secrets Manager request without the values in it.
pub(crate) fn redacted(body: &Value) -> Value {
    let mut shown = body.clone();
    for name in ["SecretString", "SecretBinary"] {
        if let Some(value) = shown.get_mut(name) {
            *value = Value::from(REDACTED);
        }
    }
    shown
}
