//! How a user proves who it is, as callers say and see it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::Auth;

/// How a user proves who it is.
///
/// * `password`: by a password that Ringfence makes and keeps in Secrets Manager.
/// * `iam`: by a token that the client signs with its own AWS credentials; there is no password, and
///   no secret.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
#[schema(as = Authentication)]
pub(in crate::api) enum AuthText {
    #[default]
    Password,
    Iam,
}

impl From<AuthText> for Auth {
    fn from(text: AuthText) -> Self {
        match text {
            AuthText::Password => Self::Password,
            AuthText::Iam => Self::Iam,
        }
    }
}

impl From<Auth> for AuthText {
    fn from(auth: Auth) -> Self {
        match auth {
            Auth::Password => Self::Password,
            Auth::Iam => Self::Iam,
        }
    }
}
