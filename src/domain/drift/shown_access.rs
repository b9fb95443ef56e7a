//! What AWS made of an access string.

use uuid::Uuid;

/// A name for an access string as AWS showed it when its user was attested.
///
/// AWS rewrites access strings, and may do so in ways that nobody has told of. A user that was found
/// fenced with the string that was shown then has not been changed as long as that one is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShownAccess(pub Uuid);

impl ShownAccess {
    /// The name of this text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(Uuid::new_v5(&NAMESPACE, text.as_bytes()))
    }
}

/// They are UUIDs of version 5 (RFC 9562) in this namespace.
const NAMESPACE: Uuid = Uuid::from_u128(0x2f0c_9b1e_7a54_4d0b_9a41_8f6c_1f3d_55e2);
