//! The key that tokens are signed with.

use std::fmt;

use crate::redact::REDACTED;

/// An access key of AWS, as the clients that make tokens have it. `Debug` does not show the secret.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessKey {
    /// What `AWS_ACCESS_KEY_ID` is set to.
    pub id: String,
    /// What `AWS_SECRET_ACCESS_KEY` is set to.
    pub secret: String,
}

impl fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessKey").field("id", &self.id).field("secret", &REDACTED).finish()
    }
}
