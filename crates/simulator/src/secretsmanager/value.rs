//! The values that secrets keep.

use std::fmt::{self, Write as _};

use aws_lc_rs::digest::{SHA256, digest};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Call;
use super::error::SecretsError;
use super::fields::{Fields, length_rule};

/// What a version of a secret holds. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum SecretValue {
    /// Given as `SecretString`.
    Text(String),
    /// Given as `SecretBinary`, here without its Base64.
    Binary(Vec<u8>),
}

impl SecretValue {
    /// The `SecretString` or `SecretBinary` of a request. `None` if it has neither.
    pub(super) fn from_fields(
        fields: &Fields<'_>,
        call: &Call<'_>,
    ) -> Result<Option<Self>, SecretsError> {
        let text = fields.raw_text("SecretString")?;
        let binary = fields.raw_text("SecretBinary")?;
        let (member, value) = match (text, binary) {
            (None, None) => return Ok(None),
            (Some(text), None) => ("SecretString", Self::Text(text.to_owned())),
            (None, Some(base64)) => ("SecretBinary", Self::Binary(decode(base64)?)),
            (Some(_), Some(_)) => {
                return Err(SecretsError::invalid_parameter(
                    "You can't specify both a binary secret value and a string secret value in the same secret.",
                ));
            }
        };
        match length_rule(value.bytes().len(), &(1..=call.quotas.value_bytes)) {
            Some(rule) => Err(SecretsError::constraint(None, &fields.path_of(member), &rule)),
            None => Ok(Some(value)),
        }
    }

    /// The member of a response that carries this value.
    pub(super) fn member(&self) -> (&'static str, Value) {
        match self {
            Self::Text(text) => ("SecretString", json!(text)),
            Self::Binary(bytes) => ("SecretBinary", json!(BASE64_STANDARD.encode(bytes))),
        }
    }

    /// The value's SHA-256 in hexadecimal: enough to compare values without seeing them.
    pub(super) fn sha256(&self) -> String {
        let mut text = String::new();
        for byte in digest(&SHA256, self.bytes()).as_ref() {
            write!(text, "{byte:02x}").expect("writing to a String cannot fail");
        }
        text
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(bytes) => bytes,
        }
    }
}

impl fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretValue(…)")
    }
}

fn decode(base64: &str) -> Result<Vec<u8>, SecretsError> {
    // The decoder's own error names the offending byte, which is a byte of the secret.
    BASE64_STANDARD
        .decode(base64)
        .map_err(|_| SecretsError::serialization("Invalid Base64 in SecretBinary"))
}
